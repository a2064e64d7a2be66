"""Small tables of plain text, without the library that draws those of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.names import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP: Final = 2
_LEAST: Final = 2
"""The first column and the last are never left out."""

_LEAST_NAME: Final = 12


def plain_table(rows: Sequence[Sequence[str]], widths: Sequence[int], width: int) -> Iterator[str]:
    """Yield rows as lines: the first cell begins them, the others are right-aligned.

    Args:
        rows: The cells of each.
        widths: The usual width of each column, with its distance from the one before. Where that
            is too wide for the terminal, columns take what they need, and if that is too much,
            those between the first and the last are left out, one after the other.
        width: How wide a line may be.
    """
    if sum(widths) <= width or not rows:
        yield from (_line(row, widths) for row in rows)
        return
    needs = [max(map(len, column)) for column in zip(*rows, strict=True)]
    shown = list(range(len(needs)))

    def needed(first: int) -> int:
        return first + sum(needs[at] + _GAP for at in shown[1:])

    while len(shown) > _LEAST and needed(min(needs[0], _LEAST_NAME)) > width:
        del shown[1]
    first = min(needs[0], max(_LEAST_NAME, width - needed(0)))
    narrow = [first, *(needs[at] + _GAP for at in shown[1:])]
    for row in rows:
        cells = [row[at] for at in shown]
        yield _line([shortened(cells[0], first), *cells[1:]], narrow)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)
