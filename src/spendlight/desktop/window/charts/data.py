"""Computes the contents of charts from the rows of reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from operator import attrgetter
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.desktop.window.charts.palette import OTHER_SLOT, SERIES, ColorBook
from spendlight.desktop.window.charts.surface import MOST_BARS
from spendlight.desktop.window.charts.values import (
    LONG,
    ChartData,
    Clock,
    DataPoint,
    Dot,
    DotData,
    Forecast,
    Measure,
    Series,
    Split,
)
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.part_words import bar_words, whole_words
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.dimensions import NOT_KNOWN
from spendlight.metering.periods import Period, day_of, period_start, to_ms, to_utc
from spendlight.metering.reports import PeriodRow, SessionRow
from spendlight.metering.slices import Spending
from spendlight.tracker.questions.course import StepRow
from spendlight.tracker.questions.dimension_shares import DimensionRow
from spendlight.tracker.questions.shares import NameRow

MOST_SERIES: Final = len(SERIES)
"""More series than this are summed up as "Other"."""


def measured(spending: Spending, measure: Measure) -> float:
    """Return the dollars or the tokens of a total."""
    return spending.cost if measure is Measure.COST else float(spending.tokens.total)


def by_model(spending: Spending, measure: Measure) -> dict[str, float]:
    """Return the dollars or the tokens of each model."""
    return {
        model.label: model.cost if measure is Measure.COST else float(model.tokens.total)
        for model in spending.models
    }


def stacked(
    parts: Sequence[dict[str, float]], names: Callable[[str], str], slots: dict[str, int]
) -> tuple[Series, ...]:
    """Return series from the parts of each point, the greatest first, the rest summed up."""
    sums: dict[str, float] = {}
    for part in parts:
        for key, value in part.items():
            sums[key] = sums.get(key, 0.0) + value
    order = sorted(sums, key=lambda key: (-sums[key], key))
    shown = order if len(order) <= MOST_SERIES + 1 else order[:MOST_SERIES]
    series = [
        Series(names(key), tuple(part.get(key, 0.0) for part in parts), slots.get(key, OTHER_SLOT))
        for key in shown
        if sums[key] > 0
    ]
    rest = order[len(shown) :]
    if rest:
        values = tuple(sum(part.get(key, 0.0) for key in rest) for part in parts)
        series.append(Series(_tr("Other"), values, OTHER_SLOT))
    return tuple(series)


class ChartMaker(NamedTuple):
    """Makes charts from reports, with the window's names and colours.

    Attributes:
        models: The colours of models.
        projects: The colours of projects.
    """

    formats: Formats
    models: ColorBook
    projects: ColorBook

    def periods(  # noqa: PLR0913  # each is chosen by the user
        self,
        rows: Sequence[PeriodRow],
        period: Period,
        measure: Measure,
        split: Split,
        *,
        first: date | None = None,
        last: date | None = None,
        week_start: int = 6,
        today: date | None = None,
    ) -> ChartData:
        """Return the usage by day, week or month, including periods without usage."""
        starts = _all_starts(rows, period, first, last, week_start)
        number = {start: index for index, start in enumerate(starts)}
        parts: list[dict[str, float]] = [{} for _ in starts]
        for row in rows:
            if row.start not in number:
                continue
            part = parts[number[row.start]]
            found = (
                by_model(row.spending, measure)
                if split is Split.MODEL
                else {row.project or "": measured(row.spending, measure)}
            )
            for key, value in found.items():
                part[key] = part.get(key, 0.0) + value
        tick = self._day_tick(starts)
        what = _tr("Cost") if measure is Measure.COST else _tr("Tokens")
        by = {
            Period.DAY: _tr("by day"),
            Period.WEEK: _tr("by week"),
            Period.MONTH: _tr("by month"),
        }[period]
        return ChartData(
            f"{what} {by}",
            tuple(self._period_point(start, period, today, tick) for start in starts),
            self._series(parts, split),
            is_money=measure is Measure.COST,
            empty=_tr("No usage in this range."),
        )

    def course(  # noqa: PLR0913  # a span, its steps and the forecast
        self,
        rows: Sequence[StepRow],
        begin: datetime,
        end: datetime,
        step_ms: int,
        *,
        title: str,
        forecast: Forecast | None = None,
        until: datetime | None = None,
    ) -> ChartData:
        """Return the cumulative cost of a span of time, by model.

        Args:
            rows: The steps with usage.
            begin: The beginning of the span.
            end: Its end.
            step_ms: The length of a step.
            title: The title of the chart.
            forecast: The forecast.
            until: The current time; later steps have not happened yet.
        """
        begin_ms, count = to_ms(begin), max(1, -(-(to_ms(end) - to_ms(begin)) // step_ms))
        parts: list[dict[str, float]] = [{} for _ in range(count + 1)]
        for row in rows:
            index = (to_ms(row.at) - begin_ms) // step_ms + 1
            if 0 <= index < len(parts):
                part = parts[index]
                for key, value in by_model(row.spending, Measure.COST).items():
                    part[key] = part.get(key, 0.0) + value
        if until is not None and forecast is None and to_ms(until) < to_ms(end):
            forecast = Forecast((to_ms(until) - begin_ms) / step_ms)
        last = count if until is None else min(count, -(-(to_ms(until) - begin_ms) // step_ms))
        plain = self._series(parts[: last + 1], Split.MODEL)
        series = tuple(Series(one.name, tuple(accumulate(one.values)), one.slot) for one in plain)
        points = tuple(
            self._step_point(to_utc(begin_ms + number * step_ms), step_ms)
            for number in range(count + 1)
        )
        padded = tuple(
            Series(s.name, s.values + (s.values[-1],) * (count + 1 - len(s.values)), s.slot)
            for s in series
        )
        return ChartData(
            title,
            points,
            padded,
            is_course=True,
            forecast=forecast,
            clock=Clock(begin_ms + self._offset_ms(begin), step_ms),
            empty=_tr("No usage in this period."),
        )

    def blocks(self, blocks: Sequence[SessionBlock]) -> ChartData:
        """Return the cost of each block, by model, in chronological order."""
        formats = self.formats
        days = [day_of(block.start_ms, formats.zone) for block in blocks]
        tick = self._day_tick(days)
        return ChartData(
            _tr("Cost by block"),
            tuple(
                DataPoint(self._block_label, tick(day), block)
                for block, day in zip(blocks, days, strict=True)
            ),
            self.model_series([block.spending for block in blocks]),
            empty=_tr("No usage in this range."),
        )

    def shares(self, rows: Sequence[NameRow], split: Split, measure: Measure) -> ChartData:
        """Return the usage of each project or each model, the greatest first."""
        names = self.formats.model if split is Split.MODEL else self.formats.project
        book = self.models if split is Split.MODEL else self.projects
        ordered = sorted(rows, key=lambda row: -measured(row.spending, measure))
        if split is Split.MODEL:
            slots = {row.name: book.slot(row.name) for row in ordered}
        else:
            slots = book.slots_apart([row.name for row in ordered[:MOST_SERIES]])
        values = [measured(row.spending, measure) for row in ordered]
        series = tuple(
            Series(
                names(row.name),
                tuple(value if index == number else 0.0 for index in range(len(ordered))),
                slots.get(row.name, OTHER_SLOT),
            )
            for number, (row, value) in enumerate(zip(ordered, values, strict=True))
        )
        title = _tr("Share by model") if split is Split.MODEL else _tr("Share by project")
        return ChartData(
            title,
            tuple(DataPoint(names(row.name), names(row.name), row) for row in ordered),
            series,
            is_money=measure is Measure.COST,
            empty=_tr("No usage in this range."),
        )

    def parts(self, rows: Sequence[DimensionRow], title: str, measure: Measure) -> ChartData:
        """Return the usage of each value of a dimension, the greatest first.

        They are all of one colour, as they have none elsewhere; grey is what is not known. The
        table has those that are too many for the chart.
        """
        shown = rows[:MOST_BARS]
        words = bar_words([(row.part, row.title) for row in shown], self.formats)
        indices = range(len(shown))
        series = tuple(
            Series(
                "",
                tuple(measured(row.spending, measure) if at == index else 0.0 for at in indices),
                OTHER_SLOT if row.part.value is NOT_KNOWN else 0,
            )
            for index, row in enumerate(shown)
        )
        return ChartData(
            title,
            tuple(
                DataPoint(whole_words(row.part, self.formats, row.title), short, row)
                for row, short in zip(shown, words, strict=True)
            ),
            series,
            is_money=measure is Measure.COST,
            empty=_tr("No usage in this range."),
            whole=sum(measured(row.spending, measure) for row in rows),
        )

    def sessions(self, rows: Sequence[SessionRow]) -> DotData:
        """Return when sessions were last active and what they cost."""
        labels = dict.fromkeys(model.label for row in rows for model in row.spending.models)
        slots = {label: self.models.slot(label) for label in labels}
        dots = [
            Dot(
                row.spending.last_ms,
                row.spending.cost,
                DataPoint(self._session_label, "", row),
                slots[max(models, key=_cost).label]
                if (models := row.spending.models)
                else OTHER_SLOT,
            )
            for row in rows
            if row.spending.last_ms is not None
        ]
        dots.sort(key=_moment)
        names = {slot: self.formats.model(label) for label, slot in slots.items()}
        used = {dot.slot for dot in dots}
        return DotData(
            _tr("Sessions over time"),
            tuple(dots),
            tuple((names[slot], slot) for slot in sorted(used) if slot in names),
            empty=_tr("No sessions in this range."),
            points=tuple(dot.point for dot in dots),
        )

    def model_series(
        self, spendings: Sequence[Spending], measure: Measure = Measure.COST
    ) -> tuple[Series, ...]:
        """Return the parts of each point of a chart, by model."""
        return self._series([by_model(spending, measure) for spending in spendings], Split.MODEL)

    def _session_label(self, row: SessionRow) -> str:
        formats, name = self.formats, row.name
        who = f"{formats.project(name.project_path)} · {formats.session(name.session, row.title)}"
        return f"{who} · {formats.moment(to_utc(row.spending.last_ms or 0))}"

    def _block_label(self, block: SessionBlock) -> str:
        return f"{self.formats.moment(block.start)} – {self.formats.clock(block.end)}"

    def _series(self, parts: Sequence[dict[str, float]], split: Split) -> tuple[Series, ...]:
        keys = {key for part in parts for key in part}
        if split is Split.MODEL:
            return stacked(
                parts, self.formats.model, {key: self.models.slot(key) for key in sorted(keys)}
            )
        sums = {key: sum(part.get(key, 0.0) for part in parts) for key in keys}
        order = sorted(keys, key=lambda key: (-sums[key], key))
        slots = self.projects.slots_apart(order[:MOST_SERIES])
        return stacked(parts, self.formats.project, slots)

    def _day_tick(self, days: Sequence[date]) -> Callable[[date], str]:
        """Return the function that writes days on the axis: months if there are years of them."""
        reach = days[-1] - days[0] if days else timedelta()
        return self.formats.month if reach > LONG else self.formats.short_day

    def _period_point(
        self, start: date, period: Period, today: date | None, day_tick: Callable[[date], str]
    ) -> DataPoint:
        formats = self.formats
        if period is Period.MONTH:
            return DataPoint(formats.month(start), formats.month(start), start)
        label = formats.long_day(start)
        if period is Period.WEEK:
            label = _tr("Week of {day}").format(day=formats.day(start))
        tick = _tr("Today") if start == today else day_tick(start)
        return DataPoint(label, tick, start)

    def _offset_ms(self, moment: datetime) -> int:
        """Return the offset of the user's time zone from UTC."""
        offset = moment.astimezone(self.formats.zone).utcoffset() or timedelta()
        return offset // timedelta(milliseconds=1)

    def _step_point(self, moment: datetime, step_ms: int) -> DataPoint:
        formats = self.formats
        tick = formats.clock(moment)
        if step_ms >= 3_600_000:  # noqa: PLR2004  # hours: the chart spans days
            tick = formats.short_day(day_of(to_ms(moment), formats.zone))
        return DataPoint(formats.moment, tick, moment)


_cost = attrgetter("cost")
_moment = attrgetter("at_ms")


def _all_starts(
    rows: Iterable[PeriodRow],
    period: Period,
    first: date | None,
    last: date | None,
    week_start: int,
) -> list[date]:
    """Return the starts of all periods, including those without usage."""
    found = [row.start for row in rows]
    begin = min(found, default=None)
    if first is not None:
        begin = period_start(first, period, week_start)
    end = last if last is not None else max(found, default=None)
    if begin is None or end is None:
        return []
    starts: list[date] = []
    day = begin
    while day <= end:
        starts.append(day)
        day = next_start(day, period)
    return starts


def next_start(start: date, period: Period) -> date:
    """Return the start of the next period."""
    if period is Period.MONTH:
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + timedelta(days=7 if period is Period.WEEK else 1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Charts", text)
