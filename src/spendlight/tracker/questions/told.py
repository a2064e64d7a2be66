"""Finds the circumstances of each session or project: its branches, subagents, skills and so on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from spendlight.metering.dimensions import DIMENSIONS, NOT_KNOWN, NOT_KNOWN_WORDS
from spendlight.metering.reports import MODELS, Column
from spendlight.names import name
from spendlight.tracker.questions.breakdown import ranges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spendlight.metering.dimensions import Value
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import Source

    Told = Mapping[str, tuple[Value, ...]]
    """The values of each dimension, those of most answers first."""

Row = TypeVar("Row")


def told_of(
    source: Source, selection: Selection, of: tuple[str, ...], dimensions: Sequence[str]
) -> dict[tuple[Value, ...], Told]:
    """Return the values of dimensions for each session or project.

    Args:
        source: Where to read.
        selection: Which usage.
        of: The dimensions that identify a session or a project.
        dimensions: The dimensions asked for.
    """
    usage = source.attributed((*of, *dimensions), selection.project)
    pieces = usage.pieces(ranges_of(source, selection, None))
    counts: dict[tuple[Value, ...], list[Counter[Value]]] = {}
    for values, some in pieces.items():
        answers = sum(piece.answers for piece in source.named(some))
        if answers:
            key, found = values[: len(of)], values[len(of) :]
            for counted, value in zip(
                counts.setdefault(key, [Counter() for _ in dimensions]), found, strict=True
            ):
                counted[value] += answers
    return {
        key: {
            dimension: tuple(sorted(counted, key=lambda value: (-counted[value], value or "")))
            for dimension, counted in zip(dimensions, each, strict=True)
        }
        for key, each in counts.items()
    }


def with_told(columns: Iterable[Column[Row]], dimensions: Iterable[str]) -> list[Column[Row]]:
    """Return columns with those of dimensions: before the models, or else behind the first."""
    found = list(columns)
    headings = [column.heading for column in found]
    index = headings.index(MODELS) if MODELS in headings else 1
    return [*found[:index], *map(_column, dimensions), *found[index:]]


def _column(dimension: str) -> Column[Any]:
    def value(row: Any) -> str:  # noqa: ANN401  # any row that has been told something
        values = (row.told or {}).get(dimension, ())
        names = [value for value in values if value]
        return ", ".join([*names, *([NOT_KNOWN_WORDS] if NOT_KNOWN in values else ())])

    return Column(DIMENSIONS[dimension].heading, value, lambda row: name(value(row)))
