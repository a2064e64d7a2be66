"""The window's icons, drawn in the colours of its texts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap

from spendlight.assets import resource

ICON_PX: Final = 20
SCALES: Final = (1, 2, 3)


def tinted_icon(name: str, palette: QPalette) -> QIcon:
    """Return an icon in the colours of texts, plain and on a selected row."""
    drawing = resource("icons", "pages", f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for mode, role in (
        (QIcon.Mode.Normal, QPalette.ColorRole.WindowText),
        (QIcon.Mode.Selected, QPalette.ColorRole.HighlightedText),
    ):
        for scale in SCALES:
            icon.addPixmap(_pixmap(drawing, palette.color(role), scale), mode)
    return icon


def _pixmap(drawing: str, color: QColor, scale: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(QByteArray(drawing.replace("#000", color.name()).encode()))
    pixmap = QPixmap(ICON_PX * scale, ICON_PX * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, ICON_PX * scale, ICON_PX * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
