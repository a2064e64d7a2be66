"""The settings dialog: pages beside a list, applied as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QSize, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.settings_dialog.budgets import BudgetsPage
from spendlight.desktop.settings_dialog.parts import SettingsPage, choice_box, choose
from spendlight.settings import Appearance, Settings, TrayText

translate = QCoreApplication.translate

SIZE = QSize(720, 560)
SMALLEST = QSize(520, 360)
DIAGNOSTICS_MS = 2_000
BUDGETS_PAGE = 2
"""The number of the page with budgets and alerts."""


class SettingsDialog(QDialog):
    """Shows the settings and hands over what the user has chosen.

    Signals:
        applied: The user has chosen; carries `Settings`.
        test_requested: The user wants to see a notification.
        prices_requested: The user wants a newer price list, if there is one.
    """

    applied = Signal(object)
    test_requested = Signal()
    prices_requested = Signal()

    def __init__(
        self,
        preview: Callable[[TrayText], str],
        diagnostics: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            preview: What would stand beside the icon.
            diagnostics: How the program fares; asked while that page is looked at.
            parent: The window below it.
        """
        super().__init__(parent)
        self.setWindowTitle(translate("settings", "Settings"))
        self.resize(SIZE)
        self.setMinimumSize(SMALLEST)
        self._preview = preview
        self._diagnose = diagnostics
        self._settings = Settings()
        self._ledger_folder = ""
        self._budgets = BudgetsPage()
        self._budgets.test_requested.connect(self.test_requested)
        self._list = QListWidget()
        self._list.setAccessibleName(translate("settings", "Pages"))
        self._list.setFixedWidth(168)
        self._list.setSpacing(3)
        self._stack = QStackedWidget()
        self._clock = QTimer(self)
        self._clock.setInterval(DIAGNOSTICS_MS)
        self._clock.timeout.connect(self._show_diagnostics)
        for title, page in (
            (translate("settings", "General"), self._general()),
            (translate("settings", "Tray"), self._tray()),
            (translate("settings", "Budgets and alerts"), self._budgets),
            (translate("settings", "Data sources"), self._sources()),
            (translate("settings", "Prices"), self._prices()),
            (translate("settings", "Privacy"), self._privacy()),
            (translate("settings", "Diagnostics"), self._diagnostics()),
        ):
            self._list.addItem(title)
            self._stack.addWidget(page)
        self._list.currentRowChanged.connect(self._on_page)
        self._list.setCurrentRow(0)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.Apply
        )
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Apply).clicked.connect(self._apply)
        pages = QHBoxLayout()
        pages.addWidget(self._list)
        pages.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.addLayout(pages, 1)
        column.addWidget(buttons)

    def show_settings(self, settings: Settings) -> None:
        """Show what was chosen."""
        self._settings = settings
        choose(self._appearance, settings.appearance)
        self._at_login.setChecked(settings.starts_at_login)
        choose(self._week, settings.week_start)
        self._zone.setText(settings.time_zone)
        choose(self._beside, settings.tray_text)
        self._show_preview()
        self._budgets.show_settings(settings)
        self._folders.setPlainText("\n".join(settings.config_dirs))
        self._vms.setChecked(settings.with_vms)
        self._offline.setChecked(settings.is_offline)
        self._prices_file.setText(settings.prices_file)
        self._private.setChecked(settings.is_private)

    def show_delivery(self, words: str) -> None:
        """Say how notifications are shown."""
        self._budgets.show_delivery(words)

    def show_sources(self, folders: Sequence[tuple[str, int]], ledger_folder: str) -> None:
        """Show where logs were found, how many, and where the ledger is."""
        self._ledger_folder = ledger_folder
        logs = translate("settings", "{folder}: {count} logs")
        lines = [logs.format(folder=folder, count=f"{count:,}") for folder, count in folders]
        found = "\n".join(lines) or translate("settings", "No logs were found.")
        ledger = translate("settings", "The ledger is in {folder}.").format(folder=ledger_folder)
        self._found.setText(f"{found}\n\n{ledger}")
        self._open.setEnabled(bool(ledger_folder))

    def show_prices(self, words: str) -> None:
        """Say which price list is in force."""
        self._prices_words.setText(words)

    def show_page(self, number: int) -> None:
        """Show a page, counted from 0."""
        self._list.setCurrentRow(number)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look at the program's health, if that page is shown."""
        super().showEvent(event)
        self._on_page(self._list.currentRow())

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._clock.stop()

    def chosen(self) -> Settings:
        """Return the settings as they are chosen now."""
        settings = self._budgets.changed(self._settings)
        folders = (line.strip() for line in self._folders.toPlainText().splitlines())
        return replace(
            settings,
            appearance=Appearance(self._appearance.currentData()),
            starts_at_login=self._at_login.isChecked(),
            week_start=int(self._week.currentData()),
            time_zone=self._zone.text().strip(),
            tray_text=TrayText(self._beside.currentData()),
            config_dirs=tuple(folder for folder in folders if folder),
            with_vms=self._vms.isChecked(),
            is_offline=self._offline.isChecked(),
            prices_file=self._prices_file.text().strip(),
            is_private=self._private.isChecked(),
        )

    def _general(self) -> SettingsPage:
        page = SettingsPage(translate("settings", "General"))
        form = page.add_form()
        self._appearance = choice_box(
            translate("settings", "Appearance"),
            [
                (Appearance.SYSTEM, translate("settings", "as the system")),
                (Appearance.LIGHT, translate("settings", "light")),
                (Appearance.DARK, translate("settings", "dark")),
            ],
        )
        form.addRow(translate("settings", "&Appearance"), self._appearance)
        days = translate(
            "settings", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
        ).split()
        self._week = choice_box(
            translate("settings", "First day of the week"), list(enumerate(days))
        )
        form.addRow(translate("settings", "&First day of the week"), self._week)
        self._zone = QLineEdit()
        self._zone.setMinimumWidth(220)
        self._zone.setAccessibleName(translate("settings", "Time zone"))
        self._zone.setPlaceholderText(translate("settings", "the computer’s own"))
        form.addRow(translate("settings", "Time &zone, from the next start"), self._zone)
        page.add_gap()
        self._at_login = page.add_check(translate("settings", "Start when I &log in"))
        page.finish()
        return page

    def _tray(self) -> SettingsPage:
        page = SettingsPage(translate("settings", "Tray"))
        page.add_text(
            translate(
                "settings",
                "This stands beside the icon where the desktop has room for it, and first in the"
                " menu and the tooltip elsewhere.",
            )
        )
        form = page.add_form()
        self._beside = choice_box(
            translate("settings", "Beside the icon"),
            [
                (TrayText.BLOCK_COST, translate("settings", "cost of the block")),
                (TrayText.TODAY_COST, translate("settings", "cost of today")),
                (TrayText.PERCENT, translate("settings", "share of the budget or the block")),
                (TrayText.TIME_LEFT, translate("settings", "time left in the block")),
                (TrayText.BURN, translate("settings", "dollars an hour")),
                (TrayText.ICON_ONLY, translate("settings", "nothing")),
            ],
        )
        self._beside.currentIndexChanged.connect(self._show_preview)
        form.addRow(translate("settings", "&Beside the icon"), self._beside)
        self._preview_label = page.add_text()
        page.finish()
        return page

    def _sources(self) -> SettingsPage:
        page = SettingsPage(translate("settings", "Data sources"))
        self._found = page.add_text()
        self._open = QPushButton(translate("settings", "&Open the ledger’s folder"))
        self._open.clicked.connect(self._open_folder)
        row = QHBoxLayout()
        row.addWidget(self._open)
        row.addStretch(1)
        page.column.addLayout(row)
        page.add_gap()
        page.add_text(
            translate("settings", "More of Claude Code’s data folders, one in each line:")
        )
        self._folders = QPlainTextEdit()
        self._folders.setAccessibleName(translate("settings", "More data folders"))
        self._folders.setTabChangesFocus(True)
        self._folders.setMaximumHeight(96)
        page.column.addWidget(self._folders)
        self._vms = page.add_check(translate("settings", "Read the logs of &virtual machines too"))
        page.finish()
        return page

    def _prices(self) -> SettingsPage:
        page = SettingsPage(translate("settings", "Prices"))
        self._prices_words = page.add_text()
        look = QPushButton(translate("settings", "Look for &newer prices"))
        look.clicked.connect(self.prices_requested)
        row = QHBoxLayout()
        row.addWidget(look)
        row.addStretch(1)
        page.column.addLayout(row)
        page.add_gap()
        self._offline = page.add_check(translate("settings", "&Never fetch prices"))
        form = page.add_form()
        self._prices_file = QLineEdit()
        self._prices_file.setMinimumWidth(280)
        self._prices_file.setAccessibleName(translate("settings", "Price list of your own"))
        self._prices_file.setPlaceholderText(translate("settings", "none"))
        form.addRow(translate("settings", "Price list of your &own"), self._prices_file)
        browse = QPushButton(translate("settings", "&Choose…"))
        browse.clicked.connect(self._choose_prices)
        form.addRow("", browse)
        page.finish()
        return page

    def _privacy(self) -> SettingsPage:
        page = SettingsPage(translate("settings", "Privacy"))
        self._private = page.add_check(
            translate("settings", "&Hide amounts, in the tray, the window and notifications")
        )
        page.add_gap()
        page.add_text(
            translate(
                "settings",
                "Spendlight reads Claude Code’s logs and keeps numbers of them, on this computer,"
                " for you alone. It never keeps what was said. The only thing that goes online is"
                " the request for the price list, and that can be switched off.",
            )
        )
        page.finish()
        return page

    def _diagnostics(self) -> SettingsPage:
        page = SettingsPage(translate("settings", "Diagnostics"))
        self._health = QPlainTextEdit()
        self._health.setReadOnly(True)
        self._health.setAccessibleName(translate("settings", "Diagnostics"))
        self._health.setTabChangesFocus(True)
        page.column.addWidget(self._health, 1)
        copy = QPushButton(translate("settings", "&Copy"))
        copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        page.column.addLayout(row)
        return page

    def _on_page(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        if self.isVisible() and number == self._stack.count() - 1:
            self._show_diagnostics()
            self._clock.start()
        else:
            self._clock.stop()

    def _show_diagnostics(self) -> None:
        text = self._diagnose()
        if text != self._health.toPlainText():
            self._health.setPlainText(text)

    def _show_preview(self) -> None:
        text = self._preview(TrayText(self._beside.currentData()))
        words = translate("settings", "Now that would be: {text}")
        self._preview_label.setText(words.format(text=text or "–"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._health.toPlainText())

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._ledger_folder))

    def _choose_prices(self) -> None:
        title = translate("settings", "Price list in LiteLLM’s form")
        chosen, _ = QFileDialog.getOpenFileName(self, title, self._prices_file.text(), "*.json")
        if chosen:
            self._prices_file.setText(chosen)

    def _apply(self) -> None:
        self._settings = self.chosen()
        self.applied.emit(self._settings)

    def _accept(self) -> None:
        self._apply()
        self.accept()
