"""What is passed to the ledger to be written, and what it returns."""

from __future__ import annotations

from array import array
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.entry import CLAUDE_CODE
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from spendlight.ledger.known_answers import KnownAnswers
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName, UsageEntry
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.packed_logs import PackedLogs
    from spendlight.metering.session_notes import SessionNote
    from spendlight.metering.settling import Settler

_NOTHING: Final[Mapping[int, Any]] = MappingProxyType({})


class LogName(NamedTuple):
    """What the ledger stores of a log file when it first sees it.

    Attributes:
        path: In full.
        root: The data folder it is in.
        machine: The virtual machine of the root, or "".
        parent: The folder whose ``vms`` contains the root, or "".
        session: The session that its path names.
        first_name: The file's own name when it was first read, if that was different.
        agent: The coding agent whose data folder the root is.
    """

    path: str
    root: str
    machine: str
    parent: str
    session: SessionName
    first_name: str = ""
    agent: str = CLAUDE_CODE


class FileMark(NamedTuple):
    """How far a file was read, and what identified it then.

    Attributes:
        number: The file's number in the ledger.
        read_to: Where the next pass continues, in bytes.
        fingerprint: Of the bytes before that.
        first_name: The file's own name when it was first read, if that was different;
            it distinguishes lines without a message id.
        state: What the parser must remember of the part already read; None if nothing.
    """

    number: int
    size: int
    mtime_ns: int
    inode: int
    read_to: int
    fingerprint: int
    first_name: str = ""
    state: bytes | None = None


class NewLog(NamedTuple):
    """A log that is new to the ledger.

    Attributes:
        root: The number of its root.
        session: The number of its session.
        name: What the ledger stores of it.
    """

    root: int
    session: int
    name: LogName


class NewLogs:
    """Logs that are new to the ledger, whose rows are written once they have been read.

    Attributes:
        logs: Those that are not written yet, by their future numbers.
        sessions: The future numbers of their sessions that are not written yet.
        shared: Those of sessions that several logs have; None if it is not known yet.
        owned: The numbers of sessions that the contents of logs name, by root, path and id.
    """

    __slots__ = ("logs", "owned", "sessions", "shared")

    def __init__(self) -> None:
        self.logs: dict[int, NewLog] = {}
        self.sessions: set[int] = set()
        self.shared: set[int] | None = None
        self.owned: dict[tuple[object, ...], int] = {}


class NamedSession(NamedTuple):
    """The session that a file's answers name, from some offset on.

    Attributes:
        name: The session's id; "" means the one of the path.
        is_later_part: Whether the part before it may be written after this one.
    """

    file: int
    offset: int
    name: str
    is_later_part: bool = False


class Batch(NamedTuple):
    """The results of a part of a pass.

    Attributes:
        marks: How far the files were read.
        reread: The numbers of files read from their beginning: their known problems are void.
        packed: Entries, file by file; there may be copies among them.
        disputed: Entries of answers of which several copies were found, and which are in none of
            the former.
        variants: The models that the entries refer to by number.
        problems: Lines that should have been an answer and are not, by the file's number.
        context_thresholds: The context sizes by which the sums of the packed entries are
            separated; None means those of the ledger.
        sessions: The sessions that answers name, where that is not the session of the path.
        lost: Copies that do not count: file, answer, offset, and the file they lost to; 0 means
            any file of another session.
        owners: The sessions that the contents of files name, where their paths do not.
        settler: Compares the entries with their copies in the ledger; None means in Python.
        notes: What logs say about sessions beside their answers, by the file's number.
        new_logs: Those of the files that are new to the ledger, and possibly others.
        attributions: What is known of the circumstances of the entries, by number.
        tools: The tools that they called, by number.
        is_of_this_machine: Whether the folders in them are on this machine, where it may be found
            out to which repositories they belong.
        packed_logs: More entries, of whole logs.
        known: What the pass has written before; None if that is not known.
    """

    marks: Sequence[FileMark]
    reread: Collection[int]
    packed: Sequence[PackedEntries]
    disputed: Sequence[UsageEntry]
    variants: Mapping[int, ModelVariant]
    problems: Sequence[tuple[int, LineProblem]]
    context_thresholds: Sequence[int] | None = None
    sessions: Sequence[NamedSession] = ()
    lost: Sequence[tuple[int, int, int, int]] = ()
    owners: Sequence[tuple[int, SessionName]] = ()
    settler: Settler | None = None
    new_logs: NewLogs | None = None
    notes: Sequence[tuple[int, SessionNote]] = ()
    attributions: Mapping[int, Attribution] = _NOTHING
    tools: Mapping[int, Tools] = _NOTHING
    is_of_this_machine: bool = False
    packed_logs: Sequence[PackedLogs] = ()
    known: KnownAnswers | None = None

    @property
    def answers(self) -> list[bytes]:
        """The answers of all entries, in packed lists."""
        from spendlight.metering.byte_order import to_bytes  # most passes write nothing

        return [
            *(packed.answers for packed in self.packed),
            *(answers for logs in self.packed_logs for answers in logs.answers),
            to_bytes(array("q", [entry.answer for entry in self.disputed])),
        ]

    def expanded(self) -> Batch:
        """Return the same, with the entries of whole logs among the others."""
        more = [one for logs in self.packed_logs for one in logs.entries()]
        return self._replace(packed=[*self.packed, *more], packed_logs=()) if more else self


class Recorded(NamedTuple):
    """What was written.

    Attributes:
        new_answers: How many answers the ledger did not hold in any root.
        slots: The slots whose sums have changed.
        known_answers: Those of the answers passed that it held before, in any root.
    """

    new_answers: int
    slots: frozenset[int]
    known_answers: frozenset[int] = frozenset()
