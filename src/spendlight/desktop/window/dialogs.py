"""What the window explains: why figures differ from others, and which keys there are."""

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
    """A heading, paragraphs under headings of their own, and a way out."""

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
    """Which keys there are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        pages = listed_pages()
        keys = [
            (f"{shown(pages[0].shortcut)} – {len(pages)}", self.tr("Go to a page")),
            (shown(Keys.BACK), self.tr("Back to where you came from")),
            (self.tr("Return"), self.tr("Open what is marked")),
            ("← →", self.tr("Walk through a chart; its values are read aloud")),
            ("+  −  0", self.tr("Zoom into a chart, and show all again")),
            (shown(Keys.FILTER), self.tr("Go to the filter")),
            (shown(Keys.COPY), self.tr("Copy the marked rows, or all")),
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
    """Return what makes our figures differ from others, in the user's words.

    Args:
        answers: How many answers are counted on this machine, as text.
        price_line: Where the money comes from.
        unpriced: Models without a known price.
        unread: Lines that could not be read.
    """
    here = _tr("{answers} answers are counted. {prices}.").format(
        answers=answers, prices=price_line
    )
    if unpriced:
        here += " " + _tr(
            "These models have no known price, so what they cost is left out and marked “+ ?”: "
            "{models}. A price list of your own (Settings, Prices) can give them one."
        ).format(models=", ".join(map(name, unpriced)))
    else:
        here += " " + _tr("Every model has a known price.")
    if unread:
        here += " " + _tr(
            "{count} lines of the logs could not be read; “spendlight doctor” lists them."
        ).format(count=unread)
    else:
        here += " " + _tr("Every line of the logs could be read.")
    return [
        (_tr("On this machine"), here),
        (
            _tr("This is a list price, not a bill"),
            _tr(
                "Tokens are exact. The money is what they cost by the list prices of the API. "
                "With a subscription you pay a flat price, and an invoice may have discounts, "
                "taxes, and usage of other computers in it."
            ),
        ),
        (
            _tr("/usage and /cost in Claude Code"),
            _tr(
                "They speak of your plan’s limits, which are not counted in dollars, or of the "
                "one session that is open. Here every session of this computer is counted, also "
                "those whose logs have been deleted since. What Claude Code says of your plan’s "
                "limits is shown as it says it, and is not reckoned from the logs."
            ),
        ),
        (
            _tr("Each answer counts once"),
            _tr(
                "While an answer arrives it is logged again and again, and a resumed session "
                "copies old lines. Of all copies the fullest counts. Programs that add up every "
                "line show two or three times as much."
            ),
        ),
        (
            _tr("ccusage"),
            _tr(
                "The same rules, with these exceptions: every report has the same total here; "
                "usage of subagents that only progress lines tell of is counted; a request beyond "
                "a long-context threshold is priced as a whole, as it is billed; a model without "
                "a price is named and not counted as free; lines with unusual but valid values "
                "are counted; logs deleted after thirty days stay counted."
            ),
        ),
        (
            _tr("Refusals and fallbacks"),
            _tr(
                "A request that a model refused before any output is not billed, so it costs "
                "nothing here; its tokens are shown. An attempt that was refused half-way, before "
                "another model gave the answer, is billed at its own model’s price and counted "
                "beside the answer, as is the compaction of a long conversation. ccusage counts "
                "the first in full and the others not at all. What Anthropic credits for the "
                "cache of a retry is not in the logs."
            ),
        ),
        (
            _tr("Days and blocks"),
            _tr(
                "Days begin at midnight where you are. A block is five hours from the full hour "
                "of its first answer; where Anthropic’s own window begins is not known."
            ),
        ),
        (
            _tr("Web searches"),
            _tr("They are counted beside the cost and are not in it, as in other programs."),
        ),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyDialog", text)
