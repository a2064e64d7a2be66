"""One answer of the model as a log recorded it, and which of its copies counts."""

from __future__ import annotations

from enum import IntEnum
from typing import Final
from zlib import crc32

from spendlight.values import NamedTuple

CLAUDE_CODE: Final = "claude-code"
"""The coding agent of usage, unless another one is named. These names are stored in the ledger, so
they never change."""

MAX_COUNT: Final = 2**32 - 1
"""The most tokens of a kind, or web searches, that are accepted for one answer.

It is a thousand times what the models with the longest contexts can read. The sum of two billion
such answers still fits into the 63 bits of SQLite's integers.
"""

MAX_DOLLARS: Final = 1e6
"""The highest cost, or credit, that is accepted for one answer: `MAX_COUNT` tokens at most list
prices."""

MAX_OFFSET: Final = 2**53
"""No log is longer than this, in bytes."""

SYNTHETIC_MODEL = "<synthetic>"
"""The model name that Claude Code writes on messages it made up itself; no model was paid."""


ASSUMED_MARK: Final = " (assumed)"
"""Ends the label of a model that its log does not name."""


class TokenCounts(NamedTuple):
    """Tokens by kind. Output includes thinking; nothing is counted twice.

    Attributes:
        cache_write_5m: Written to the prompt cache for five minutes.
        cache_write_1h: Written to the prompt cache for one hour.
    """

    input: int = 0
    output: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0

    @property
    def cache_write(self) -> int:
        """Tokens written to the prompt cache, whatever its lifetime."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def context(self) -> int:
        """The tokens that the model had to read: input, cache writes and cache reads."""
        return self.input + self.cache_write + self.cache_read

    @property
    def total(self) -> int:
        """Tokens of every kind."""
        return self.context + self.output

    def __add__(self, other: TokenCounts) -> TokenCounts:  # type: ignore[override]  # a sum, not a row
        return TokenCounts(
            self.input + other.input,
            self.output + other.output,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.cache_read + other.cache_read,
        )


class Role(IntEnum):
    """What a request to a model was for. These numbers are stored in the ledger: none ever changes.

    Attributes:
        ANSWER: The answer itself.
        ADVISOR: The answer of an advisor that was asked within an answer. Its cost is always
            calculated, and its label never says "-fast" (like ccusage 20.0.24).
        ATTEMPT: Refused after some output, so that another model gave the answer. It is billed at
            its own model's price.
        COMPACTION: Summarized the conversation before the answer.
        REFUSED: Refused before any output, which is not billed.
        ASSUMED: The answer itself, of a model that the log does not name: of its agent's default
            at that time.
    """

    ANSWER = 0
    ADVISOR = 1
    ATTEMPT = 2
    COMPACTION = 3
    REFUSED = 4
    ASSUMED = 5

    @property
    def words(self) -> str:
        """Its name in lists of single answers; empty for an answer."""
        return _ROLE_WORDS[self]


_ROLE_WORDS = (
    "",
    "advisor",
    "fallback attempt",
    "compaction",
    "refused, not billed",
    "model assumed",
)


class ModelVariant(NamedTuple):
    """A model and what else decides the price of its tokens.

    Attributes:
        name: The model as logged; empty if the log names none.
        is_fast: Whether it ran at the fast speed, which costs a multiple.
        geo: The ``inference_geo`` if it changes the price ("us"), otherwise empty.
        role: What the request was for.
    """

    name: str
    is_fast: bool = False
    geo: str = ""
    role: Role = Role.ANSWER

    @property
    def label(self) -> str:
        """Its name in reports; empty for no model and for synthetic messages."""
        if self.name in ("", SYNTHETIC_MODEL):
            return ""
        is_marked = self.is_fast and self.role is not Role.ADVISOR
        name = f"{self.name}-fast" if is_marked else self.name
        return f"{name}{ASSUMED_MARK}" if self.role is Role.ASSUMED else name

    @property
    def number(self) -> int:
        """Its number, which is the same in every process and never changes."""
        role = bool(self.role) if self.role <= Role.ADVISOR else int(self.role)  # as before
        return crc32(repr((*self[:3], role)).encode("utf-8", "replace"))

    @property
    def is_paid(self) -> bool:
        """Whether a model answered at all, so that there is a price to pay."""
        return self.name not in ("", SYNTHETIC_MODEL) and self.role is not Role.REFUSED


class SessionName(NamedTuple):
    """The session that a log's path names.

    Attributes:
        project: The first folder below ``projects``.
        project_path: All folders that lead to the session, joined by "/".
        session: The session's id.
    """

    project: str
    project_path: str
    session: str


NO_SESSION = SessionName("", "", "")
"""Used where the usage of several sessions is summed."""


IS_SIDECHAIN = 1
HAS_SPEED = 2
IS_REFUSED = 4


class UsageEntry(NamedTuple):
    """One copy of one answer, as found in a log.

    A named tuple of plain numbers, because a first scan makes half a million of them and writes
    them as they are.

    Attributes:
        answer: 64-bit signed hash of the message id; the same in every copy of an answer.
        request: 64-bit signed hash of what else identifies the answer: the request id, or the
            session if there is none, or the line itself if there is no message id.
        at_ms: Unix time in milliseconds.
        file: The number of the file it is in.
        offset: Where its line starts in the file, in bytes.
        variant: The `ModelVariant.number` of the model.
        flags: `IS_SIDECHAIN` (a subagent's, or a replay), `HAS_SPEED` (names its speed) and
            `IS_REFUSED` (was refused before any output).
        web_searches: Web searches made by the server for this answer.
        recorded_cost: The cost in dollars that Claude Code recorded with the answer, if any.
        limit_reset_ms: When a usage limit ends, if the answer says that one was reached.
        attribution: The `Attribution.number` of what is known of its circumstances.
        tools: The `tools_number` of the tools that it called.
        reasoning: Tokens of reasoning, which are contained in *output*; 0 if the log does not
            tell them apart.
    """

    answer: int
    request: int
    at_ms: int
    file: int
    offset: int
    variant: int
    flags: int
    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    web_searches: int = 0
    recorded_cost: float | None = None
    limit_reset_ms: int | None = None
    attribution: int = 0
    tools: int = 0
    reasoning: int = 0

    @property
    def tokens(self) -> TokenCounts:
        """The tokens by kind."""
        return TokenCounts._make(self[7:12])

    @property
    def context(self) -> int:
        """Tokens that the request read, from a cache or not."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read

    @property
    def total(self) -> int:
        """Tokens of every kind."""
        return sum(self[7:12])

    @property
    def is_sidechain(self) -> bool:
        """Whether the copy is on a side chain."""
        return bool(self.flags & IS_SIDECHAIN)

    @property
    def has_speed(self) -> bool:
        """Whether the copy names its speed; breaks ties between equal copies."""
        return bool(self.flags & HAS_SPEED)

    @property
    def is_refused(self) -> bool:
        """Whether the copy says that the request was refused before any output."""
        return bool(self.flags & IS_REFUSED)


Rank = tuple[bool, int, bool, bool, str, int]
"""Compares copies of one answer; the smallest counts. See `rank`."""


def rank(entry: UsageEntry, path: str) -> Rank:
    """Return the rank of a copy among the copies of its answer; the smallest counts.

    The main chain comes before a side chain, then the fullest copy, then one that says it was
    refused, then one that names its speed, then the earlier in path order. The rank depends on the
    copy alone, never on which was read first.

    Args:
        entry: The copy.
        path: The full path of its file.
    """
    return (
        entry.is_sidechain,
        -entry.total,
        not entry.is_refused,
        not entry.has_speed,
        path,
        entry.offset,
    )


class LineProblem(NamedTuple):
    """A line that should have been an answer and is not, or not completely.

    Attributes:
        path: The full path of the file.
        offset: Where the line starts, in bytes.
        is_counted: Whether its answer was counted nevertheless.
    """

    path: str
    offset: int
    reason: str
    is_counted: bool = False
