"""The page of the text beside the tray's icon, with a live preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QSizePolicy, QWidget

from spendlight.desktop.settings_dialog.parts import GROUP_PX, RELATED_PX, SettingsPage, paragraph
from spendlight.settings import Settings, TrayText

translate = QCoreApplication.translate

ICON_PX: Final = 22
PANEL_PX: Final = 36
CORNER_PX: Final = 6

DARK_PANEL: Final = "#26292e"
LIGHT_PANEL: Final = "#e9ebee"
"""The colour of most desktops' light panels."""

DARK_INK: Final = "#26292e"
LIGHT_INK: Final = "#f4f4f5"


class TrayPreview(NamedTuple):
    """What the tray would show now.

    Attributes:
        icon: The glyph.
        beside: The text beside it.
        tooltip: Its tooltip.
        is_panel_dark: Whether the glyph is made for a dark panel.
        has_room: Whether this desktop can show a text beside the icon.
    """

    icon: QIcon
    beside: str
    tooltip: str = ""
    is_panel_dark: bool = True
    has_room: bool = False


class TrayPage(SettingsPage):
    """Chooses the text beside the icon."""

    def __init__(self, preview: Callable[[TrayText], TrayPreview]) -> None:
        """Create the page.

        Args:
            preview: Returns what the tray would show now with a text beside its icon.
        """
        super().__init__(translate("settings", "Tray"))
        self._preview = preview
        self._panel = _Panel()
        self.column.addWidget(self._panel)
        self._tooltip = self.add_text(is_secondary=True)
        self.add_group(translate("settings", "Beside the icon"))
        self._room = self.add_text(is_secondary=True)
        self._group = QButtonGroup(self)
        self._buttons: dict[TrayText, QRadioButton] = {}
        self._values: dict[TrayText, QLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GROUP_PX)
        grid.setVerticalSpacing(RELATED_PX)
        grid.setColumnStretch(2, 1)
        for row, (choice, text) in enumerate(_choices()):
            button, value = QRadioButton(text), paragraph("", is_secondary=True)
            self._group.addButton(button)
            self._buttons[choice], self._values[choice] = button, value
            grid.addWidget(button, row, 0)
            grid.addWidget(value, row, 1)
        self.column.addLayout(grid)
        self._group.buttonToggled.connect(self._on_chosen)
        self.finish()

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._buttons[settings.tray_text].setChecked(True)
        self.refresh()

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        return replace(settings, tray_text=self._chosen())

    def refresh(self) -> None:
        """Update the preview."""
        for choice, label in self._values.items():
            value = self._preview(choice).beside
            label.setText(value)
            description = translate("settings", "Now {value}").format(value=value) if value else ""
            self._buttons[choice].setAccessibleDescription(description)
        preview = self._preview(self._chosen())
        self._panel.show_preview(preview)
        self._tooltip.setText(preview.tooltip)
        self._tooltip.setVisible(bool(preview.tooltip))
        beside = translate("settings", "It is shown in the panel.")
        elsewhere = translate(
            "settings",
            "This desktop only has room for the icon, so it is shown first in the tooltip and "
            "the menu.",
        )
        self._room.setText(beside if preview.has_room else elsewhere)

    def _chosen(self) -> TrayText:
        ticked = (choice for choice, button in self._buttons.items() if button.isChecked())
        return next(ticked, TrayText.BLOCK_COST)

    def _on_chosen(self, _: object, is_chosen: bool) -> None:  # noqa: FBT001  # a slot
        if is_chosen:
            self.refresh()
            self.edited.emit()


class _Panel(QWidget):
    """A piece of a desktop's panel with our icon in it."""

    def __init__(self) -> None:
        super().__init__()
        self._preview = TrayPreview(QIcon(), "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_preview(self, preview: TrayPreview) -> None:
        """Show a preview."""
        self._preview = preview
        words = translate("settings", "Preview of the tray: {text}")
        self.setAccessibleName(words.format(text=preview.beside or preview.tooltip))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the preferred size."""
        height = max(PANEL_PX, self.fontMetrics().height() + RELATED_PX)
        return QSize(2 * GROUP_PX + ICON_PX + self._text_px(), height)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the panel, the icon and the text."""
        preview = self._preview
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.setBrush(QColor(DARK_PANEL if preview.is_panel_dark else LIGHT_PANEL))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, CORNER_PX, CORNER_PX)
        top = (self.height() - ICON_PX) // 2
        preview.icon.paint(painter, GROUP_PX, top, ICON_PX, ICON_PX)
        if self._text_px():
            painter.setPen(QColor(LIGHT_INK if preview.is_panel_dark else DARK_INK))
            rest = self.rect().adjusted(GROUP_PX + ICON_PX + RELATED_PX, 0, 0, 0)
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, preview.beside)

    def _text_px(self) -> int:
        if not self._preview.has_room or not self._preview.beside:
            return 0
        return RELATED_PX + self.fontMetrics().horizontalAdvance(self._preview.beside)


def _choices() -> list[tuple[TrayText, str]]:
    return [
        (TrayText.BLOCK_COST, translate("settings", "Cost of the &block")),
        (TrayText.TODAY_COST, translate("settings", "Cost of the &day")),
        (TrayText.PERCENT, translate("settings", "&Share of the budget or the block")),
        (TrayText.FIVE_HOURS, translate("settings", "The plan’s &5-hour limit")),
        (TrayText.WEEK, translate("settings", "The plan’s &weekly limit")),
        (TrayText.TIME_LEFT, translate("settings", "&Time left in the block")),
        (TrayText.BURN, translate("settings", "Dollars per &hour")),
        (TrayText.ICON_ONLY, translate("settings", "&Nothing, only the icon")),
    ]
