"""By what usage can be divided and filtered beside time: one table, which drives everything else.

A value of a dimension is a name; `NONE` if there is none, as the main thread has no type of
subagent; or `NOT_KNOWN`, if no log says it. So the parts always add up to the whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from spendlight.names import name as shown_name
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import SessionName

Value = str | None
"""A value of a dimension: a name, `NONE` or `NOT_KNOWN`."""

NONE: Final = ""
NOT_KNOWN: Final = None

NOT_KNOWN_WORDS: Final = "not known"

TOOLS_BETWEEN: Final = " + "
"""What is between the names of several tools that one answer called."""


class Circumstances(NamedTuple):
    """What is known of the circumstances of an answer, apart from its tools.

    Attributes:
        agent_type: The type of its subagent; "" if that is not known.
        repository: The repository of its folder; "" if that is not known.
        is_aside: Whether it is on a side chain, so not of the main thread.
    """

    attribution: Attribution
    agent_type: str
    repository: str
    is_aside: bool


class Dimension(NamedTuple):
    """One row of the table.

    Attributes:
        name: Its name in options.
        key: Its name in JSON.
        heading: Its heading.
        help: What its option selects.
        of: Returns its value for an answer; None for the tools and the session, which are not
            part of the circumstances.
        none_words: What is shown for `NONE`.
        is_option: Whether the command line offers it.
        is_path: Whether its values are paths, which are selected by their last part, too.
    """

    name: str
    key: str
    heading: str
    help: str
    of: Callable[[Circumstances], Value] | None = None
    none_words: str = "none"
    is_option: bool = True
    is_path: bool = False

    def words(self, value: Value) -> str:
        """Return a value in words, without control characters."""
        if value is NOT_KNOWN:
            return NOT_KNOWN_WORDS
        return shown_name(value) if value else self.none_words

    def selects(self, wanted: Value, value: Value) -> bool:
        """Return whether a value is the one that a filter names.

        An answer with several tools is selected by each of them.
        """
        if wanted == value or not wanted or not value:
            return wanted == value
        if self.is_path:
            return value.replace("\\", "/").rstrip("/").rpartition("/")[2] == wanted
        return self.name == TOOL and wanted in value.split(TOOLS_BETWEEN)


def _since(version: tuple[int, int, int], field: str) -> Callable[[Circumstances], Value]:
    """Return the value of a field that Claude Code writes from a version on if there is a value.

    So if a later version does not write it, there is none; otherwise that is not known. The
    versions are the first whose logs have the field, of those that we have.
    """

    def of(circumstances: Circumstances) -> Value:
        attribution = circumstances.attribution
        value: str = getattr(attribution, field)
        if value:
            return value
        return NONE if _version(attribution.version) >= version else NOT_KNOWN

    return of


@lru_cache(maxsize=256)
def _version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version, or none if it has another form."""
    try:
        return tuple(map(int, text.partition("-")[0].split(".")))
    except ValueError:
        return ()


def _always(field: str) -> Callable[[Circumstances], Value]:
    """Return the value of a field of which each answer has one."""

    def of(circumstances: Circumstances) -> Value:
        return getattr(circumstances.attribution, field) or NOT_KNOWN

    return of


def _agent(circumstances: Circumstances) -> Value:
    attribution = circumstances.attribution
    if attribution.agent:
        return attribution.agent
    return NOT_KNOWN if circumstances.is_aside or not any(attribution) else NONE


def _agent_type(circumstances: Circumstances) -> Value:
    agent = _agent(circumstances)
    return circumstances.agent_type or NOT_KNOWN if agent else agent


REPOSITORY: Final = "repo"
TOOL: Final = "tool"
SESSION: Final = "session"
PROJECT: Final = "project"
AGENT: Final = "agent"
AGENT_TYPE: Final = "agent-type"

_ROWS: Final = (
    Dimension(
        REPOSITORY,
        "repository",
        "Repository",
        "this git repository, with its worktrees: its path, or the last part of it",
        lambda one: one.repository or NOT_KNOWN,
        is_path=True,
    ),
    Dimension(
        "folder",
        "folder",
        "Folder",
        "this working folder: its path, or the last part of it",
        _always("folder"),
        is_path=True,
    ),
    Dimension("branch", "branch", "Branch", "this git branch", _since((1, 0, 56), "branch")),
    Dimension(
        AGENT_TYPE,
        "agentType",
        "Agent type",
        "this type of subagent; 'none' is the main thread",
        _agent_type,
        none_words="main thread",
    ),
    Dimension("skill", "skill", "Skill", "this skill", _since((2, 1, 126), "skill")),
    Dimension("plugin", "plugin", "Plugin", "this plugin", _since((2, 1, 126), "plugin")),
    Dimension(
        "mcp",
        "mcpServer",
        "MCP server",
        "this MCP server: answers to what its tools returned",
        _since((2, 1, 181), "mcp_server"),
    ),
    Dimension(
        TOOL,
        "tools",
        "Tools called",
        "this tool: answers that called it, whatever else they called",
    ),
    Dimension("effort", "effort", "Effort", "this level of effort", _since((2, 1, 215), "effort")),
    Dimension(
        "entrypoint",
        "entryPoint",
        "Entry point",
        "this entry point of Claude Code, such as cli",
        _always("entry_point"),
    ),
    Dimension(
        "version", "claudeVersion", "Version", "this version of Claude Code", _always("version")
    ),
    Dimension("tier", "serviceTier", "Service tier", "this service tier", _always("service_tier")),
    Dimension(
        AGENT,
        "agent",
        "Subagent",
        "this subagent",
        _agent,
        none_words="main thread",
        is_option=False,
    ),
    Dimension(SESSION, "session", "Session", "this session", is_option=False),
    Dimension(PROJECT, "project", "Project", "this project", is_option=False),
)

DIMENSIONS: Final[Mapping[str, Dimension]] = {row.name: row for row in _ROWS}
"""All dimensions by name, in the order in which they are shown."""


def heading_of(dimension: str) -> str:
    """Return the heading of a dimension by its name, or "" for none."""
    return DIMENSIONS[dimension].heading if dimension else ""


OFFERED: Final = tuple(row for row in _ROWS if row.is_option)
"""Those of the command line."""


class Condition(NamedTuple):
    """Only usage with one of these values of a dimension.

    Attributes:
        is_exact: Whether the values are whole ones of rows, not what people name them by.
    """

    dimension: str
    values: tuple[Value, ...]
    is_exact: bool = False

    def allows(self, value: Value) -> bool:
        """Return whether usage with a value is selected."""
        if self.is_exact:
            return value in self.values
        dimension = DIMENSIONS[self.dimension]
        return any(dimension.selects(wanted, value) for wanted in self.values)


class Part(NamedTuple):
    """A value of the dimension by which a report is divided."""

    dimension: str
    value: Value

    @property
    def words(self) -> str:
        """The value in words."""
        return DIMENSIONS[self.dimension].words(self.value)


def value_of_tools(tools: Tools | None) -> Value:
    """Return the value for the tools that an answer called: all of them together.

    An answer that called several has its whole cost there, as it cannot be divided among them.
    """
    return NOT_KNOWN if tools is None else TOOLS_BETWEEN.join(tools)


def value_of_session(dimension: str, session: SessionName) -> Value:
    """Return the value of a session for `SESSION` or `PROJECT`."""
    return session.session if dimension == SESSION else session.project


def are_met(
    where: Iterable[Condition], one: Circumstances, tools: Tools | None, session: SessionName
) -> bool:
    """Return whether each condition is true for an answer."""
    for condition in where:
        of = DIMENSIONS[condition.dimension].of
        if of is not None:
            value = of(one)
        elif condition.dimension == TOOL:
            value = value_of_tools(tools)
        else:
            value = value_of_session(condition.dimension, session)
        if not condition.allows(value):
            return False
    return True
