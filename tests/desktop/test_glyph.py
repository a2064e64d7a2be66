from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from spendlight.desktop.glyph import (
    SHARE_STEPS,
    SIZES_PX,
    Glyph,
    GlyphPainter,
    Ink,
    Mark,
    paint,
    panel_ink,
    steps_of,
)

pytestmark = pytest.mark.usefixtures("qapp")

UNLIKE = 12
"""How many pixels of 256 must differ for two states to be distinguishable."""

STATES = [
    Glyph(Mark.ACTIVE, 24),
    Glyph(Mark.ACTIVE, 24, is_live=True),
    Glyph(Mark.OVER, 24),
    Glyph(Mark.WARN, 24),
    Glyph(Mark.IDLE),
    Glyph(Mark.READING, 24),
    Glyph(Mark.NO_USAGE),
    Glyph(Mark.NO_CLAUDE),
    Glyph(Mark.STALE, 24),
    Glyph(Mark.ERROR),
]

PANELS = [(Ink.ON_DARK, "#2b2b2b"), (Ink.ON_LIGHT, "#f0f0f0")]


def grey_pixels(glyph: Glyph, ink: Ink, panel: str, size: int = 16) -> list[int]:
    """Return the glyph on a panel in greyscale."""
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(QColor(panel))
    painter = QPainter(image)
    painter.drawPixmap(0, 0, paint(glyph, ink, size))
    painter.end()
    return [image.pixelColor(x, y).lightness() for y in range(size) for x in range(size)]


def shape(glyph: Glyph, ink: Ink, panel: str, size: int = 16) -> list[bool]:
    """Return which pixels stand out from the panel."""
    ground = QColor(panel).lightness()
    return [abs(pixel - ground) > 60 for pixel in grey_pixels(glyph, ink, panel, size)]


@pytest.mark.parametrize(("ink", "panel"), PANELS)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(STATES, 2)))
def test_any_two_states_differ_in_shape_at_the_smallest_size(
    one: Glyph, other: Glyph, ink: Ink, panel: str
) -> None:
    pairs = zip(shape(one, ink, panel), shape(other, ink, panel), strict=True)

    assert sum(a != b for a, b in pairs) >= UNLIKE


@pytest.mark.parametrize("glyph", STATES)
@pytest.mark.parametrize("panel", ["#000000", "#2b2b2b", "#888888", "#f0f0f0", "#ffffff"])
def test_every_state_is_visible_on_a_panel_of_unknown_colour(glyph: Glyph, panel: str) -> None:
    pixels = grey_pixels(glyph, Ink.ON_UNKNOWN, panel, 22)

    assert max(pixels) - min(pixels) > 90


@pytest.mark.parametrize("size", SIZES_PX)
def test_nothing_touches_the_edge_at_the_top_where_the_ring_is_open(size: int) -> None:
    image = paint(Glyph(Mark.ACTIVE, SHARE_STEPS), Ink.ON_DARK, size).toImage()

    column = [image.pixelColor(size // 2, y).alpha() for y in range(size // 4)]
    assert max(column) == 0


@pytest.mark.parametrize("size", SIZES_PX)
def test_every_size_is_painted_separately(size: int) -> None:
    pixmap = paint(Glyph(Mark.ACTIVE, 10), Ink.ON_DARK, size)

    assert (pixmap.width(), pixmap.height()) == (size, size)
    assert pixmap.devicePixelRatio() == 1


def test_the_arc_grows_clockwise_from_the_opening() -> None:
    def filled(steps: int) -> tuple[int, int]:
        image = paint(Glyph(Mark.ACTIVE, steps), Ink.ON_DARK, 64).toImage()
        rows = range(64)
        right = sum(image.pixelColor(x, y).alpha() == 255 for x in range(32, 64) for y in rows)
        left = sum(image.pixelColor(x, y).alpha() == 255 for x in range(32) for y in rows)
        return left, right

    quarter, half, whole = filled(15), filled(30), filled(60)

    assert quarter[0] < 5 < quarter[1] < half[1]
    assert half[0] < 40
    assert whole[0] == pytest.approx(whole[1], rel=0.1)


@pytest.mark.parametrize(
    ("share", "steps"), [(0, 0), (0.001, 1), (0.5, 30), (0.999, 59), (1, 60), (1.7, 60), (-1, 0)]
)
def test_only_0_percent_is_empty_and_only_100_percent_is_full(share: float, steps: int) -> None:
    assert steps_of(share) == steps


@pytest.mark.usefixtures("qapp")
def test_icons_that_look_the_same_are_shared() -> None:
    painter = GlyphPainter()

    one, same = (painter.icon(Glyph(Mark.ACTIVE, 7), Ink.ON_DARK) for _ in range(2))
    other = painter.icon(Glyph(Mark.ACTIVE, 8), Ink.ON_DARK)

    assert one.cacheKey() == same.cacheKey() != other.cacheKey()
    assert [size.width() for size in one.availableSizes()] == list(SIZES_PX)


def test_the_icon_for_the_macos_menu_bar_is_a_template() -> None:
    assert GlyphPainter(is_template=True).icon(Glyph(Mark.IDLE), Ink.ON_LIGHT).isMask()


@pytest.mark.parametrize(
    ("platform", "desktop", "scheme", "ink"),
    [
        ("darwin", "", Qt.ColorScheme.Dark, Ink.ON_LIGHT),
        ("win32", "", Qt.ColorScheme.Dark, Ink.ON_DARK),
        ("win32", "", Qt.ColorScheme.Light, Ink.ON_LIGHT),
        ("linux", "ubuntu:GNOME", Qt.ColorScheme.Light, Ink.ON_DARK),
        ("linux", "KDE", Qt.ColorScheme.Light, Ink.ON_LIGHT),
        ("linux", "KDE", Qt.ColorScheme.Dark, Ink.ON_DARK),
        ("linux", "XFCE", Qt.ColorScheme.Light, Ink.ON_UNKNOWN),
        ("linux", "", Qt.ColorScheme.Unknown, Ink.ON_UNKNOWN),
    ],
)
def test_the_ink_depends_on_the_panel_and_not_on_windows(
    platform: str, desktop: str, scheme: Qt.ColorScheme, ink: Ink
) -> None:
    assert panel_ink(platform, desktop, scheme) is ink


@pytest.mark.parametrize(("is_light", "ink"), [(True, Ink.ON_LIGHT), (False, Ink.ON_DARK)])
@pytest.mark.parametrize("scheme", list(Qt.ColorScheme))
def test_the_colour_of_the_taskbar_takes_precedence(
    scheme: Qt.ColorScheme,
    is_light: bool,  # noqa: FBT001  # a parameter
    ink: Ink,
) -> None:
    assert panel_ink("win32", "", scheme, is_taskbar_light=is_light) is ink
