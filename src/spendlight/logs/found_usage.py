"""Gathers the answers that a log contains, from values as they were decoded."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.identities import hash_of
from spendlight.metering.attribution import NOT_KNOWN, Attribution, clean
from spendlight.metering.entry import (
    MAX_COUNT,
    MAX_DOLLARS,
    LineProblem,
    ModelVariant,
    TokenCounts,
    UsageEntry,
)
from spendlight.metering.packed import pack
from spendlight.metering.periods import TOO_LATE_MS, to_ms
from spendlight.metering.session_notes import MOST_TITLE, SessionTitle, TitleKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange
    from spendlight.metering.entry import SessionName
    from spendlight.metering.session_notes import SessionNote

_MOST_NAME: Final = 4096
"""More characters than any path or name has."""


class BadValueError(ValueError):
    """A value that no answer can have; its text says which."""


class FoundUsage:
    """The answers found in a log, or in a part of one.

    Args:
        job: What is read.
        agent: The name with which the keys of its answers begin.

    Attributes:
        owner: The session that they belong to, if the contents name it.
        notes: What the contents say about it beside its answers.
        problems: What should have been an answer and is not, or not completely.
    """

    def __init__(self, job: ReadJob, agent: str) -> None:
        self.owner: SessionName | None = None
        self.notes: list[SessionNote] = []
        self.problems: list[LineProblem] = []
        self.variants: dict[int, ModelVariant] = {}
        self.attributions: dict[int, Attribution] = {}
        self._entries: dict[int, UsageEntry] = {}
        self._job = job
        self._agent = agent

    @property
    def entries(self) -> Sequence[UsageEntry]:
        """The answers, each once."""
        return list(self._entries.values())

    def add(  # noqa: PLR0913  # all that may be known of an answer
        self,
        key: str,
        at_ms: int,
        model: str,
        tokens: TokenCounts,
        *,
        offset: int = 0,
        reasoning: int = 0,
        recorded_cost: float | None = None,
        told: Attribution = NOT_KNOWN,
        flags: int = 0,
    ) -> None:
        """Add an answer; of several with one key, the one with the most tokens counts.

        Args:
            key: What identifies it among all answers of the agent.
            at_ms: When, in Unix milliseconds.
            model: The model as logged.
            tokens: All of them, each in one kind.
            offset: Where it is in the log.
            reasoning: How many tokens of the output were not part of what was said.
            recorded_cost: In dollars, if the agent recorded it.
            told: Its circumstances.
            flags: As in `UsageEntry`.

        Raises:
            BadValueError: If a value is impossible.
        """
        if max(tokens) > MAX_COUNT:
            message = f"it has more than {MAX_COUNT:,} tokens of a kind"
            raise BadValueError(message)
        answer = hash_of(f"{self._agent}:{key}")
        variant = ModelVariant(model[:_MOST_NAME])
        entry = UsageEntry(
            answer,
            answer,
            at_ms,
            self._job.number,
            offset,
            variant.number,
            flags,
            *tokens,
            recorded_cost=recorded_cost,
            attribution=told.number,
            reasoning=min(reasoning, tokens.output),
        )
        held = self._entries.get(answer)
        if held is not None and held.total >= entry.total:
            return
        self._entries[answer] = entry
        self.variants[variant.number] = variant
        if told is not NOT_KNOWN:
            self.attributions[told.number] = told

    def problem(self, reason: str, offset: int = 0, *, is_counted: bool = False) -> None:
        """Note what should have been an answer, or more of one."""
        self.problems.append(LineProblem(self._job.name, offset, reason, is_counted))

    def title(self, text: object, kind: TitleKind = TitleKind.GENERATED) -> None:
        """Note the session's title, if there is one."""
        if isinstance(text, str) and text.strip():
            self.notes.append(SessionTitle(0, "", kind, text.strip()[:MOST_TITLE]))

    def give(self, parsed: ParsedRange) -> None:
        """Store what was found in the result of the job."""
        parsed.packed = pack(self._job.number, self.entries, self._job.context_thresholds)
        parsed.variants = self.variants
        parsed.attributions = self.attributions
        parsed.problems = self.problems
        parsed.owner = self.owner
        parsed.notes = self.notes


def as_object(value: object, name: str) -> Mapping[str, Any]:
    """Return a JSON object; none is an empty one.

    Raises:
        BadValueError: If it is anything else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"{name} is not an object"
        raise BadValueError(message)
    return value


def as_list(value: object, name: str) -> Sequence[Any]:
    """Return a JSON array; none is an empty one.

    Raises:
        BadValueError: If it is anything else.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        message = f"{name} is not an array"
        raise BadValueError(message)
    return value


def as_count(value: object, name: str) -> int:
    """Return a number of tokens; none is 0.

    Raises:
        BadValueError: If it is not a whole number, negative or impossibly high.
    """
    if value is None:
        return 0
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not is_whole or not 0 <= value <= MAX_COUNT:  # type: ignore[operator]  # a number
        message = f"{name} is not a possible number of tokens"
        raise BadValueError(message)
    return int(value)  # type: ignore[call-overload,no-any-return]  # a number


def as_dollars(value: object, name: str) -> float | None:
    """Return a cost that an agent recorded; None if it is 0, as agents write that for unknown.

    Raises:
        BadValueError: If it is not a possible cost.
    """
    if value is None or value == 0:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MAX_DOLLARS:  # type: ignore[operator]  # a number
        message = f"{name} is not a possible cost"
        raise BadValueError(message)
    return float(value)  # type: ignore[arg-type]  # a number


def as_text(value: object) -> str:
    """Return a name, or "" if it is anything else."""
    return clean(value[:_MOST_NAME]) if isinstance(value, str) else ""


def as_moment(value: object, name: str) -> int:
    """Return a moment in Unix milliseconds, given as such or as in RFC 3339; without zone in UTC.

    Raises:
        BadValueError: If it is none, or out of range.
    """
    at_ms: float = math.nan
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            at_ms = to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        at_ms = value
    if not 0 <= at_ms < TOO_LATE_MS:
        message = f"{name} is not a possible time"
        raise BadValueError(message)
    return int(at_ms)
