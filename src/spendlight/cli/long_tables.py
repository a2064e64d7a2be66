"""Draws long tables like rich, but in some microseconds a row instead of a millisecond.

Rich measures and wraps each cell as text that may have styles, links and breaks anywhere. Nearly
all of ours are plain, have one line, and fit.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

MANY_LINES: Final = 200
"""Tables with at least this many lines are drawn here."""

_LINES_AT_ONCE: Final = 1000
_GAP: Final = "  "
_RULE: Final = "─"


class Heading(NamedTuple):
    """The heading of a column, and how it is drawn.

    Attributes:
        text: The heading.
        total: The total below it.
        is_number: Whether it is right-aligned and never wrapped.
    """

    text: str
    total: str
    is_number: bool


class LongTable:
    """A table of many lines, as wide as its columns, or as the available width.

    Args:
        headings: The columns.
        lines: The cells and the style of each line.
        has_total: Whether there is a line of totals.
        width: How many cells of the terminal a line may take; numbers and at least a part of
            each text fit.
    """

    def __init__(
        self,
        headings: Sequence[Heading],
        lines: Sequence[tuple[Sequence[str], str]],
        width: int,
        *,
        has_total: bool,
    ) -> None:
        self._headings = headings
        self._lines = lines
        self._has_total = has_total
        rows: list[Sequence[str]] = [
            [heading.text for heading in headings],
            *(row for row, _ in lines),
        ]
        if has_total:
            rows.append([heading.total for heading in headings])
        self._widths = _widths(headings, rows, width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, many at a time if they have the same style."""
        rule = _RULE * (sum(self._widths) + len(_GAP) * (len(self._widths) - 1))
        bold = Style.parse("bold")
        yield Segment("".join(self._heading(console)), bold)
        yield Segment(f"{rule}\n")
        waiting: list[Sequence[str]] = []
        name = ""
        for row, style in self._lines:
            if style != name or len(waiting) >= _LINES_AT_ONCE:
                yield from self._block(waiting, console, Style.parse(name))
                waiting, name = [], style
            waiting.append(row)
        yield from self._block(waiting, console, Style.parse(name))
        if self._has_total:
            yield Segment(f"{rule}\n")
            yield from self._block([[heading.total for heading in self._headings]], console, bold)

    def _heading(self, console: Console) -> Iterator[str]:
        """Return the lines above the rule; headings that are not wrapped are at the bottom."""
        wrapped = [
            _wrap(heading.text, width, console)
            for heading, width in zip(self._headings, self._widths, strict=True)
        ]
        height = max(map(len, wrapped))
        return self._lines_of([[""] * (height - len(part)) + part for part in wrapped])

    def _block(
        self, rows: Iterable[Sequence[str]], console: Console, style: Style
    ) -> Iterator[Segment]:
        """Yield rows of one style as one piece of text."""
        text = "".join(chain.from_iterable(self._row(row, console) for row in rows))
        if text:
            yield Segment(text, style)

    def _row(self, row: Sequence[str], console: Console) -> Iterator[str]:
        """Return the lines of a row, each with its line end."""
        wrapped = [
            _wrap(cell, width, console) for cell, width in zip(row, self._widths, strict=True)
        ]
        return self._lines_of(wrapped)

    def _lines_of(self, wrapped: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield the lines of wrapped cells, each with its line end."""
        for number in range(max(map(len, wrapped))):
            yield (
                _GAP.join(
                    _fill(part[number] if number < len(part) else "", width, heading.is_number)
                    for part, width, heading in zip(
                        wrapped, self._widths, self._headings, strict=True
                    )
                )
                + "\n"
            )


def _widths(headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the widths of columns: of their widest cells, but less for the widest texts if needed.

    Like rich, which counts the first space after a column as part of it.
    """
    last = len(headings) - 1
    widths = [
        max(map(cells, column)) + (at < last) for at, column in enumerate(zip(*rows, strict=True))
    ]
    excess = sum(widths) + last - width
    texts = [at for at, heading in enumerate(headings) if not heading.is_number]
    while excess > 0 and texts:
        widest = max(widths[at] for at in texts)
        if not widest:
            break
        next_widest = max((widths[at] for at in texts if widths[at] < widest), default=0)
        chosen = [at for at in texts if widths[at] == widest]
        most = min(excess, widest - next_widest)
        for left, at in zip(range(len(chosen), 0, -1), chosen, strict=True):
            taken = min(most, round(excess / left))
            widths[at] -= taken
            excess -= taken
    return [padded - (at < last) for at, padded in enumerate(widths)]


def cells(text: str) -> int:
    """Return how many cells of the terminal a text takes."""
    if "\n" in text:
        return max(map(cells, text.split("\n")))
    return len(text) if text.isascii() else cell_len(text)


def _wrap(text: str, width: int, console: Console) -> list[str]:
    """Wrap a text to the width of a column."""
    if "\n" in text:
        return [line for part in text.split("\n") for line in _wrap(part, width, console)]
    if cells(text) <= width:
        return [text]
    if text.isascii() and " " not in text:
        return [text[at : at + width] for at in range(0, len(text), width)]
    return [line.plain for line in Text(text).wrap(console, width, overflow="fold")]


def _fill(text: str, width: int, is_number: bool) -> str:  # noqa: FBT001  # an alignment
    if text.isascii():
        return text.rjust(width) if is_number else text.ljust(width)
    blanks = " " * (width - cell_len(text))
    return blanks + text if is_number else text + blanks
