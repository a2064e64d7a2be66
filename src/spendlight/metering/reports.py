"""Reports: rows and the columns that show them, shared by all faces."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from spendlight.metering.entry import Role
from spendlight.metering.periods import Period
from spendlight.names import name, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.burnrate import BurnRate, Projection, TokenLimit
    from spendlight.metering.dimensions import Part, Value
    from spendlight.metering.entry import SessionName, TokenCounts
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.session_notes import PullRequest
    from spendlight.metering.slices import Spending

Row = TypeVar("Row")

MODELS: Final = "Models"
"""The heading of the column with the models used."""

SESSION_LETTERS: Final = 8
"""This many characters of a session's id distinguish it from the others shown."""

MOST_TITLE_LETTERS: Final = 40
"""A longer title of a session is cut in the middle in tables."""


class SortOrder(StrEnum):
    """Whether the earliest or the latest comes first."""

    ASCENDING = "asc"
    DESCENDING = "desc"


class Column(NamedTuple, Generic[Row]):
    """One column: a heading, what to sort by, and what to show.

    Attributes:
        heading: Its heading.
        value: What it sorts by; for names the full name, which is also what is exported.
        text: What it shows, without control characters for the terminal; lines are separated by
            newlines, and names are shortened.
        is_number: Whether it is right-aligned, with digits of equal width.
        is_vital: Whether it stays when space is short.
        is_sum: Whether it depends on a row's `spending` only, so that a total has it, too.
    """

    heading: str
    value: Callable[[Row], object]
    text: Callable[[Row], str]
    is_number: bool = False
    is_vital: bool = True
    is_sum: bool = False


class PeriodRow(NamedTuple):
    """A day, a week or a month, of one project or of all.

    Attributes:
        start: Its first day, even if the requested range begins later.
        project: The project, if rows are by project.
        machine: The machine, if rows are by machine.
        part: The value of a dimension, if rows are by one.
        agent: The agent, by its name in the ledger, if rows are by agent; "" for several.
        of_agents: What each agent used, by its name in the ledger, if rows say it.
    """

    start: date
    spending: Spending
    project: str | None = None
    machine: str | None = None
    part: Part | None = None
    agent: str = ""
    of_agents: tuple[tuple[str, Spending], ...] = ()


class SessionRow(NamedTuple):
    """A session, including its subagents.

    Attributes:
        machine: The machine, if rows are by machine.
        title: The title that its log gives it, or "".
        pull_requests: Those that its log links to it.
        part: The value of a dimension, if rows are by one.
        told: The values of dimensions whose columns were asked for; None if none were.
        agent: The agent, by its name in the ledger; "" if rows do not say it.
        log: The path of its first log below the data folder, with "/"; "" if rows do not say it.
    """

    name: SessionName
    spending: Spending
    machine: str | None = None
    title: str = ""
    pull_requests: tuple[PullRequest, ...] = ()
    part: Part | None = None
    told: Mapping[str, tuple[Value, ...]] | None = None
    agent: str = ""
    log: str = ""


class BlockRow(NamedTuple):
    """A block, with the projection if it is active.

    Attributes:
        is_active: Whether an answer made now would fall into it.
        has_begun: Whether it has begun; an active one that has not comes from a clock ahead.
        percent_of_limit: Its tokens, or the projected ones, as a percentage of the limit; None
            without a limit.
        machine: The machine whose share of the block it is, if rows are by machine.
        part: The value of a dimension whose share it is, if rows are by one.
    """

    block: SessionBlock
    is_active: bool
    rate: BurnRate | None = None
    projection: Projection | None = None
    limit: TokenLimit | None = None
    limit_tokens: int | None = None
    machine: str | None = None
    has_begun: bool = True
    part: Part | None = None

    @property
    def spending(self) -> Spending:
        """The usage of the block."""
        return self.block.spending


class AnswerRow(NamedTuple):
    """One answer of one session.

    Attributes:
        at: When, in UTC.
        model: The model as logged.
        label: The model as reports show it.
        recorded_cost: The cost that Claude Code recorded with it, in dollars.
        role: Its role, if it is not an ordinary answer.
        cost: By the mode asked for, or None if its model has no known price.
    """

    at: datetime
    model: str
    label: str
    tokens: TokenCounts
    recorded_cost: float | None
    cost: float | None
    role: Role = Role.ANSWER


class Report(NamedTuple, Generic[Row]):
    """Rows, their columns, and their total.

    Attributes:
        total: The sum over all rows.
        prices: The price list used.
    """

    columns: Sequence[Column[Row]]
    rows: tuple[Row, ...]
    total: Spending
    prices: PriceSource


def money(dollars: float) -> str:
    """Return dollars as text: to the cent, and small amounts with four digits.

    >>> money(1234.5), money(0.0042), money(-0.0042), money(-0.0)
    ('$1,234.50', '$0.0042', '-$0.0042', '$0.00')
    """
    sign, amount = "-" if dollars < 0 else "", abs(dollars)
    if 0 < amount < 0.005:  # noqa: PLR2004  # rounds to no cents at all
        return f"{sign}${amount:.4f}"
    return f"{sign}${amount:,.2f}"


def short_model(label: str) -> str:
    """Return a model's name without its family and its date, as tables show it.

    >>> short_model("claude-opus-4-5-20251101")
    'opus-4-5'
    """
    return name(_without_date(label))


def _without_date(label: str) -> str:
    bare = label.removeprefix("claude-")
    stem, _, tail = bare.rpartition("-")
    return stem if stem and len(tail) == len("20251101") and tail.isdigit() else bare


def compact_count(count: float, *, has_zeros: bool = False) -> str:
    """Return a count with at most three digits and a unit.

    >>> compact_count(950), compact_count(1_280_000), compact_count(999_700)
    ('950', '1.28 M', '1 M')
    >>> compact_count(13_000, has_zeros=True), compact_count(182e6, has_zeros=True)
    ('13.0 k', '182 M')

    Args:
        count: The count.
        has_zeros: Write all three digits, for counts that stand below each other.
    """
    for unit, size in (("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)):
        share = count / size
        if share >= 999.5:  # noqa: PLR2004  # more than three digits, as there is no unit above G
            return f"{share:.0f} {unit}"
        if share >= 0.9995:  # noqa: PLR2004  # the unit below would need four digits
            return f"{f'{share:#.3g}'.rstrip('.')} {unit}" if has_zeros else f"{share:.3g} {unit}"
    return f"{count:.0f}"


def cost_text(spending: Spending) -> str:
    """Return the cost, marked with "+ ?" if some of the usage has no known price."""
    return f"{money(spending.cost)} + ?" if spending.unpriced else money(spending.cost)


def models_text(spending: Spending) -> str:
    """Return the models used, one on each line."""
    return "\n".join(short_model(model.label) for model in spending.models)


def models_column(spending_of: Callable[[Row], Spending]) -> Column[Row]:
    """Return the column of the models used."""
    return Column(
        MODELS,
        lambda row: ", ".join(_without_date(model.label) for model in spending_of(row).models),
        lambda row: models_text(spending_of(row)),
    )


def name_column(heading: str, name_of: Callable[[Row], str]) -> Column[Row]:
    """Return a column of names."""
    return Column(heading, name_of, lambda row: name(name_of(row)))


def number_column(
    heading: str, count_of: Callable[[Row], int], *, is_vital: bool = True
) -> Column[Row]:
    """Return a column of counts."""
    return Column(
        heading,
        count_of,
        lambda row: f"{count_of(row):,}",
        is_number=True,
        is_vital=is_vital,
    )


def token_columns(spending_of: Callable[[Row], Spending]) -> list[Column[Row]]:
    """Return the columns of tokens and money that all reports share."""
    columns: list[Column[Row]] = [
        number_column("Input", lambda row: spending_of(row).tokens.input),
        number_column("Output", lambda row: spending_of(row).tokens.output),
        number_column(
            "Cache write", lambda row: spending_of(row).tokens.cache_write, is_vital=False
        ),
        number_column("Cache read", lambda row: spending_of(row).tokens.cache_read, is_vital=False),
        number_column("Total tokens", lambda row: spending_of(row).tokens.total, is_vital=False),
        Column(
            "Cost",
            lambda row: spending_of(row).cost,
            lambda row: cost_text(spending_of(row)),
            is_number=True,
        ),
    ]
    return [column._replace(is_sum=True) for column in columns]


_PERIOD_HEADINGS = {
    Period.DAY: ("Day", "%Y-%m-%d"),
    Period.WEEK: ("Week of", "%Y-%m-%d"),
    Period.MONTH: ("Month", "%Y-%m"),
}


def period_columns(period: Period) -> list[Column[PeriodRow]]:
    """Return the columns of a report over days, weeks or months."""
    heading, form = _PERIOD_HEADINGS[period]

    def spending(row: PeriodRow) -> Spending:
        return row.spending

    return [
        Column(heading, lambda row: row.start, lambda row: row.start.strftime(form)),
        models_column(spending),
        *token_columns(spending),
    ]


def session_label(session: str, title: str = "") -> str:
    """Return the name of a session for tables: its title with a part of its id, or the whole id.

    >>> session_label("5d961c1e-4371-4a75-a5b1-e8bc7c56d71e", "Mend the clock")
    'Mend the clock (5d961c1e)'
    """
    if not title:
        return name(session)
    return f"{shown(shortened(title, MOST_TITLE_LETTERS))} ({name(session[:SESSION_LETTERS])})"


def session_columns(day_text: Callable[[int], str]) -> list[Column[SessionRow]]:
    """Return the columns of the session report.

    Args:
        day_text: Formats a moment in Unix milliseconds.
    """

    def last(row: SessionRow) -> int:
        return row.spending.last_ms or 0

    def spending(row: SessionRow) -> Spending:
        return row.spending

    return [
        name_column("Project", lambda row: row.name.project_path),
        Column(
            "Session",
            lambda row: row.name.session,
            lambda row: session_label(row.name.session, row.title),
        ),
        models_column(spending),
        *token_columns(spending),
        Column("Last activity", last, lambda row: day_text(last(row))),
    ]


def block_columns(moment_text: Callable[[datetime], str]) -> list[Column[BlockRow]]:
    """Return the columns of the block report.

    Args:
        moment_text: Formats a moment in the user's zone.
    """

    def state(row: BlockRow) -> str:
        if row.block.is_gap:
            return "gap"
        if not row.has_begun:
            return "not begun"
        return "active" if row.is_active else ""

    def spending(row: BlockRow) -> Spending:
        return row.spending

    return [
        Column("Start", lambda row: row.block.start_ms, lambda row: moment_text(row.block.start)),
        Column(
            "End",
            lambda row: row.block.end_ms,
            lambda row: moment_text(row.block.end),
            is_vital=False,
        ),
        Column("State", state, state),
        models_column(spending),
        *token_columns(spending),
    ]
