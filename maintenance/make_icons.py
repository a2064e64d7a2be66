"""Makes the program's icons from their drawings: png, ico for Windows, icns for macOS.

Small sizes have a separate drawing, with thicker lines and no margin. Needs pillow, from the
dependency group "build"; the icons are in the repository, so that it is not needed to build.

    python maintenance/make_icons.py [FOLDER]
"""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"
LARGE, SMALL = ICONS / "spendlight.svg", ICONS / "spendlight-small.svg"

SIZES_PX = (16, 20, 22, 24, 32, 48, 64, 128, 256, 512, 1024)
SMALL_UP_TO_PX = 32

ICO_SIZES_PX = (16, 20, 24, 32, 40, 48, 64, 128, 256)

ICNS_SIZES_PX = (16, 32, 64, 128, 256, 512, 1024)

MAC_SHARE = 824 / 1024
"""The share of the picture that the shape fills on macOS, whose icons leave space for a
shadow..."""

DRAWN_SHARE = 232 / 256
"""...and in the large drawing."""


def draw(size: int, *, share: float | None = None) -> Image.Image:
    """Return the icon in one size.

    Args:
        size: Its side in pixels.
        share: The share of the picture that the shape should fill; by default as drawn.
    """
    is_small = size <= SMALL_UP_TO_PX
    renderer = QSvgRenderer(str(SMALL if is_small else LARGE))
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    side = float(size)
    if share is not None and not is_small:
        side = size * share / DRAWN_SHARE
    edge = (size - side) / 2
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(edge, edge, side, side))
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt takes str
    return Image.open(BytesIO(content.data())).convert("RGBA")


def main() -> None:
    """Make the icons."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ICONS / "app"
    folder.mkdir(parents=True, exist_ok=True)
    app = QGuiApplication([])
    for size in SIZES_PX:
        draw(size).save(folder / f"spendlight-{size}.png", optimize=True)
    *small, largest = [draw(size) for size in ICO_SIZES_PX]
    sizes = [(size, size) for size in ICO_SIZES_PX]
    largest.save(folder / "spendlight.ico", sizes=sizes, append_images=small)
    *smaller, largest = [draw(size, share=MAC_SHARE) for size in ICNS_SIZES_PX]
    largest.save(folder / "spendlight.icns", append_images=smaller)
    app.quit()
    for made in sorted(folder.iterdir()):
        print(f"{made}: {made.stat().st_size / 1024:.1f} kB")


if __name__ == "__main__":
    main()
