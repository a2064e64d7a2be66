"""The frame of the pages: navigation, notices, range and filter, and the price list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStyleOptionToolButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.icons import tinted_icon
from spendlight.desktop.window.labels import (
    CAPTION,
    EDGE_PX,
    GROUP_PX,
    RELATED_PX,
    Label,
    Notice,
    Progress,
)
from spendlight.desktop.window.navigation import Navigation, Trail
from spendlight.desktop.window.nothing import Nothing
from spendlight.desktop.window.offer import BudgetOffer
from spendlight.desktop.window.pages import listed_pages
from spendlight.desktop.window.scope_bar import ScopeBar
from spendlight.desktop.window.shortcuts import Keys, shown


class WindowFrame(QWidget):
    """The window without its pages.

    Attributes:
        hint: A hint about the desktop.
        notice: A notice about the figures.
        offer: The question whether the user wants a budget.
        progress: The progress of reading the logs.
        scope_bar: The selection of range and filter.
        navigation: The list of pages.
        trail: The trail of pages that led here.
        menu: The menu with other actions.

    Signals:
        refresh_requested: The user wants a refresh.
        settings_requested: The user wants to see the settings.
    """

    refresh_requested = Signal()
    settings_requested = Signal()

    def __init__(self, pages: QWidget) -> None:
        """Create the frame around the pages."""
        super().__init__()
        self.hint, self.notice = Notice(), Notice(has_mark=True)
        self._of_figures: tuple[str, str] | None = None
        self._failure: tuple[str, str] | None = None
        self.offer = BudgetOffer()
        self.progress = Progress()
        self.scope_bar = ScopeBar()
        self.navigation = Navigation(listed_pages())
        self.trail = Trail()
        self.menu = MoreMenu(self)
        self.menu.settings_requested.connect(self.settings_requested)
        self._demo = Label(is_secondary=True)
        self._demo.hide()
        self._prices = Label(CAPTION, is_secondary=True)
        self._prices.setWordWrap(True)
        again = QPushButton(self.tr("Scan again"))
        again.clicked.connect(self.refresh_requested)
        settings = QPushButton(self.tr("Settings…"))
        settings.clicked.connect(self.settings_requested)
        self._nothing = Nothing(again, settings)
        self._stack = QStackedWidget()
        self._lay_out(pages)

    def show_prices(self, text: str) -> None:
        """Show the price list in force."""
        self._prices.show_text(text)

    def show_demo(self) -> None:
        """Show that the figures are made up."""
        self._demo.show_text(self.tr("Made-up data"))

    def show_notice(self, message: tuple[str, str] | None) -> None:
        """Set the notice about the figures, or none."""
        self._of_figures = message
        self.notice.show_message(self._failure or message)

    def show_failure(self, reason: tuple[str, str] | None) -> None:
        """Show, in the place of that notice, why there are no figures; None if there are."""
        if reason != self._failure:
            self._failure = reason
            self.notice.show_message(reason or self._of_figures)

    def show_empty(self, message: tuple[str, str] | None) -> None:
        """Show a message instead of the pages; None shows the pages."""
        if message is not None:
            self._nothing.explain(*message)
        self._stack.setCurrentIndex(int(message is None))
        self.navigation.setEnabled(message is None)

    def _lay_out(self, pages: QWidget) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(EDGE_PX, GROUP_PX, EDGE_PX, GROUP_PX)
        right.setSpacing(GROUP_PX)
        for widget in (self.hint, self.notice, self.offer):
            right.addWidget(widget)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._data_page(pages))
        right.addWidget(self._stack, 1)
        right.addWidget(self.progress)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, GROUP_PX, 0, 0)
        outer.setSpacing(0)
        outer.addSpacing(RELATED_PX)
        outer.addWidget(self.navigation)
        outer.addLayout(right, 1)

    def _data_page(self, pages: QWidget) -> QWidget:
        page = QWidget()
        refresh = QPushButton(self.tr("Refresh"))
        refresh.setToolTip(shown(Keys.REFRESH))
        refresh.clicked.connect(self.refresh_requested)
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        line.addWidget(self.trail, 1)
        line.addWidget(self._demo)
        line.addWidget(refresh)
        line.addWidget(_MoreButton(self.menu))
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addLayout(line)
        layout.addWidget(self.scope_bar)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(pages, 1)
        layout.addWidget(self._prices)
        return page


class MoreMenu(QMenu):
    """The menu with other actions.

    Attributes:
        private: Whether amounts are hidden.

    Signals:
        export_requested: The user wants the table as a file.
        save_requested: The user wants the chart as a picture.
        invoice_requested: The user wants an invoice.
        why_requested: The user wants to know why figures differ.
        keys_requested: The user wants to see the keyboard shortcuts.
        settings_requested: The user wants to see the settings.
    """

    export_requested = Signal()
    save_requested = Signal()
    invoice_requested = Signal()
    why_requested = Signal()
    keys_requested = Signal()
    settings_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._add(self.tr("Export table…"), self.export_requested, Keys.EXPORT)
        self._add(self.tr("Save picture…"), self.save_requested, Keys.SAVE)
        self._add(self.tr("Invoice…"), self.invoice_requested)
        self.addSeparator()
        self.private = self._add(self.tr("Hide amounts"), None, Keys.PRIVATE)
        self.private.setCheckable(True)
        self.addSeparator()
        self._add(self.tr("Why do these numbers differ?"), self.why_requested)
        self._add(self.tr("Keyboard shortcuts"), self.keys_requested, Keys.HELP)
        self._add(self.tr("Settings…"), self.settings_requested, Keys.SETTINGS)

    def _add(self, text: str, wanted: SignalInstance | None, keys: str = "") -> QAction:
        action = self.addAction(text)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutVisibleInContextMenu(True)  # so that users learn the shortcut
        if wanted is not None:
            action.triggered.connect(wanted)
        return action


class _MoreButton(QToolButton):
    """A button with three dots that opens a menu."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("More"))
        self.setToolTip(self.tr("More"))
        self.setIcon(tinted_icon("more", QPalette()))
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(menu)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        """Omit the arrow, which would be drawn over the dots."""
        super().initStyleOption(option)
        feature = QStyleOptionToolButton.ToolButtonFeature
        option.features &= ~(feature.HasMenu | feature.Menu | feature.MenuButtonPopup)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self.setIcon(tinted_icon("more", QPalette()))
