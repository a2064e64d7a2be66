"""Paints the tray's glyph: a ring, open at the top; its arc is the share of a block or a budget.

Each state has its own shape, so that none is shown by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

SIZES_PX = (16, 20, 22, 24, 32, 44, 48, 64)
"""Physical pixels. A tray picks the size it has space for, and twice that on a high-density
screen."""

SHARE_STEPS = 60
"""The arc moves in steps of five minutes of a block; finer ones would not be visible at 16 px."""

GAP_DEGREES = 64
"""The opening at the top; a closed ring would look like a clock."""

DOTS = 8
"""A ring of this many dots means that there are no figures yet."""

FAINT = 0.32
"""Opacity of the remaining part of the ring."""

EDGED_PX = 12
"""A half-filled disc of at least this size has an edge around its empty half."""

STALE_OPACITY = 0.55

_CACHED_ICONS = 8


class Mark(Enum):
    """What the glyph shows besides the share of the block."""

    ACTIVE = "a block is active: an arc on a faint ring"
    WARN = "a budget is going to be spent: a half-filled disc"
    OVER = "a budget is spent, or a usage limit reached: a disc with an exclamation mark"
    IDLE = "no block is active: a thin ring"
    READING = "the first reading of the logs: an arc on dots"
    NO_USAGE = "no usage yet: dots"
    NO_CLAUDE = "no Claude Code found: dots, struck out"
    STALE = "the figures are old: paler, with the hands of a clock"
    ERROR = "no figures, for an error: a cross"


class Ink(Enum):
    """The colours for a panel: normal, for a warning, for an alarm, and a disc below.

    The colour of a panel is not always known. If it is unknown, the glyph has a dark disc: on a
    dark panel it is hardly visible, on a light one it makes the glyph legible.
    """

    ON_DARK = ("#f4f4f5", "#f2a93b", "#f0655f", "")
    ON_LIGHT = ("#2a2d33", "#c77700", "#c8302e", "")
    ON_UNKNOWN = ("#f4f4f5", "#f2a93b", "#f0655f", "#2a2d33")

    @property
    def plain(self) -> QColor:
        """The normal colour."""
        return QColor(self.value[0])

    @property
    def warning(self) -> QColor:
        """The colour of a warning."""
        return QColor(self.value[1])

    @property
    def alarm(self) -> QColor:
        """The colour of an alarm."""
        return QColor(self.value[2])

    @property
    def disc(self) -> QColor | None:
        """The colour of the disc below, if there is one."""
        return QColor(self.value[3]) if self.value[3] else None


@dataclass(frozen=True, slots=True)
class Glyph:
    """What is painted; equal glyphs look the same.

    Attributes:
        steps: The arc, in `SHARE_STEPS` of the ring.
        is_live: Whether answers are arriving; shown by a dot in the middle.
    """

    mark: Mark
    steps: int = 0
    is_live: bool = False


def steps_of(share: float) -> int:
    """Return a share in steps of the arc: 0 only for nothing, and the maximum only for all."""
    if share <= 0:
        return 0
    return SHARE_STEPS if share >= 1 else min(max(1, round(share * SHARE_STEPS)), SHARE_STEPS - 1)


def panel_ink(
    platform: str,
    current_desktop: str,
    scheme: Qt.ColorScheme,
    *,
    is_taskbar_light: bool | None = None,
) -> Ink:
    """Return the ink for the panel of this desktop.

    Args:
        platform: The value of ``sys.platform``.
        current_desktop: The value of ``XDG_CURRENT_DESKTOP``.
        scheme: The system's colour scheme.
        is_taskbar_light: Whether the taskbar is light, where that is a separate setting.
    """
    if platform == "darwin":
        return Ink.ON_LIGHT  # the system uses the shape with its own colour
    if is_taskbar_light is not None:
        return Ink.ON_LIGHT if is_taskbar_light else Ink.ON_DARK
    desktops = current_desktop.upper().split(":")
    if "GNOME" in desktops or scheme == Qt.ColorScheme.Dark:
        return Ink.ON_DARK  # GNOME's top bar is black in both schemes
    if scheme == Qt.ColorScheme.Light and (platform == "win32" or "KDE" in desktops):
        return Ink.ON_LIGHT
    return Ink.ON_UNKNOWN


class GlyphPainter:
    """Paints glyphs and caches the last few."""

    def __init__(self, *, is_template: bool = False) -> None:
        """Create a painter.

        Args:
            is_template: Whether the system uses the shape only, like the menu bar of macOS.
        """
        self._is_template = is_template
        self.icon = lru_cache(_CACHED_ICONS)(self._icon)

    def _icon(self, glyph: Glyph, ink: Ink) -> QIcon:
        icon = QIcon()
        for size in SIZES_PX:
            icon.addPixmap(paint(glyph, ink, size))
        icon.setIsMask(self._is_template)
        return icon


def paint(glyph: Glyph, ink: Ink, size: int) -> QPixmap:
    """Return the glyph in one size, in physical pixels, on a transparent background."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    brush = _Brush(painter, ink, size)
    brush.ground()
    if glyph.mark is Mark.STALE:
        painter.setOpacity(STALE_OPACITY)
    _paint_ring(brush, glyph)
    _paint_middle(brush, glyph)
    painter.end()
    return pixmap


def _paint_ring(brush: _Brush, glyph: Glyph) -> None:
    match glyph.mark:
        case Mark.IDLE:
            brush.thin_ring()
        case Mark.NO_USAGE | Mark.NO_CLAUDE | Mark.READING:
            brush.dots()
        case Mark.ACTIVE | Mark.WARN | Mark.OVER | Mark.STALE | Mark.ERROR:
            brush.arc(1.0, FAINT)
    if glyph.steps:
        brush.arc(glyph.steps / SHARE_STEPS, 1.0)


def _paint_middle(brush: _Brush, glyph: Glyph) -> None:
    match glyph.mark:
        case Mark.WARN:
            brush.half_disc()
        case Mark.OVER:
            brush.exclamation()
        case Mark.STALE:
            brush.hands()
        case Mark.ERROR:
            brush.cross()
        case Mark.NO_CLAUDE:
            brush.strike()
        case _ if glyph.is_live:
            brush.dot()


class _Brush:
    """Draws the parts of a glyph on whole pixels.

    Attributes:
        unit: A pixel of the 16 px glyph, rounded to whole pixels of this size.
    """

    def __init__(self, painter: QPainter, ink: Ink, size: int) -> None:
        self._painter = painter
        self._ink = ink
        self._size = size
        self.unit = max(1, round(size / 16))
        self._stroke = max(2, round(size / 8))
        edge = self.unit + self._stroke / 2
        self._ring = QRectF(edge, edge, size - 2 * edge, size - 2 * edge)
        self._hole = size - 2 * (self.unit + self._stroke)

    def ground(self) -> None:
        """Draw the disc below everything, if the panel's colour is unknown."""
        if self._ink.disc is not None:
            self._fill(self._ink.disc)
            self._painter.drawEllipse(QRectF(0, 0, self._size, self._size))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def arc(self, share: float, opacity: float) -> None:
        """Draw a share of the ring, clockwise from the right edge of the opening."""
        color = self._ink.plain
        color.setAlphaF(opacity)
        self._painter.setPen(self._pen(color, self._stroke))
        whole = 360 - GAP_DEGREES
        self._painter.drawArc(
            self._ring, round((90 - GAP_DEGREES / 2) * 16), -round(whole * share * 16)
        )

    def thin_ring(self) -> None:
        """Draw only the ring's outer edge, as there is nothing to show."""
        width = max(1, round(self._size / 14))
        edge = self.unit + width / 2
        side = self._size - 2 * edge
        self._painter.setPen(self._pen(self._ink.plain, width))
        self._painter.drawArc(
            QRectF(edge, edge, side, side),
            round((90 - GAP_DEGREES / 2) * 16),
            -(360 - GAP_DEGREES) * 16,
        )

    def dots(self) -> None:
        """Draw a ring of dots, none of them at the top."""
        self._fill(self._ink.plain)
        self._painter.save()
        self._painter.translate(self._size / 2, self._size / 2)
        self._painter.rotate(180 / DOTS)
        for _ in range(DOTS):
            self._painter.drawEllipse(self._disc(0, -self._ring.width() / 2, self._stroke))
            self._painter.rotate(360 / DOTS)
        self._painter.restore()

    def dot(self) -> None:
        """Draw the dot in the middle."""
        self._fill(self._ink.plain)
        middle = self._size / 2
        self._painter.drawEllipse(self._disc(middle, middle, self._even(self._hole * 0.4)))

    def half_disc(self) -> None:
        """Draw a disc in the middle, with its lower half filled and an edge around the upper one.

        In small sizes there is no space for the edge.
        """
        middle = self._size / 2
        side = self._even(self._hole * 0.8)
        width = round(side / 10) if side >= EDGED_PX else 0
        disc = QPainterPath()
        disc.addEllipse(self._disc(middle, middle, side))
        hollow = QPainterPath()
        hollow.addEllipse(self._disc(middle, middle, side - 2 * width))
        upper = QPainterPath()
        upper.addRect(QRectF(0, 0, self._size, middle))
        self._fill(self._ink.warning)
        self._painter.drawPath(disc.subtracted(hollow.intersected(upper)))

    def exclamation(self) -> None:
        """Draw a disc in the middle with an exclamation mark cut out."""
        middle = self._size / 2
        side = self._even(self._hole * 0.8)
        width, height = self._even(side / 5), self._even(side * 0.8)
        left, top = middle - width / 2, middle - height / 2
        space = max(1, round(side / 10))
        mark = QPainterPath()
        mark.addRect(QRectF(left, top, width, height - width - space))
        mark.addRect(QRectF(left, top + height - width, width, width))
        disc = QPainterPath()
        disc.addEllipse(self._disc(middle, middle, side))
        self._fill(self._ink.alarm)
        self._painter.drawPath(disc.subtracted(mark))

    def hands(self) -> None:
        """Draw the hands of a clock in the middle."""
        middle = self._size / 2
        width = self._even(self._stroke * 0.75)
        self._fill(self._ink.plain)
        up, right = round(self._hole * 0.36), round(self._hole * 0.34)
        hands = QPainterPath()
        hands.setFillRule(Qt.FillRule.WindingFill)
        hands.addRect(QRectF(middle - width / 2, middle - up, width, up + width / 2))
        hands.addRect(QRectF(middle - width / 2, middle - width / 2, right + width / 2, width))
        self._painter.drawPath(hands)

    def cross(self) -> None:
        """Draw a cross in the middle."""
        self._painter.setPen(self._pen(self._ink.alarm, self._stroke))
        reach = self._hole * 0.26
        middle = self._size / 2
        for sign in (1, -1):
            self._painter.drawLine(
                QPointF(middle - reach, middle - sign * reach),
                QPointF(middle + reach, middle + sign * reach),
            )

    def strike(self) -> None:
        """Draw a slanting line in the middle."""
        self._painter.setPen(self._pen(self._ink.plain, self._stroke))
        reach = self._hole * 0.28
        middle = self._size / 2
        self._painter.drawLine(
            QPointF(middle - reach, middle + reach), QPointF(middle + reach, middle - reach)
        )

    def _fill(self, color: QColor) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(color)

    def _even(self, length: float) -> int:
        """Return a length that falls on whole pixels when centred."""
        whole = max(2, round(length))
        return whole if (self._size - whole) % 2 == 0 else max(2, int(length) // 2 * 2)

    @staticmethod
    def _disc(x: float, y: float, diameter: float) -> QRectF:
        return QRectF(x - diameter / 2, y - diameter / 2, diameter, diameter)

    @staticmethod
    def _pen(color: QColor, width: float) -> QPen:
        pen = QPen(color, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen
