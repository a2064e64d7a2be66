"""The list of pages, and the trail above a page that was drilled down to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from spendlight.desktop.window.icons import ICON_PX, tinted_icon
from spendlight.desktop.window.labels import RELATED_PX, TITLE, Label
from spendlight.desktop.window.pages import ListedPage, PageKey
from spendlight.desktop.window.shortcuts import Keys, shown

MOST_LINKS: Final = 2
"""A longer trail would be too wide for the window."""

ROW_LINES: Final = 2.0
ROUND_PX: Final = 4
WIDTH_CHARS: Final = 15
"""The width of the list, in characters, in addition to its icons."""


class _Entry(QStyledItemDelegate):
    """Draws a page's icon and title on a flat background."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the entry."""
        self.initStyleOption(option, index)
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        icon: QIcon = option.icon
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        is_enabled = bool(state & QStyle.StateFlag.State_Enabled)
        group = QPalette.ColorGroup.Normal if is_enabled else QPalette.ColorGroup.Disabled
        role = QPalette.ColorRole.WindowText
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen and is_enabled:
            role = QPalette.ColorRole.HighlightedText
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(group, QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), ROUND_PX, ROUND_PX)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(palette.color(group, role))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(2, 3, -3, -4), ROUND_PX - 1, ROUND_PX - 1)
        is_left = option.direction == Qt.LayoutDirection.LeftToRight
        box = rect.adjusted(RELATED_PX, 0, -RELATED_PX, 0)
        top = box.top() + (box.height() - ICON_PX) // 2
        left = box.left() if is_left else box.right() - ICON_PX
        mode = QIcon.Mode.Selected if is_chosen and is_enabled else QIcon.Mode.Normal
        painter.setOpacity(1.0 if is_enabled else 0.5)
        icon.paint(painter, QRect(left, top, ICON_PX, ICON_PX), mode=mode)
        painter.setOpacity(1.0)
        painter.setPen(palette.color(group, role))
        room = ICON_PX + RELATED_PX
        text = box.adjusted(room, 0, 0, 0) if is_left else box.adjusted(0, 0, -room, 0)
        side = Qt.AlignmentFlag.AlignLeft if is_left else Qt.AlignmentFlag.AlignRight
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | side, index.data())
        painter.restore()


class Navigation(QListWidget):
    """The pages.

    Signals:
        page_chosen: The user wants to see a page; carries its `PageKey`.
    """

    page_chosen = Signal(object)

    def __init__(self, pages: Sequence[ListedPage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pages")
        self.setAccessibleName(self.tr("Pages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setUniformItemSizes(True)
        self.setItemDelegate(_Entry(self))
        metrics = self.fontMetrics()
        height = round(metrics.height() * ROW_LINES)
        self._pages = tuple(pages)
        for page in pages:
            item = QListWidgetItem(page.title)
            item.setSizeHint(QSize(0, height))
            item.setToolTip(shown(page.shortcut))
            self.addItem(item)
        self.setFixedWidth(metrics.averageCharWidth() * WIDTH_CHARS + ICON_PX + 2 * RELATED_PX)
        self._dress()
        self.setCurrentRow(0)
        self.currentRowChanged.connect(self._on_row)
        self.itemClicked.connect(self._on_click)

    def show_page(self, key: PageKey) -> None:
        """Mark the page that is shown; for details, the page they came from."""
        for row, page in enumerate(self._pages):
            if page.key is key:
                self.blockSignals(True)  # noqa: FBT003  # Qt's own
                self.setCurrentRow(row)
                self.blockSignals(False)  # noqa: FBT003  # Qt's own

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._dress()

    def _dress(self) -> None:
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Base, palette.window().color())
        self.setPalette(palette)
        for row, page in enumerate(self._pages):
            self.item(row).setIcon(tinted_icon(page.icon, palette))

    def _on_row(self, row: int) -> None:
        if row >= 0:
            self.page_chosen.emit(self._pages[row].key)

    def _on_click(self, item: QListWidgetItem) -> None:
        """Return to the start of the page that is shown, if that was clicked."""
        self._on_row(self.row(item))


class Trail(QWidget):
    """The title of the page, with the trail that led to it.

    Signals:
        stop_chosen: The user wants to go back to a stop; carries its number.
    """

    stop_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles: tuple[str, ...] = ()
        self._links: list[QToolButton] = []
        self._back = QToolButton()
        self._back.setAutoRaise(True)
        self._back.setText(self.tr("Back"))
        self._back.setAccessibleName(self.tr("Back"))
        self._back.setToolTip(shown(Keys.BACK))
        self._back.clicked.connect(self._on_back)
        self._title = Label(TITLE)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(RELATED_PX // 2)
        self._layout.addWidget(self._back)
        self._layout.addWidget(self._title)
        self._layout.addStretch(1)
        self._dress()
        self._back.hide()

    def show_stops(self, titles: Sequence[str]) -> None:
        """Show the titles of the stops, the last of which is the page itself."""
        if tuple(titles) == self._titles:
            return
        self._titles = tuple(titles)
        for link in self._links:
            self._layout.removeWidget(link)
            link.hide()
            link.deleteLater()
        links = list(enumerate(titles[:-1]))
        if len(links) > MOST_LINKS:  # the others can be reached step by step
            first, (number, title) = links[0], links[-1]
            links = [first, (number, f"… / {title}")]
        self._links = [self._link(position, *link) for position, link in enumerate(links)]
        self._title.setText(titles[-1] if titles else "")
        self._back.setVisible(bool(self._links))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._dress()

    def _link(self, position: int, number: int, title: str) -> QToolButton:
        link = QToolButton()
        link.setAutoRaise(True)
        link.setText(f"{title} /".replace("&", "&&"))
        link.setAccessibleName(self.tr("Back to {0}").format(title))
        link.clicked.connect(lambda: self.stop_chosen.emit(number))
        self._layout.insertWidget(1 + position, link)
        link.show()
        return link

    def _dress(self) -> None:
        self._back.setIcon(tinted_icon("back", QPalette()))

    def _on_back(self) -> None:
        self.stop_chosen.emit(len(self._titles) - 2)
