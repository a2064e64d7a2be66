"""Dialogs with explanations: why figures differ from others, and the keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.labels import EDGE_PX, GROUP_PX, RELATED_PX, TITLE, Label
from spendlight.desktop.window.pages import listed_pages
from spendlight.desktop.window.shortcuts import Keys, shown
from spendlight.names import name

WIDTH_PX: Final = 620


class TextDialog(QDialog):
    """A heading, paragraphs with their own headings, and a button to close."""

    def __init__(
        self, title: str, sections: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        layout.setSpacing(RELATED_PX // 2)
        heading = Label(TITLE)
        heading.setText(title)
        layout.addWidget(heading)
        for about, text in sections:
            layout.addSpacing(GROUP_PX)
            head, body = Label(is_bold=True), Label()
            head.setText(about)
            body.setText(text)
            for label in (head, body):
                label.setWordWrap(True)
                layout.addWidget(label)
        layout.addStretch(1)
        _frame(self, inner, round(WIDTH_PX * 0.95))


class KeysDialog(QDialog):
    """The keyboard shortcuts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        pages = listed_pages()
        keys = [
            (f"{shown(pages[0].shortcut)} – {len(pages)}", self.tr("Go to a page")),
            (shown(Keys.BACK), self.tr("Back to the previous page")),
            (self.tr("Return"), self.tr("Open the selection")),
            ("← →", self.tr("Move through a chart; its values are read aloud")),
            ("+  −  0", self.tr("Zoom a chart in and out")),
            (shown(Keys.FILTER), self.tr("Go to the filter")),
            (shown(Keys.COPY), self.tr("Copy the selected rows, or all")),
            (shown(Keys.EXPORT), self.tr("Export the table")),
            (shown(Keys.SAVE), self.tr("Save the chart as a picture")),
            (shown(Keys.PRIVATE), self.tr("Hide amounts")),
            (shown(Keys.REFRESH), self.tr("Refresh")),
            (shown(Keys.SETTINGS), self.tr("Settings")),
            (shown(Keys.CLOSE), self.tr("Close the window")),
            (shown(Keys.QUIT), self.tr("Quit")),
            (shown(Keys.HELP), self.tr("These shortcuts")),
        ]
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        grid.setHorizontalSpacing(EDGE_PX)
        grid.setVerticalSpacing(RELATED_PX)
        heading = Label(TITLE)
        heading.setText(self.tr("Keyboard shortcuts"))
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, (key, text) in enumerate(keys, start=1):
            left, right = Label(is_bold=True), Label()
            left.setText(key)
            right.setText(text)
            right.setAccessibleDescription(key)
            grid.addWidget(left, row, 0)
            grid.addWidget(right, row, 1)
        grid.setRowStretch(len(keys) + 1, 1)
        grid.setColumnStretch(1, 1)
        _frame(self, inner, 520)


def _frame(dialog: QDialog, inner: QWidget, height: int) -> None:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    area.setAccessibleName(dialog.windowTitle())
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    outer = QVBoxLayout(dialog)
    outer.setContentsMargins(0, 0, 0, GROUP_PX)
    outer.addWidget(area, 1)
    line = QVBoxLayout()
    line.setContentsMargins(EDGE_PX, 0, EDGE_PX, 0)
    line.addWidget(buttons)
    outer.addLayout(line)
    dialog.resize(WIDTH_PX, height)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


def why_figures_differ(
    answers: str, price_line: str, unpriced: Sequence[str], unread: int
) -> list[tuple[str, str]]:
    """Return why our figures may differ from others, as headings and paragraphs.

    Args:
        answers: How many answers are counted on this machine, as text.
        price_line: The price list in force.
        unpriced: Models without a known price.
        unread: Lines that could not be read.
    """
    here = _tr("{answers} answers counted. {prices}.").format(answers=answers, prices=price_line)
    if unpriced:
        here += " " + _tr(
            "These models have no known price, so their cost is left out and marked “+ ?”: "
            "{models}. You can add prices with your own price list (Settings, Prices)."
        ).format(models=", ".join(map(name, unpriced)))
    else:
        here += " " + _tr("Every model has a known price.")
    if unread:
        here += " " + _tr(
            "{count} lines of the logs could not be read; “spendlight doctor” lists them."
        ).format(count=unread)
    else:
        here += " " + _tr("All lines of the logs could be read.")
    return [
        (_tr("On this machine"), here),
        (
            _tr("This is a list price, not a bill"),
            _tr(
                "Token counts are exact. Costs are calculated from the list prices of the API. "
                "With a subscription you pay a flat price, and an invoice may include discounts, "
                "taxes, and usage from other computers."
            ),
        ),
        (
            _tr("/usage and /cost in Claude Code"),
            _tr(
                "They are about your plan limits, which are not measured in dollars, or about "
                "the current session. Spendlight counts every session on this computer, "
                "including those whose logs have since been deleted. Plan limits are shown as "
                "reported by Claude Code; they are not calculated from the logs."
            ),
        ),
        (
            _tr("Each answer counts once"),
            _tr(
                "While an answer arrives, it is logged several times, and a resumed session "
                "copies old lines. Only the most complete copy counts. Programs that add up "
                "every line show two or three times as much."
            ),
        ),
        (
            _tr("ccusage"),
            _tr(
                "The same rules, with these exceptions: every report has the same total; "
                "subagent usage that only appears in progress lines is counted; a request above "
                "a long-context threshold is priced as a whole, as it is billed; a model without "
                "a price is listed instead of counted as free; lines with unusual but valid "
                "values are counted; logs deleted after thirty days stay counted."
            ),
        ),
        (
            _tr("Refusals and fallbacks"),
            _tr(
                "A request that a model refuses before any output is not billed, so it costs "
                "nothing; its tokens are shown. An attempt that is refused halfway, before "
                "another model answers, is billed at its own model’s price and counted in "
                "addition to the answer, as is the compaction of a long conversation. ccusage "
                "counts the former in full and the latter not at all. Credits from Anthropic for "
                "the cache of a retry are not in the logs."
            ),
        ),
        (
            _tr("Days and blocks"),
            _tr(
                "Days begin at midnight in your time zone. A block lasts five hours, starting at "
                "the full hour of its first answer; when Anthropic’s own window begins is not "
                "known."
            ),
        ),
        (
            _tr("Web searches"),
            _tr("They are shown separately and not included in the cost, as in other programs."),
        ),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyDialog", text)
