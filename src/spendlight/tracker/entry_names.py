"""What a row in a file of entries says of an answer's circumstances, and of its session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spendlight.ledger.name_facts import NameFacts
from spendlight.metering.attribution import (
    UNKNOWN,
    Attribution,
    as_tools,
    clean,
    tools_number,
)
from spendlight.metering.session_notes import (
    MOST_TITLE,
    PullRequest,
    SessionTitle,
    TitleKind,
    is_web_address,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spendlight.metering.attribution import Tools
    from spendlight.metering.session_notes import SessionNote
    from spendlight.tracker.entry_rows import EntryRow

_NONE: Final = "-"
"""What is written if an answer called no tools."""

_KINDS: Final = {kind.name.lower(): kind for kind in TitleKind}
_BETWEEN: Final = re.compile(r"(?<!\\)((?:\\\\)*),")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MOST_NAME: Final = 2000
_ADDRESS: Final = re.compile(
    r"[^:]+://[^/]+/(?P<repository>.+?)/(?:-/)?(?:pull|pulls|pull-requests|merge_requests)/(?P<number>\d{1,15})"
)


def tool_names(tools: Tools | None) -> str:
    r"""Return the names of tools as they are written: "" if they are not known, "-" if none.

    >>> tool_names(("Bash", "a,b")), tool_names(()), tool_names(None)
    ('Bash,a\\\\,b', '-', '')
    """
    if not tools:
        return "" if tools is None else _NONE
    return ",".join(map(_escaped, tools))


def _escaped(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace(",", "\\,")
    return f"\\{_NONE}" if name == _NONE else escaped


def tools_named(text: str) -> Tools | None:
    """Return the tools that were written so; see `tool_names`."""
    if not text or text == _NONE:
        return () if text else None
    parts = _BETWEEN.sub(r"\1\0", text).split("\0")
    return as_tools(clean(_ESCAPED.sub(r"\1", part)) for part in parts if part)


def kind_name(kind: TitleKind) -> str:
    """Return the name of who gave a title."""
    return kind.name.lower()


class RowNames:
    """Collects what rows say, beside the entries themselves.

    Attributes:
        attributions: What is known of the circumstances of entries, by number.
        tools: The tools that they called, by number.
        agent_types: The types of subagents, by their ids.
        repositories: The repositories of folders.
    """

    def __init__(self) -> None:
        self.attributions: dict[int, Attribution] = {}
        self.tools: dict[int, Tools] = {}
        self.agent_types: dict[str, str] = {}
        self.repositories: dict[str, str] = {}
        self._known: dict[tuple[str, ...], tuple[int, int]] = {}

    def numbers(self, row: EntryRow) -> tuple[int, int]:
        """Return the numbers of an answer's circumstances and of the tools that it called."""
        told = (
            *(row.folder, row.branch, row.agent_id, row.skill, row.plugin),
            *(row.mcp_server, row.mcp_tool, row.effort, row.entry_point),
            *(row.claude_version, row.service_tier, row.tools, row.agent_type, row.repository),
        )
        found = self._known.get(told)
        if found is None:
            found = self._known[told] = self._learned(told)
        return found

    def _learned(self, told: Sequence[str]) -> tuple[int, int]:
        names = [clean(name)[:_MOST_NAME] for name in told]
        *circumstances, _, agent_type, repository = names
        attribution = Attribution._make(circumstances)
        number = attribution.number
        if number != UNKNOWN:
            self.attributions[number] = attribution
        tools = tools_named(told[-3])
        if tools:
            self.tools[tools_number(tools)] = tools
        if attribution.agent and agent_type:
            self.agent_types[attribution.agent] = agent_type
        if attribution.folder and repository:
            self.repositories[attribution.folder] = repository
        return number, UNKNOWN if tools is None else tools_number(tools)

    @property
    def facts(self) -> NameFacts:
        """What is known of names themselves."""
        return NameFacts(self.agent_types, self.repositories, {})


def notes_in(row: EntryRow) -> Sequence[SessionNote]:
    """Return what a row says about its session."""
    found: list[SessionNote] = []
    kind = _KINDS.get(row.title_kind)
    if kind is not None and row.title:
        found.append(SessionTitle(row.offset, "", kind, row.title[:MOST_TITLE]))
    for url in row.pull_requests.split(" "):
        if is_web_address(url):
            parts = _ADDRESS.match(url)
            number = int(parts["number"]) if parts else None
            found.append(
                PullRequest(row.offset, "", url, number, parts["repository"] if parts else "")
            )
    return found


def names_of(told: Sequence[RowNames]) -> tuple[Mapping[int, Attribution], Mapping[int, Tools]]:
    """Return what the entries of several files refer to by number."""
    attributions: dict[int, Attribution] = {}
    tools: dict[int, Tools] = {}
    for one in told:
        attributions |= one.attributions
        tools |= one.tools
    return attributions, tools
