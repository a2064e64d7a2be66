"""Draws every state of the tray's glyph, in every size and on every panel, into one picture.

python maintenance/contact_sheet.py docs/tray-states.png
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from spendlight.desktop.glyph import SIZES_PX, Glyph, Ink, Mark, paint

STATES = (
    ("active", Glyph(Mark.ACTIVE, 24)),
    ("answers arrive", Glyph(Mark.ACTIVE, 24, is_live=True)),
    ("will not last", Glyph(Mark.WARN, 40)),
    ("spent", Glyph(Mark.OVER, 60)),
    ("stale", Glyph(Mark.STALE, 24)),
    ("idle", Glyph(Mark.IDLE)),
    ("first reading", Glyph(Mark.READING, 20)),
    ("no usage yet", Glyph(Mark.NO_USAGE)),
    ("no Claude Code", Glyph(Mark.NO_CLAUDE)),
    ("error", Glyph(Mark.ERROR)),
)
PANELS = (
    (Ink.ON_DARK, "#2b2b2b", "#d8d8d8"),
    (Ink.ON_LIGHT, "#f0f0f0", "#3a3a3a"),
    (Ink.ON_UNKNOWN, "#b9bdc4", "#1f2226"),
)
COLUMN, GAP, CAPTION = 104, 12, 28


def draw() -> QPixmap:
    """Return the picture."""
    height = CAPTION + sum(SIZES_PX) + GAP * len(SIZES_PX) + GAP
    sheet = QPixmap(COLUMN * len(STATES), height * len(PANELS))
    painter = QPainter(sheet)
    font = painter.font()
    font.setPixelSize(12)
    painter.setFont(font)
    for row, (ink, panel, text) in enumerate(PANELS):
        painter.fillRect(0, row * height, sheet.width(), height, QColor(panel))
        for column, (name, glyph) in enumerate(STATES):
            left, top = column * COLUMN, row * height
            painter.setPen(QColor(text))
            place = QRect(left, top, COLUMN, CAPTION)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
            top += CAPTION
            for size in SIZES_PX:
                painter.drawPixmap(left + (COLUMN - size) // 2, top, paint(glyph, ink, size))
                top += size + GAP
    painter.end()
    return sheet


def main() -> None:
    """Write the picture to the file that was named."""
    if len(sys.argv) != 2:  # the program and the file
        sys.exit(__doc__)
    app = QApplication([])
    target = Path(sys.argv[1])
    if not draw().save(str(target)):
        sys.exit(f"{target} cannot be written")
    app.quit()


if __name__ == "__main__":
    main()
