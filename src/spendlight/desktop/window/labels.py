"""Building blocks of the pages: texts, cards, notices and progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.icons import ICON_PX, tinted_icon
from spendlight.desktop.window.tones import SECONDARY, mixed
from spendlight.names import shown_lines

RELATED_PX: Final = 8
GROUP_PX: Final = 16
EDGE_PX: Final = 24

TITLE: Final = 1.4
FIGURE: Final = 1.9
CAPTION: Final = 0.9
"""Font sizes, relative to the system's font."""

CARD_MIN_PX: Final = 170
"""If cards would be narrower than this, they are stacked."""

CARD_MAX_PX: Final = 320
"""Wider ones would be too far apart."""

STALE: Final = 0.55
"""Share of the text's colour in an outdated figure; as large text it needs a contrast of 3 : 1."""

STALE_MARK: Final = "◷"
"""A clock beside the caption of an outdated figure."""


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
        self._share = SECONDARY if is_secondary else 1.0
        self._tint()
        self._align()

    def setText(self, text: str) -> None:
        """Show a text that may contain names."""
        super().setText(shown_lines(text))

    def show_text(self, text: str) -> None:
        """Show a text, or hide the label if it is empty."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.LayoutDirectionChange:
            self._align()

    def set_share(self, share: float) -> None:
        """Mix the text's colour with its background; 1 is the text's colour alone."""
        if share != self._share:
            self._share = share
            self._tint()

    def _align(self) -> None:
        """Align with the window's direction, even if a text is only a number."""
        if self.alignment() & Qt.AlignmentFlag.AlignHCenter:
            return
        is_left = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        side = Qt.AlignmentFlag.AlignLeft if is_left else Qt.AlignmentFlag.AlignRight
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)

    def _tint(self) -> None:
        palette = QPalette()
        if self._share == 1.0:
            self.setPalette(palette)
            return
        text, ground = palette.windowText().color(), palette.window().color()
        palette.setColor(QPalette.ColorRole.WindowText, mixed(text, ground, self._share))
        self.setPalette(palette)


class CardRow(QWidget):
    """Cards side by side, or stacked if the window is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[tuple[QWidget, tuple[Label, Label, Label]]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSizeConstraint(QGridLayout.SizeConstraint.SetNoConstraint)
        self._grid.setHorizontalSpacing(EDGE_PX)
        self._grid.setVerticalSpacing(GROUP_PX)

    def show_cards(self, cards: Sequence[tuple[str, str, str]], *, is_stale: bool = False) -> None:
        """Show cards.

        Args:
            cards: Caption, figure and context of each.
            is_stale: Whether the figures are outdated.
        """
        while len(self._cards) < len(cards):
            self._cards.append(_card())
        while len(self._cards) > len(cards):
            widget, _ = self._cards.pop()
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        for (widget, labels), texts in zip(self._cards, cards, strict=False):
            caption, figure, context = texts
            shown = (f"{caption} {STALE_MARK}" if is_stale else caption, figure, context)
            for label, text in zip(labels, shown, strict=True):
                if label.text() != text:
                    label.setText(text)
            labels[1].set_share(STALE if is_stale else 1.0)
            told = self.tr("{0}: {1}, not up to date") if is_stale else "{0}: {1}"
            widget.setAccessibleName(told.format(caption, figure))
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """Return the size of the widest card, as they may be stacked."""
        sizes = [widget.minimumSizeHint() for widget, _ in self._cards]
        width = max((size.width() for size in sizes), default=0)
        return QSize(width, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the cards for the new width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(len(self._cards), self.width() // CARD_MIN_PX))
        free = max(0, self.width() - columns * CARD_MAX_PX)
        is_left = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        self._grid.setContentsMargins(0 if is_left else free, 0, free if is_left else 0, 0)
        for number, (widget, _) in enumerate(self._cards):
            row, column = divmod(number, columns)
            there = self._grid.itemAtPosition(row, column)
            if there is None or there.widget() is not widget:
                self._grid.addWidget(widget, row, column)
                widget.show()
        for column in range(len(self._cards)):
            self._grid.setColumnStretch(column, int(column < columns))


class Notice(QWidget):
    """A notice: one sentence, and one of advice."""

    def __init__(self, *, has_mark: bool = False) -> None:
        """Start without a message.

        Args:
            has_mark: Whether it has a warning sign.
        """
        super().__init__()
        self._mark = QLabel()
        self._mark.setAccessibleName(self.tr("Attention"))
        self._mark.setVisible(has_mark)
        self._title = Label(is_bold=True)
        self._advice = Label(is_secondary=True)
        words = QVBoxLayout()
        words.setSpacing(RELATED_PX // 2)
        for label in (self._title, self._advice):
            label.setWordWrap(True)
            words.addWidget(label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self._tint()
        self.hide()

    def show_message(self, message: tuple[str, str] | None) -> None:
        """Show a message, or none."""
        title, advice = message or ("", "")
        self._title.show_text(title)
        self._advice.show_text(advice)
        self.setVisible(message is not None)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._tint()

    def _tint(self) -> None:
        if not self._mark.isHidden():
            size = QSize(ICON_PX, ICON_PX)
            icon = tinted_icon("notice", QPalette())
            self._mark.setPixmap(icon.pixmap(size, self.devicePixelRatioF()))


class Progress(QWidget):
    """The progress of reading the logs, and a button to stop it."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Reading the logs"))
        self._bar.setFixedHeight(RELATED_PX)
        self._text = Label(CAPTION, is_secondary=True)
        self.cancel = QPushButton(self.tr("Cancel"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._text)
        layout.addWidget(self.cancel)
        self.hide()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show the progress; a total of 0 hides it."""
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
