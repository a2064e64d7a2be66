"""Texts of charts for screen readers and tooltips."""

from __future__ import annotations

from operator import attrgetter

from PySide6.QtCore import QCoreApplication

from spendlight.desktop.window.charts.values import ChartData, DotData
from spendlight.desktop.window.formats import Formats


def summary(data: ChartData, formats: Formats) -> str:
    """Return a description of a chart for screen readers."""
    if data.is_empty:
        return f"{data.title}. {data.empty}"
    totals = data.totals
    total = totals[-1] if data.is_course else sum(totals)
    if data.whole is not None:
        total = data.whole
    parts = [
        _tr("{title}, {first} to {last}: {total} in total.").format(
            title=data.title,
            first=data.points[0].label,
            last=data.points[-1].label,
            total=formats.amount(total, is_money=data.is_money),
        )
    ]
    if not data.is_course and len(totals) > 1:
        most = max(range(len(totals)), key=totals.__getitem__)
        parts.append(
            _tr("Most: {label} with {value}.").format(
                label=data.points[most].label,
                value=formats.amount(totals[most], is_money=data.is_money),
            )
        )
    if len(data.series) > 1 and total:
        for series in data.series[:3]:
            value = series.values[-1] if data.is_course else sum(series.values)
            parts.append(f"{series.name}: {formats.share(value / total)}.")
    if data.forecast is not None and data.forecast.value is not None:
        parts.append(
            _tr("At this rate, {value} at the end.").format(
                value=formats.amount(data.forecast.value, is_money=data.is_money)
            )
        )
    return " ".join(parts)


def dot_summary(data: DotData, formats: Formats) -> str:
    """Return a description of a chart of dots for screen readers."""
    if not data.dots:
        return f"{data.title}. {data.empty}"
    most = max(data.dots, key=attrgetter("value"))
    return _tr("{title}: {count} in total. Most: {label} with {value}.").format(
        title=data.title,
        count=formats.count(len(data.dots)),
        label=most.point.label,
        value=formats.amount(most.value, is_money=data.is_money),
    )


def hover_lines(data: ChartData, index: int, formats: Formats) -> list[tuple[str, str, int | None]]:
    """Return the lines of the tooltip for a data point: names, values and colours."""
    found = [(series.name, series.values[index], series.slot) for series in data.series]
    lines: list[tuple[str, str, int | None]] = [
        (name, formats.amount(value, is_money=data.is_money), slot)
        for name, value, slot in found
        if value
    ]
    if len(lines) != 1:
        total = formats.amount(data.total_at(index), is_money=data.is_money)
        lines.append((_tr("Total"), total, None))
    return lines


def _tr(text: str) -> str:
    return QCoreApplication.translate("Charts", text)
