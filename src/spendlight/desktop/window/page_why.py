"""The page that says what usage was for: repository, branch, session, subagent, skill and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from spendlight.desktop.window.chart_page import ChartPage
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.overlays import HoverLine
from spendlight.desktop.window.charts.surface import ShareBars
from spendlight.desktop.window.charts.values import Measure
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import CAPTION, GROUP_PX, RELATED_PX, Label
from spendlight.desktop.window.part_words import trail_words
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.tables import heading_words
from spendlight.desktop.window.targets import SessionTarget, WhyTarget
from spendlight.metering.dimensions import (
    AGENT,
    DIMENSIONS,
    NOT_KNOWN,
    PROJECT,
    REPOSITORY,
    SESSION,
    TOOL,
    Condition,
)
from spendlight.metering.periods import day_of
from spendlight.metering.reports import Report
from spendlight.tracker.questions.dimension_shares import DimensionRow, DimensionShares
from spendlight.tracker.questions.question import Question

LEVELS: Final = (REPOSITORY, "branch", SESSION, AGENT)
"""The dimensions of drilling down, each within the one before."""

_IMPLIED: Final[Mapping[str, frozenset[str]]] = {
    "folder": frozenset({REPOSITORY}),
    SESSION: frozenset({REPOSITORY, "branch"}),
    AGENT: frozenset({REPOSITORY, "branch"}),
}
"""The levels that are of no interest within one value of a dimension."""


def next_level(where: Sequence[Condition]) -> str:
    """Return the dimension by which a part is divided at first; "" if it cannot be any further."""
    chosen = {condition.dimension for condition in where}
    done = chosen.union(*(_IMPLIED.get(name, ()) for name in chosen))
    return next((level for level in LEVELS if level not in done), "")


class WhyPage(ChartPage):
    """Usage by one dimension at a time, with a bar for each value; each leads to its own parts."""

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        self._chosen: dict[tuple[Condition, ...], str] = {}
        self._by = QComboBox()
        self._by.setAccessibleName(self.tr("Divided by"))
        self._by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for dimension in DIMENSIONS.values():
            if dimension.name != PROJECT:
                self._by.addItem(heading_words(dimension.heading), dimension.name)
        self._by.setMaxVisibleItems(self._by.count())
        self._note = Label(CAPTION, is_secondary=True)
        self._note.setWordWrap(True)
        self._note.hide()
        super().__init__(
            formats,
            maker,
            ReportView(
                self.tr("Usage by circumstances"),
                formats,
                sort_by="Cost",
                extra=("First activity",),
            ),
            controls=self._make_controls(),
        )
        self._by.activated.connect(self._on_chosen)

    @property
    def where(self) -> tuple[Condition, ...]:
        """What selects the part that is shown."""
        return self.target.where if isinstance(self.target, WhyTarget) else ()

    @property
    def dimension(self) -> str:
        """By what it is divided."""
        return self._chosen.get(self.where) or next_level(self.where) or AGENT

    def choose(self, dimension: str) -> None:
        """Choose by what it is divided."""
        self._chosen[self.where] = dimension
        self.asked.emit()

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the question for the parts."""
        with QSignalBlocker(self._by):
            self._by.setCurrentIndex(self._by.findData(self.dimension))
        selection = self.selection._replace(where=self.where)
        return {"parts": DimensionShares(self.dimension, selection)}

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show the parts."""
        del name
        if self._is_pointless(report.rows):
            self.choose("folder")
            return
        self._view.show_report(report)
        self.show_whether_empty(is_empty=not report.rows)
        self._note.show_text(self._note_on(report))
        measure = Measure.COST if report.total.cost else Measure.TOKENS
        title = self.tr("Share by {0}").format(heading_words(DIMENSIONS[self.dimension].heading))
        data = self.maker.parts(report.rows, title, measure)
        self._chart.show_shares(data, lambda index: self._lines(report.rows[index]))
        self.share_height()

    def show_failure(self) -> None:
        """Show no figures, and nothing about them."""
        self._note.hide()
        super().show_failure()

    def open_meaning(self, meaning: object) -> None:
        """Drill down to the parts of a part, or to the answers of a session."""
        if not isinstance(meaning, DimensionRow):
            return
        part, formats = meaning.part, self.formats
        condition = Condition(part.dimension, (part.value,), is_exact=True)
        where = (*(one for one in self.where if one.dimension != part.dimension), condition)
        title = trail_words(part, formats, meaning.title)
        hidden = trail_words(part, formats, "" if part.dimension == SESSION else meaning.title)
        if next_level(where):
            self.opened.emit(WhyTarget(title, where, hidden))
            return
        values = {one.dimension: one.values[0] for one in where}
        agent = values.get(AGENT)
        if session := values.get(SESSION):
            self.opened.emit(SessionTarget(title, session, hidden, agent=agent))

    def share_height(self) -> None:
        """Give the bars the height they need."""
        surface = self._chart.surface
        if isinstance(surface, ShareBars):
            self.give_chart(surface.needed_height + GROUP_PX)

    def _is_pointless(self, rows: Sequence[DimensionRow]) -> bool:
        """Return whether no repository is known, so that folders tell more."""
        is_first = self.dimension == LEVELS[0] and self.where not in self._chosen
        return is_first and len(rows) == 1 and rows[0].part.value is NOT_KNOWN

    def _make_controls(self) -> QWidget:
        caption = Label()
        caption.setText(self.tr("Divided by"))
        caption.setBuddy(self._by)
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        line.addWidget(caption)
        line.addWidget(self._by)
        line.addStretch(1)
        controls = QWidget()
        layout = QVBoxLayout(controls)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addLayout(line)
        layout.addWidget(self._note)
        return controls

    def _lines(self, row: DimensionRow) -> list[HoverLine]:
        """Return the lines of the tooltip of a bar."""
        formats, spending = self.formats, row.spending
        return [
            (self.tr("Cost"), formats.money(spending.cost), None),
            (self.tr("Share"), formats.share(row.share), None),
            (self.tr("Answers"), formats.count(spending.answers), None),
        ]

    def _note_on(self, report: Report[DimensionRow]) -> str:
        """Return what must be known about the figures, or ""."""
        notes = []
        if self.dimension == TOOL:
            notes.append(
                self.tr("An answer that called several tools counts once, under all of them.")
            )
        unknown = next((row for row in report.rows if row.part.value is NOT_KNOWN), None)
        if unknown is not None:
            notes.append(self._note_on_unknown(unknown))
        return " ".join(notes)

    def _note_on_unknown(self, row: DimensionRow) -> str:
        """Return for how much a dimension is not known, a possible reason, and since when it is."""
        share = self.formats.share(row.share)
        if self.dimension == LEVELS[0]:
            return self.tr(
                "Not known for {0}: the folder is in no git repository, or was gone before "
                "Spendlight looked."
            ).format(share)
        if row.known_since_ms is None:
            return self.tr(
                "Not known in this range: Claude Code did not log it, or its logs were gone "
                "before Spendlight kept it."
            )
        since = self.formats.day(day_of(row.known_since_ms, self.formats.zone))
        return self.tr(
            "Not known for {0}: Claude Code did not log it, or its logs were gone before "
            "Spendlight kept it. Known since {1}."
        ).format(share, since)

    def _on_chosen(self, index: int) -> None:
        self.choose(str(self._by.itemData(index)))
