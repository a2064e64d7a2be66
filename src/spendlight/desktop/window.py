"""The window: what is spent now on top, the days below."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeySequence,
    QPalette,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from spendlight.metering.reports import Report, ReportKind, SortOrder
from spendlight.tracker.queries import ReportRequest

RELATED_PX: Final = 8
GROUP_PX: Final = 16
EDGE_PX: Final = 24

TITLE: Final = 1.4
FIGURE: Final = 1.9
CAPTION: Final = 0.9
"""Sizes of letters, in those of the system's font."""

CARD_MIN_PX: Final = 190
"""Cards narrower than this move below each other."""

SECONDARY: Final = 0.7
"""Share of the text's colour in a secondary tone; on our grounds it keeps 4.5 : 1."""

CLICK_S: Final = 0.3
"""A click on the tray takes the focus from the window this much before it is reported."""


class Label(QLabel):
    """A text of a size relative to the system's font, plain or in the secondary tone."""

    def __init__(
        self, scale: float = 1.0, *, is_secondary: bool = False, is_bold: bool = False
    ) -> None:
        super().__init__()
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * scale)
        if is_bold:
            font.setWeight(QFont.Weight.DemiBold)
            font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._is_secondary = is_secondary
        self._tint()

    def show_text(self, text: str) -> None:
        """Show a text, or nothing at all where it is empty."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._tint()

    def _tint(self) -> None:
        if not self._is_secondary:
            return
        palette = QPalette()
        text, ground = palette.windowText().color(), palette.window().color()
        palette.setColor(QPalette.ColorRole.WindowText, _mixed(text, ground, SECONDARY))
        self.setPalette(palette)


class CardRow(QWidget):
    """Cards side by side, or below each other where the window is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[tuple[QWidget, tuple[Label, Label, Label]]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(EDGE_PX)
        self._grid.setVerticalSpacing(GROUP_PX)

    def show_cards(self, cards: Sequence[tuple[str, str, str]]) -> None:
        """Show cards: caption, figure, and context of each."""
        while len(self._cards) < len(cards):
            self._cards.append(_card())
        for (widget, labels), texts in zip(self._cards, cards, strict=False):
            for label, text in zip(labels, texts, strict=True):
                if label.text() != text:
                    label.setText(text)
            widget.setAccessibleName(": ".join(texts[:2]))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the cards for the new width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(len(self._cards), self.width() // CARD_MIN_PX))
        for number, (widget, _) in enumerate(self._cards):
            row, column = divmod(number, columns)
            there = self._grid.itemAtPosition(row, column)
            if there is None or there.widget() is not widget:
                self._grid.addWidget(widget, row, column)
        for column in range(len(self._cards)):
            self._grid.setColumnStretch(column, int(column < columns))


class MainWindow(QWidget):
    """Shows the figures of now and the table of the days.

    It says what the user wants by signals, and is told what to show. It asks for a report when it
    is shown and when days have changed that it shows; an answer to a question that has been
    replaced is dropped by its number.

    Signals:
        report_requested: It wants a report; carries a number and the `ReportRequest`.
        report_arrived: The report to show in the table; carries `Report`.
        refresh_requested: The user wants the figures of this moment.
        cancel_requested: The user wants the reading of the logs to stop.
        quit_requested: The user wants the program to end.
    """

    report_requested = Signal(int, object)
    report_arrived = Signal(object)
    refresh_requested = Signal()
    cancel_requested = Signal()
    quit_requested = Signal()

    def __init__(self, table: QWidget) -> None:
        """Make the window.

        Args:
            table: Shows the report; joined to `report_arrived` by whoever made it.
        """
        super().__init__()
        self._asked = 0
        self._is_outdated = True
        self._deactivated_at = 0.0
        self._notice = _Notice()
        self._hint = _Notice()
        self._cards = CardRow()
        self._prices = Label(CAPTION, is_secondary=True)
        self._prices.setWordWrap(True)
        self._empty_title = Label(TITLE)
        self._empty_advice = Label(is_secondary=True)
        self._progress = _Progress()
        self._progress.cancel.clicked.connect(self.cancel_requested)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._data_page(table))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        layout.setSpacing(GROUP_PX)
        layout.addWidget(self._hint)
        layout.addWidget(self._notice)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._progress)
        self._add_shortcuts()
        self.resize(960, 640)

    def show_figures(
        self,
        title: str,
        cards: Sequence[tuple[str, str, str]],
        price_line: str,
        notice: tuple[str, str] | None,
        empty: tuple[str, str] | None,
    ) -> None:
        """Show the present.

        Args:
            title: The window's title.
            cards: Caption, figure and context of each.
            price_line: Where the money comes from.
            notice: What must be known about the figures, and what to do about it.
            empty: What stands there in the place of figures, if there are none.
        """
        self.setWindowTitle(title)
        self._notice.show_message(notice)
        self._prices.show_text(price_line)
        if empty is None:
            self._cards.show_cards(cards)
        else:
            self._empty_title.show_text(empty[0])
            self._empty_advice.show_text(empty[1])
        self._pages.setCurrentIndex(int(empty is None))

    def show_hint(self, hint: tuple[str, str] | None) -> None:
        """Show a hint about the desktop, or none."""
        self._hint.show_message(hint)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far the reading of the logs is; a total of 0 ends that."""
        self._progress.show_progress(done, total, text)

    def on_days_changed(self) -> None:
        """Ask for the report again, now or when there is somebody to see it."""
        self._is_outdated = True
        if self.isVisible():
            self._ask()

    def on_report(self, number: int, report: Report[Any]) -> None:
        """Take the answer to the question of that number."""
        if number == self._asked:
            self.report_arrived.emit(report)

    def on_report_failed(self, notice: tuple[str, str]) -> None:
        """Say why there is no answer; ask again when there is a reason to."""
        self._is_outdated = True
        self._notice.show_message(notice)

    def toggle(self) -> None:
        """Disappear, if the user sees the window; else come up."""
        is_active = self.isActiveWindow() or time.monotonic() - self._deactivated_at < CLICK_S
        if self.isVisible() and not self.isMinimized() and is_active:
            self.hide()
        else:
            self.come_up()

    def come_up(self) -> None:
        """Appear above all other windows."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the report that was not worth asking for while nobody looked."""
        super().showEvent(event)
        if self._is_outdated:
            self._ask()

    def changeEvent(self, event: QEvent) -> None:
        """Remember when the focus went, to tell a click on the tray from any other."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._deactivated_at = time.monotonic()

    def _ask(self) -> None:
        self._is_outdated = False
        self._asked += 1
        request = ReportRequest(ReportKind.DAILY, order=SortOrder.DESCENDING)
        self.report_requested.emit(self._asked, request)

    def _add_shortcuts(self) -> None:
        for keys, action in (
            ("Ctrl+W", self.close),
            ("Ctrl+Q", self.quit_requested.emit),
            ("F5", self.refresh_requested.emit),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(RELATED_PX)
        layout.addStretch(2)
        for label in (self._empty_title, self._empty_advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(3)
        return page

    def _data_page(self, table: QWidget) -> QWidget:
        page = QWidget()
        refresh = QPushButton("Refresh")
        refresh.setToolTip("F5")
        refresh.clicked.connect(self.refresh_requested)
        heading = Label(TITLE)
        heading.setText("By day")
        line = QHBoxLayout()
        line.addWidget(heading, 1)
        line.addWidget(refresh)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addWidget(self._cards)
        layout.addSpacing(GROUP_PX)
        layout.addLayout(line)
        layout.addWidget(table, 1)
        layout.addWidget(self._prices)
        return page


class _Notice(QWidget):
    """One sentence that must be read, and one of advice."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Label(is_bold=True)
        self._advice = Label(is_secondary=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX // 2)
        for label in (self._title, self._advice):
            label.setWordWrap(True)
            layout.addWidget(label)
        self.hide()

    def show_message(self, message: tuple[str, str] | None) -> None:
        """Show a message, or none."""
        title, advice = message or ("", "")
        self._title.show_text(title)
        self._advice.show_text(advice)
        self.setVisible(message is not None)


class _Progress(QWidget):
    """How far the reading of the logs is, and a way to stop it."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(RELATED_PX)
        self._text = Label(CAPTION, is_secondary=True)
        self.cancel = QPushButton("Cancel")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._text)
        layout.addWidget(self.cancel)
        self.hide()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far it is; a total of 0 hides it."""
        self.setVisible(total > 0)
        if total:
            self._bar.setRange(0, 1000)
            self._bar.setValue(done * 1000 // total)
            self._text.show_text(text)


def _card() -> tuple[QWidget, tuple[Label, Label, Label]]:
    widget = QWidget()
    labels = (
        Label(CAPTION, is_secondary=True),
        Label(FIGURE, is_bold=True),
        Label(CAPTION, is_secondary=True),
    )
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for label in labels:
        layout.addWidget(label)
    return widget, labels


def _mixed(color: QColor, ground: QColor, share: float) -> QColor:
    def part(one: float, other: float) -> float:
        return one * share + other * (1 - share)

    return QColor.fromRgbF(
        part(color.redF(), ground.redF()),
        part(color.greenF(), ground.greenF()),
        part(color.blueF(), ground.blueF()),
    )
