"""Lays out what cost most by each dimension, so that it fits on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.cli.long_tables import cells
from spendlight.cli.words import counted
from spendlight.metering.dimensions import DIMENSIONS
from spendlight.metering.periods import day_of
from spendlight.metering.reports import cost_text, money
from spendlight.metering.slices import combine
from spendlight.names import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from spendlight.metering.dimensions import Dimension
    from spendlight.tracker.questions.breakdown import BreakdownRow
    from spendlight.tracker.questions.why import WhyReport

MOST_ROWS: Final = 10
"""So many things are shown of each dimension at most."""

_LEAST_ROWS: Final = 2
_MOST_WIDTH: Final = 60
_LEAST_WIDTH: Final = 39
"""Below this a column is too narrow for names and figures."""

_NEARLY_ALL: Final = 0.995
"""This share of the cost is shown as 100 %."""

_MOST_CELLS: Final = 40
"""A name in a sentence that is wider is cut in the middle."""

_GAP: Final = 2
_ELLIPSIS: Final = "…"


class Screen(NamedTuple):
    """What is printed on.

    Attributes:
        height: In lines; None if it is no terminal.
        is_bold: Whether headings are bold.
    """

    width: int
    height: int | None = None
    is_bold: bool = False


class _Line(NamedTuple):
    """A line of a panel: a name, and the figures."""

    name: str
    cost: str = ""
    share: str = ""
    answers: str = ""
    is_heading: bool = False
    is_path: bool = False

    @property
    def figures(self) -> tuple[str, str, str]:
        """Cost, share and answers."""
        return self.cost, self.share, self.answers


_HEADINGS: Final = _Line("", "cost", "share", "answers")


class _Panel(NamedTuple):
    """What cost most by one dimension."""

    dimension: Dimension
    rows: tuple[BreakdownRow, ...]

    def height(self, most: int) -> int:
        """Return how many lines it takes with so many rows at most."""
        return min(len(self.rows), most) + 1

    @property
    def is_summed(self) -> bool:
        """Whether one line says it all: nearly everything is the same, or nothing has a name."""
        is_same = self.rows[0].share >= _NEARLY_ALL
        return is_same or not any(row.value for row in self.rows)

    def summary(self) -> str:
        """Return it in a few words."""
        first = self.rows[0]
        told = _narrowed(self.dimension.words(first.value))
        if first.share < _NEARLY_ALL:
            shares = (f"{self.dimension.words(row.value)} {row.share:.0%}" for row in self.rows)
            told = ", ".join(shares)
        return f"{self.dimension.heading} {told}"

    def lines(self, most: int) -> list[_Line]:
        """Return it with so many rows at most; the last one is the rest if there is one."""
        heading = _Line(self.dimension.heading, is_heading=True)
        shown = self.rows if len(self.rows) <= most else self.rows[: most - 1]
        found = [self._line(self.dimension.words(row.value), row) for row in shown]
        rest = self.rows[len(shown) :]
        if rest:
            spending = combine(row.spending for row in rest)
            share = sum(row.share for row in rest)
            others = f"{counted(len(rest), 'other')}"
            found.append(_figures(others, cost_text(spending), share, spending.answers))
        return [heading, *found]

    def _line(self, words: str, row: BreakdownRow) -> _Line:
        line = _figures(words, cost_text(row.spending), row.share, row.spending.answers)
        return line._replace(is_path=self.dimension.is_path)


def lines(report: WhyReport, screen: Screen, zone: tzinfo, footer: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the screen.

    Args:
        report: What to show.
        screen: What is printed on.
        zone: The time zone of days.
        footer: Notes that are shown below.
    """
    above = _wrapped(_title(report, zone), screen.width)
    panels = [_Panel(DIMENSIONS[part.dimension], part.rows) for part in report.parts]
    summed = [panel for panel in panels if panel.is_summed and len(panels) > 1]
    panels = [panel for panel in panels if panel not in summed]
    below = [*_notes(report, summed, screen.width, zone), *footer]
    room = None
    if screen.height is not None:
        taken = sum(max(1, -(-cells(line) // screen.width)) for line in [*above, *below])
        room = screen.height - taken - 2  # the headings, and the prompt
    yield from above
    if panels:
        drawn = list(_laid_out(panels, screen, room))
        yield from drawn
        has_space = room is None or len(drawn) <= room
    else:
        has_space = True
    if has_space:
        yield ""
    yield from below


def _narrowed(words: str) -> str:
    """Return a name that is no wider than `_MOST_CELLS`; some letters take two cells."""
    letters = _MOST_CELLS
    while cells(told := shortened(words, letters)) > _MOST_CELLS:
        letters -= 1
    return told


def _title(report: WhyReport, zone: tzinfo) -> str:
    total = report.total
    days = [day_of(at_ms or 0, zone) for at_ms in (total.first_ms, total.last_ms)]
    when = f"on {days[0]}" if days[0] == days[1] else f"from {days[0]} to {days[1]}"
    return f"Why it cost {cost_text(total)} for {counted(total.answers, 'answer')} {when}"


def _notes(report: WhyReport, summed: Sequence[_Panel], width: int, zone: tzinfo) -> Iterator[str]:
    """Yield what needs no panel, and of what nothing is known."""
    if summed:
        told = " · ".join(panel.summary() for panel in summed)
        yield from _wrapped(f"Also: {told}", width)
    unknown, since_ms = report.unknown, report.known_since_ms
    what = "anything" if len(report.parts) > 1 else "it"
    if since_ms is None:
        told = "Nothing is known of what this usage was for: no log says it."
    elif unknown.answers:
        told = (
            f"Known since {day_of(since_ms, zone)}; of {counted(unknown.answers, 'answer')} "
            f"({money(unknown.cost)}) no log says {what}."
        )
    else:
        told = f"Known since {day_of(since_ms, zone)}; no log says what is 'not known'."
    yield from _wrapped(told, width)


def _laid_out(panels: Sequence[_Panel], screen: Screen, room: int | None) -> Iterator[str]:
    """Yield panels beside and below each other, with as many rows as there is room for."""
    count = max(1, min(len(panels), (screen.width + _GAP) // (_LEAST_WIDTH + _GAP)))
    width = min(_MOST_WIDTH, (screen.width + _GAP) // count - _GAP)
    most = [MOST_ROWS] * len(panels)
    if room is not None:
        most = _rows_that_fit(panels, count, room - 1)  # with an empty line below, if possible
    height = _least_height(panels, count, most)
    columns = [
        [line for panel, rows in column for line in panel.lines(rows)]
        for column in _in_columns(panels, height, most)
    ]
    widths = [_figure_widths(column) for column in columns]
    for at in range(-1, max(map(len, columns))):
        parts = []
        for column, figures in zip(columns, widths, strict=True):
            line = _HEADINGS if at < 0 else column[at] if at < len(column) else _Line("")
            parts.append(_drawn(line, figures, width, is_bold=screen.is_bold))
        yield (" " * _GAP).join(parts).rstrip()


def _rows_that_fit(panels: Sequence[_Panel], count: int, room: int) -> list[int]:
    """Return how many rows each panel shows at most: alike, then more from the first one on."""
    most = [_LEAST_ROWS] * len(panels)
    for rows in range(_LEAST_ROWS, MOST_ROWS + 1):
        tried = [rows] * len(panels)
        if _least_height(panels, count, tried) > room:
            break
        most = tried
    for at, panel in enumerate(panels):
        while most[at] < min(MOST_ROWS, len(panel.rows)):
            tried = [*most[:at], most[at] + 1, *most[at + 1 :]]
            if _least_height(panels, count, tried) > room:
                break
            most = tried
    return most


def _least_height(panels: Sequence[_Panel], count: int, most: Sequence[int]) -> int:
    """Return the least number of lines in which so many columns hold all panels, in order."""
    heights = [panel.height(rows) for panel, rows in zip(panels, most, strict=True)]
    height = max(*heights, -(-sum(heights) // count))
    while len(_in_columns(panels, height, most)) > count:
        height += 1
    return height


def _in_columns(
    panels: Sequence[_Panel], height: int, most: Sequence[int]
) -> list[list[tuple[_Panel, int]]]:
    """Return panels with their numbers of rows, one column after the other."""
    columns: list[list[tuple[_Panel, int]]] = [[]]
    left = height
    for panel, rows in zip(panels, most, strict=True):
        needed = panel.height(rows)
        if needed > left and columns[-1]:
            columns.append([])
            left = height
        columns[-1].append((panel, rows))
        left -= needed
    return columns


def _figures(words: str, cost: str, share: float, answers: int) -> _Line:
    text = f"{share:.0%}" if share >= 0.005 or not share else "<1%"  # noqa: PLR2004  # half a per cent
    return _Line(words, cost, text, f"{answers:,}")


def _figure_widths(column: Sequence[_Line]) -> list[int]:
    """Return the widths of cost, share and answers."""
    lines_of_column = [_HEADINGS, *column]
    return [max(cells(line.figures[at]) for line in lines_of_column) for at in range(3)]


def _drawn(line: _Line, widths: Sequence[int], width: int, *, is_bold: bool) -> str:
    """Return a line of a panel with exactly this width."""
    figures = "".join(
        f"{' ' * (1 + most - cells(text))}{text}"
        for text, most in zip(line.figures, widths, strict=True)
    )
    start = line.name if line.is_heading or not line.name else f"  {line.name}"
    text = _fitted(start, width - cells(figures), keeps_end=line.is_path) + figures
    return f"\x1b[1m{text}\x1b[0m" if line.is_heading and is_bold else text


def _fitted(text: str, width: int, *, keeps_end: bool) -> str:
    """Return a text with exactly this width, cut at its start or in its middle."""
    if cells(text) > width:
        tail = width if keeps_end else width // 2
        start, end = "" if keeps_end else text, text
        while cells(end) > max(0, tail - (3 if keeps_end else 1)):
            end = end[1:]
        while cells(start) > width - tail:
            start = start[:-1]
        text = f"{'  ' if keeps_end else start}{_ELLIPSIS}{end}"
    return text + " " * max(0, width - cells(text))


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most this width; a word that is longer is cut."""
    found = [""]
    for word in text.split(" "):
        longer = f"{found[-1]} {word}".removeprefix(" ")
        if cells(longer) <= width:
            found[-1] = longer
        else:
            found.append(_fitted(word, width, keeps_end=False) if cells(word) > width else word)
    return [line for line in found if line]
