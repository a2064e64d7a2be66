"""The contents of a range of a log."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.packed import NOTHING, PackedEntries
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName, UsageEntry
    from spendlight.metering.packed_logs import PackedLogs
    from spendlight.metering.session_notes import SessionNote

_NOTHING: Final[MappingProxyType[int, Any]] = MappingProxyType({})


class SessionUsage(NamedTuple):
    """What a database contains of one session.

    Attributes:
        session: The session.
        entries: Its answers, without the number of a log.
        notes: What the database says about it beside them.
    """

    session: SessionName
    entries: Sequence[UsageEntry]
    notes: Sequence[SessionNote] = ()


class ParsedRange:
    """The contents of a range of a file.

    Attributes:
        start: Where reading began; 0 if the file turned out to be another one.
        end: Where the next pass continues: after the last whole line; or `IN_LINE`.
        fingerprint: Of the bytes before *end*.
        packed: The answers, each once.
        variants: The models that the entries refer to by number.
        attributions: What is known of their circumstances, by number.
        tools: The tools that they called, by number.
        sessions: From which offset on answers name which session; see `sessions_by_offset`.
        failure: Why the file could not be read to its end, in the system's words.
        owner: The session that the contents name; None if they say nothing new.
        state: What the parser must remember to continue at *end*; kept with the file's mark and
            passed back as `ReadJob.state`. None if nothing.
        notes: What the log says about sessions beside their answers, in the order of its lines.
        of_sessions: What is new of each session, if the file is a database: the ledger keeps each
            session's answers as a log of its own, see `session_log`.
    """

    __slots__ = (
        "attributions",
        "end",
        "failure",
        "fingerprint",
        "job",
        "notes",
        "of_sessions",
        "owner",
        "packed",
        "problems",
        "sessions",
        "start",
        "state",
        "tools",
        "variants",
    )

    def __init__(  # noqa: PLR0913, PLR0917  # all that a range may hold
        self,
        job: ReadJob,
        start: int,
        end: int,
        fingerprint: int = 0,
        packed: PackedEntries = NOTHING,
        variants: dict[int, ModelVariant] | None = None,
        problems: list[LineProblem] | None = None,
        failure: str | None = None,
        sessions: list[tuple[int, str]] | None = None,
        owner: SessionName | None = None,
        state: bytes | None = None,
    ) -> None:
        self.job = job
        self.start = start
        self.end = end
        self.fingerprint = fingerprint
        self.packed = packed
        self.variants = variants or {}
        self.problems = problems or []
        self.failure = failure
        self.sessions = sessions or []
        self.owner = owner
        self.state = state
        self.notes: Sequence[SessionNote] = ()
        self.of_sessions: Sequence[SessionUsage] = ()
        self.attributions: Mapping[int, Attribution] = _NOTHING
        self.tools: Mapping[int, Tools] = _NOTHING

    @property
    def entries(self) -> list[UsageEntry]:
        """The answers."""
        return self.packed.entries()


class ParsedLogs(NamedTuple):
    """The contents of several logs, all of each, in columns: there may be thousands.

    Attributes:
        jobs: The jobs that they were read for, and by position
        ends: where the next pass continues in each, and
        fingerprints: of the bytes before that.
        packed: The answers of those that have any.
        variants: As in `ParsedRange`, of all together; likewise the following.
        sessions: The sessions that answers name, by the log's number, if any do.
        notes: What the logs say about sessions, by their numbers.
    """

    jobs: Sequence[ReadJob]
    ends: Sequence[int]
    fingerprints: Sequence[int]
    packed: PackedLogs
    variants: Mapping[int, ModelVariant]
    attributions: Mapping[int, Attribution]
    tools: Mapping[int, Tools]
    sessions: Sequence[tuple[int, Sequence[tuple[int, str]]]] = ()
    notes: Sequence[tuple[int, Sequence[SessionNote]]] = ()


Parsed = ParsedRange | ParsedLogs
"""What a job has led to, or several jobs at once."""
