"""What reports are divided by beside time: machines, agents and dimensions, with their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from spendlight.metering.reports import MODELS, Column, PeriodRow, name_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spendlight.metering.reports import BlockRow, SessionRow

Row = TypeVar("Row")

AGENT: Final = "Agent"
"""The heading of the column with the agents."""

ALL_AGENTS: Final = "All"
"""What it shows for several together."""


def machine_column() -> Column[Any]:
    """Return the column of machines, for reports by machine."""
    return name_column("Machine", lambda row: row.machine or "")


def agent_column(title_of: Callable[[str], str]) -> Column[Any]:
    """Return the column of agents, for reports of several, given what each is called."""

    def title(row: Any) -> str:  # noqa: ANN401  # any row of a report
        return title_of(row.agent) if row.agent else ALL_AGENTS

    return Column(AGENT, title, title)


def has_several_agents(rows: Iterable[PeriodRow | SessionRow]) -> bool:
    """Whether rows are of more than one agent, so that they should say which."""
    agents: set[str] = set()
    for row in rows:
        if isinstance(row, PeriodRow):
            agents.update(agent for agent, _ in row.of_agents)
        else:
            agents.add(row.agent)
    return len(agents) > 1


def by_cost(row: PeriodRow | SessionRow | BlockRow) -> tuple[float, int, str]:
    """Return what sorts the parts of something, the most expensive first."""
    words = "" if row.part is None else row.part.words
    return -row.spending.cost, -row.spending.tokens.total, words


def part_column(heading: str) -> Column[Any]:
    """Return the column of the values of a dimension, for reports by one."""

    def words(row: Any) -> str:  # noqa: ANN401  # any row with a part
        return row.part.words if row.part is not None else ""

    def value(row: Any) -> str:  # noqa: ANN401  # as above
        return row.part.value or row.part.words if row.part is not None else ""

    return Column(heading, value, words)


def divided(
    columns: list[Column[Row]],
    *,
    by_machine: bool,
    heading: str = "",
    title_of_agent: Callable[[str], str] | None = None,
) -> list[Column[Row]]:
    """Return the columns of a report, with those of what it is divided by before the models.

    Args:
        columns: The columns.
        by_machine: Whether rows are by machine.
        heading: The heading of the dimension by which they are; "" for none.
        title_of_agent: Returns what an agent is called, if rows say which agent's usage they are.
    """
    added = [machine_column()] if by_machine else []
    if title_of_agent is not None:
        added.append(agent_column(title_of_agent))
    if heading:
        added.append(part_column(heading))
    index = next(at for at, column in enumerate(columns) if column.heading == MODELS)
    return [*columns[:index], *added, *columns[index:]]
