"""The columns of sessions and projects that are hidden unless the user chooses them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo
from typing import Any, Final

from spendlight.metering.dimensions import DIMENSIONS
from spendlight.metering.periods import day_of
from spendlight.metering.reports import Column, Report, number_column

TOLD: Final = (
    *("repo", "folder", "branch", "agent-type", "skill", "plugin", "mcp"),
    *("effort", "entrypoint", "version", "tier"),
)
"""The dimensions whose values can be shown; sets of tools would be too many for a cell."""

ANSWERS: Final = "Answers"
FIRST: Final = "First activity"
"""The headings of columns of which every report knows the values."""

EXTRA: Final = (*(DIMENSIONS[name].heading for name in TOLD), ANSWERS, FIRST)
"""The headings of all of them, in the order of the menu."""


def told_among(headings: Collection[str]) -> tuple[str, ...]:
    """Return the dimensions whose columns are among some."""
    return tuple(name for name in TOLD if DIMENSIONS[name].heading in headings)


def with_extra(report: Report[Any], headings: Collection[str], zone: tzinfo) -> Report[Any]:
    """Return a report with the chosen ones of the columns that need no other question.

    Args:
        report: The report.
        headings: The headings of the chosen columns.
        zone: The user's time zone.
    """

    def day_text(row: Any) -> str:  # noqa: ANN401  # any row with spending
        return f"{day_of(_first(row), zone):%Y-%m-%d}"

    columns: list[Column[Any]] = []
    for column in report.columns:
        if column.heading == "Input" and ANSWERS in headings:
            answers: Column[Any] = number_column(ANSWERS, lambda row: row.spending.answers)
            columns.append(answers._replace(is_sum=True))
        if column.heading == "Last activity" and FIRST in headings:
            columns.append(Column(FIRST, _first, day_text))
        columns.append(column)
    return report._replace(columns=columns)


def _first(row: Any) -> int:  # noqa: ANN401  # as above
    return int(row.spending.first_ms or 0)
