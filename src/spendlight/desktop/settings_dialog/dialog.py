"""The settings dialog: pages with a list beside them, applied as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.settings_dialog.budget_editor import Scopes
from spendlight.desktop.settings_dialog.page_budgets import BudgetsPage
from spendlight.desktop.settings_dialog.page_diagnostics import DiagnosticsPage
from spendlight.desktop.settings_dialog.page_general import GeneralPage
from spendlight.desktop.settings_dialog.page_prices import PricesPage, PrivacyPage
from spendlight.desktop.settings_dialog.page_sources import SourcesPage
from spendlight.desktop.settings_dialog.page_tray import TrayPage, TrayPreview
from spendlight.desktop.settings_dialog.parts import (
    EDGE_PX,
    GROUP_PX,
    RELATED_PX,
    ProblemLine,
    SettingsPage,
    dialog_buttons,
)
from spendlight.settings import Settings, TrayText

if TYPE_CHECKING:
    from spendlight.tracker.health import HealthReport

translate = QCoreApplication.translate

SIZE: Final = QSize(760, 600)
SMALLEST: Final = QSize(440, 320)

PAGE_CHARS: Final = 58
"""If pages are narrower than this, in characters, the list moves above them."""

BUDGETS_PAGE: Final = 2
"""The number of the page with budgets and alerts."""

_Button = QDialogButtonBox.StandardButton


class SettingsDialog(QDialog):
    """Shows the settings and emits the user's choice.

    Signals:
        applied: The user has applied settings; carries `Settings`.
        test_requested: The user wants to see a notification.
        mute_requested: The user wants no alerts for a while; carries "HOUR", "TOMORROW", "RESET"
            or, for alerts again, "NOT".
        prices_requested: The user wants a newer price list, if there is one.
        work_requested: A task for another thread; carries `ChangeTask`.
        sources_changed: What `show_sources` showed may have changed.
    """

    applied = Signal(object)
    test_requested = Signal()
    mute_requested = Signal(str)
    prices_requested = Signal()
    work_requested = Signal(object)
    sources_changed = Signal()

    def __init__(
        self,
        preview: Callable[[TrayText], TrayPreview],
        diagnose: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """Create the dialog.

        Args:
            preview: Returns what the tray would show now with a text beside its icon.
            diagnose: Returns the diagnostics; called while that page is visible.
            parent: The parent window.
        """
        super().__init__(parent)
        self.setWindowTitle(translate("settings", "Settings"))
        self.setMinimumSize(SMALLEST)
        self._settings = self._shown = Settings()
        self._list = QListWidget()
        self._side = QWidget()
        self._chooser = QComboBox()
        self._general = GeneralPage()
        self._tray = TrayPage(preview)
        self._budgets = BudgetsPage()
        self._sources = SourcesPage()
        self._prices = PricesPage()
        self._diagnostics = DiagnosticsPage(diagnose)
        self._pages: tuple[SettingsPage, ...] = (
            self._general,
            self._tray,
            self._budgets,
            self._sources,
            self._prices,
            PrivacyPage(),
            self._diagnostics,
        )
        self._budgets.test_requested.connect(self.test_requested)
        self._budgets.mute_requested.connect(self.mute_requested)
        self._prices.prices_requested.connect(self.prices_requested)
        self._prices.offline_toggled.connect(self._general.show_offline)
        self._sources.work_requested.connect(self.work_requested)
        self._sources.sources_changed.connect(self.sources_changed)
        self._problems = ProblemLine()
        self._stack = QStackedWidget()
        for page in self._pages:
            self._stack.addWidget(page)
        self._buttons = dialog_buttons(_Button.Ok | _Button.Cancel | _Button.Apply)
        self._fill_list()
        self._arrange()
        for page in self._pages:
            page.edited.connect(self._on_edited)
        self._list.currentRowChanged.connect(self._on_page)
        self._chooser.currentIndexChanged.connect(self._list.setCurrentRow)
        self._list.setCurrentRow(0)
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self._apply_button.clicked.connect(self._apply)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(lambda step=step: self._turn(step))

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._settings = settings
        for page in self._pages:
            page.show_settings(settings)
        self._shown = self.chosen()
        self._on_edited()

    def show_problems(self, problems: Sequence[str]) -> None:
        """Show what in the settings file cannot be used; a sentence each."""
        self._problems.show_text("\n".join(problems))

    def show_login(self, *, is_on: bool, note: str = "") -> None:
        """Show whether the system will start the program at login, with a note on that."""
        is_chosen = self.chosen().starts_at_login
        has_edited = is_chosen != self._shown.starts_at_login  # a click before the answer came
        self._general.show_login(is_chosen if has_edited else is_on, note)
        self._shown = replace(self._shown, starts_at_login=is_on)
        self._on_edited()

    def show_updates(self, *, is_usual: bool) -> None:
        """Set whether newer versions are checked for by default; to be called first."""
        self._general.show_updates(is_usual=is_usual)

    def show_delivery(self, words: str) -> None:
        """Show how notifications are delivered."""
        self._budgets.show_delivery(words)

    def show_muted(self, until: str) -> None:
        """Show until when alerts are muted; "" if they are not."""
        self._budgets.show_muted(until)

    def show_scopes(self, scopes: Scopes) -> None:
        """Set the projects and models to which rules can be limited."""
        self._budgets.show_scopes(scopes)

    def show_sources(self, health: HealthReport, *, is_listed: bool = False) -> None:
        """Show what was found.

        Args:
            health: The folders, the logs in them, and the ledger.
            is_listed: Whether an environment variable lists the folders, so that there are no
                others.
        """
        self._sources.show_sources(health, is_listed=is_listed)

    def show_prices(self, words: str) -> None:
        """Show which price list is in force."""
        self._prices.show_prices(words)

    def refresh_diagnostics(self) -> None:
        """Update the diagnostics, if that page is visible."""
        if self._diagnostics.isVisible():
            self._diagnostics.look()

    def refresh_preview(self) -> None:
        """Update the preview of the tray."""
        self._tray.refresh()

    def show_page(self, number: int) -> None:
        """Show a page, counted from 0."""
        self._list.setCurrentRow(number)

    def chosen(self) -> Settings:
        """Return the chosen settings."""
        settings = self._settings
        for page in self._pages:
            settings = page.chosen(settings)
        return settings

    def showEvent(self, event: QShowEvent) -> None:
        """Limit the size to the screen."""
        super().showEvent(event)
        room = self.screen().availableGeometry().size() - QSize(EDGE_PX, 2 * EDGE_PX)
        self.resize(self.size().boundedTo(room))
        chooser = self._chooser if self._list.isHidden() else self._list
        chooser.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the list of pages above them if there is no space beside them."""
        super().resizeEvent(event)
        needed = self._list.width() + PAGE_CHARS * self.fontMetrics().averageCharWidth()
        is_narrow = self.width() < needed
        if self._chooser_row.isHidden() == is_narrow:
            self._side.setVisible(not is_narrow)
            self._chooser_row.setVisible(is_narrow)

    @property
    def _apply_button(self) -> QPushButton:
        return self._buttons.button(_Button.Apply)

    def _fill_list(self) -> None:
        self._list.setAccessibleName(translate("settings", "Pages"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row_px = self.fontMetrics().height() + 2 * RELATED_PX
        widths = [self.fontMetrics().horizontalAdvance(page.title) for page in self._pages]
        width = max(widths) + 3 * GROUP_PX
        self._list.setViewportMargins(RELATED_PX, RELATED_PX, RELATED_PX, RELATED_PX)
        for page in self._pages:
            item = QListWidgetItem(page.title)
            item.setSizeHint(QSize(width, row_px))
            self._list.addItem(item)
            self._chooser.addItem(page.title)
        self._list.setFixedWidth(width + 2 * RELATED_PX)
        self._chooser.setAccessibleName(self._list.accessibleName())

    def _arrange(self) -> None:
        beside = QVBoxLayout()
        beside.setSpacing(0)
        chooser = QHBoxLayout()
        chooser.addWidget(self._chooser, 1)
        self._chooser_row = QWidget()
        self._chooser_row.setLayout(chooser)
        self._chooser_row.hide()
        chooser.setContentsMargins(EDGE_PX, GROUP_PX, EDGE_PX, 0)
        beside.addWidget(self._chooser_row)
        problems = QHBoxLayout()
        problems.addWidget(self._problems)
        self._problems.setContentsMargins(EDGE_PX, GROUP_PX, EDGE_PX, 0)
        beside.addLayout(problems)
        beside.addWidget(self._stack, 1)
        pages = QHBoxLayout()
        pages.setSpacing(0)
        side = QHBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self._list)
        side.addWidget(_line(QFrame.Shape.VLine))
        pages.addWidget(self._side)
        pages.addLayout(beside, 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(GROUP_PX, RELATED_PX, GROUP_PX, RELATED_PX)
        buttons.addWidget(self._buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(pages, 1)
        column.addWidget(_line(QFrame.Shape.HLine))
        column.addLayout(buttons)
        self.resize(SIZE.expandedTo(QSize(self.fontMetrics().averageCharWidth() * 96, 0)))

    def _on_page(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self._chooser.setCurrentIndex(number)

    def _turn(self, step: int) -> None:
        self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())

    def _on_edited(self) -> None:
        self._apply_button.setEnabled(self.chosen() != self._shown)

    def _apply(self) -> bool:
        """Emit the chosen settings, or show what must be corrected first."""
        for number, page in enumerate(self._pages):
            problem = page.problem()
            if problem is not None:
                self._list.setCurrentRow(number)
                problem.field.setFocus(Qt.FocusReason.OtherFocusReason)
                page.ensureWidgetVisible(problem.field)
                return False
        chosen = self.chosen()
        if chosen != self._shown:
            self._settings = self._shown = chosen
            self._on_edited()
            self.applied.emit(chosen)
        return True

    def _accept(self) -> None:
        if self._apply():
            self.accept()


def _line(shape: QFrame.Shape) -> QFrame:
    line = QFrame()
    line.setFrameShape(shape)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(line.palette().ColorRole.Mid)
    return line
