"""The rows in files of entries: what one machine exports of an answer to another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from spendlight.errors import UsageError
from spendlight.metering.described_blocks import MOST_BLOCK_DOLLARS, MOST_BLOCK_TOKENS
from spendlight.metering.entry import CLAUDE_CODE, MAX_COUNT, MAX_DOLLARS, MAX_OFFSET, Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSION: Final = 1
"""Version of the format. Increased when an older Spendlight would misread what is written."""

MOST_DIGITS: Final = 9
"""The most digits of a version."""

KIND: Final = "entries"
FOREIGN: Final = "it contains no entries exported by Spendlight"

ROLE_NAMES: Final = {
    Role.ATTEMPT: "attempt",
    Role.COMPACTION: "compaction",
    Role.REFUSED: "refused",
    Role.ASSUMED: "assumed",
}
"""The names in rows of roles other than the answer and advisors."""

_HASH: Final = "[0-7][0-9a-f]{15}"
_HASH_LETTERS: Final = 16
_KEY: Final = "[0-9a-f]{16}"
_LOG: Final = ".jsonl"

Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_BLOCK_TOKENS)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=MAX_OFFSET)]
Dollars = Annotated[float, msgspec.Meta(ge=-MOST_BLOCK_DOLLARS, le=MOST_BLOCK_DOLLARS)]
Hash = Annotated[str, msgspec.Meta(pattern=f"^{_HASH}$")]
Key = Annotated[str, msgspec.Meta(pattern=f"^{_KEY}$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class ImportFileError(UsageError):
    """A file that cannot be imported."""

    def __init__(self, path: Path, reason: str, advice: str = "") -> None:
        super().__init__(
            f"{path} was not imported: {reason}",
            advice or "Nothing in it was imported. Export it again with 'spendlight export'.",
        )


class EntryRow(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True, gc=False):
    """One copy of an answer, with everything known about it.

    Attributes:
        timestamp: When, in UTC.
        machine: The machine it is on; a virtual one has its own name.
        role: Its role if it is not an ordinary answer: "attempt", "compaction",
            "refused" or "assumed".
        cost: Its cost in reports, in dollars, 0 if another copy counts; for people only, as it
            depends on the price list. None if its model has no known price.
        recorded_cost: The cost that Claude Code recorded with the answer, in dollars.
        limit_reset: When the usage limit that it reports ends.
        is_counted: Whether reports count this copy of the answer.
        path: Its log.
        offset: Where its line begins in the log, in bytes.
        root: The data folder of the log.
        vm_of: The data folder whose ``vms`` contains the root, or "".
        machine_id: The key of the machine whose ledger found it.
        agent: The coding agent whose log it is.
        tools: The names of the tools that it called, see `tool_names`; "" if that is not known.
        title: The session's title, and in *title_kind* who gave it; in the first row of a log.
        pull_requests: The addresses of those that the log links to the session, separated by
            blanks; likewise.
        reasoning_tokens: Those of the output tokens that the model thought with.
    """

    timestamp: str
    machine: Text
    project: str
    project_path: str
    session_id: str
    model: str
    is_fast: bool = False
    inference_geo: str = ""
    is_advisor: bool = False
    role: str = ""
    input_tokens: Count
    output_tokens: Count
    cache_creation_5m_tokens: Count = msgspec.field(name="cacheCreation5mTokens")
    cache_creation_1h_tokens: Count = msgspec.field(name="cacheCreation1hTokens")
    cache_read_tokens: Count
    web_search_requests: Count = 0
    reasoning_tokens: Count = 0
    cost: float | None
    recorded_cost: Dollars | None = None
    limit_reset: str | None = None
    is_counted: bool
    is_sidechain: bool = False
    has_speed: bool = False
    answer: Hash
    request: Hash
    path: Annotated[str, msgspec.Meta(pattern=f"{re.escape(_LOG)}$")]
    offset: Offset
    root: Text
    vm_of: str = ""
    machine_id: Key
    agent: Text = CLAUDE_CODE
    folder: str = ""
    branch: str = ""
    agent_id: str = ""
    agent_type: str = ""
    skill: str = ""
    plugin: str = ""
    mcp_server: str = ""
    mcp_tool: str = ""
    effort: str = ""
    entry_point: str = ""
    claude_version: str = ""
    service_tier: str = ""
    repository: str = ""
    tools: str = ""
    title: str = ""
    title_kind: str = ""
    pull_requests: str = ""


class QuickRow(EntryRow, rename="camel", kw_only=True, omit_defaults=True, gc=False):
    """A row whose hashes, log and machine are not checked yet, decoded in a third of the time."""

    answer: str
    request: str
    path: str
    machine_id: str


def are_valid(rows: Sequence[QuickRow]) -> bool:
    """Return whether rows contain what an `EntryRow` may contain: one search for all of them."""
    hashes = [row.answer for row in rows] + [row.request for row in rows]
    return (
        set(map(len, hashes)) <= {_HASH_LETTERS}
        and _HASHES.fullmatch("".join(hashes)) is not None
        and all(path.endswith(_LOG) for path in {row.path for row in rows})
        and all(map(_KEYS.fullmatch, {row.machine_id for row in rows}))
    )


_HASHES: Final = re.compile(f"(?:{_HASH})*")
_KEYS: Final = re.compile(_KEY)

NAMES: Final = tuple(field.encode_name for field in msgspec.structs.fields(EntryRow))
"""The names of a row's fields in files, in order."""

TOLD: Final = NAMES[NAMES.index("folder") :]
"""Those of the fields that tell of an answer's circumstances; earlier versions wrote none."""

OPTIONAL: Final = frozenset({"cost", "recordedCost", "limitReset"})
"""Fields that may be missing, or empty in CSV."""


class Header(msgspec.Struct, rename="camel"):
    """The header before the entries in JSON.

    Attributes:
        exported_at: When it was written, in UTC.
        machine: The name of the machine that wrote it.
        machine_id: That machine's key.
    """

    spendlight: str
    version: int
    exported_at: str = ""
    machine: str = ""
    machine_id: str = ""


def demand_version(found: int, path: Path, known: int = VERSION) -> None:
    """Make sure that this program understands a file's version.

    Args:
        found: The version of the file.
        path: The file.
        known: The latest version that is understood.

    Raises:
        ImportFileError: If it is newer.
    """
    if found > known:
        raise ImportFileError(
            path,
            (
                f"it was written by a newer version of Spendlight (format {found}; this version "
                f"reads up to {known})"
            ),
            "Nothing in it was imported. Please update Spendlight.",
        )


def impossible(row: EntryRow) -> str:
    """Return what is impossible in an answer, or "" if nothing is."""
    most = max(
        row.input_tokens,
        row.output_tokens,
        row.cache_creation_5m_tokens,
        row.cache_creation_1h_tokens,
        row.cache_read_tokens,
        row.web_search_requests,
    )
    if most > MAX_COUNT:
        return f"one answer cannot have {most:,} tokens or web searches"
    if row.reasoning_tokens > row.output_tokens:
        return (
            f"{row.reasoning_tokens:,} tokens of reasoning cannot be contained in"
            f" {row.output_tokens:,} of output"
        )
    if row.recorded_cost is not None and abs(row.recorded_cost) > MAX_DOLLARS:
        return f"one answer cannot have cost {row.recorded_cost:,g} dollars"
    return ""
