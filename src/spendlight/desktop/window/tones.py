"""Tones between a colour and its background: secondary texts, hairlines, marks, light areas."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtGui import QColor, qBlue, qGreen, qRed, qRgb

SECONDARY: Final = 0.7
"""Share of the text's colour in a secondary tone; keeps a contrast of 4.5 : 1."""

HAIRLINE: Final = 0.12
"""Share of the text's colour in lines."""


def mixed(color: QColor, ground: QColor, share: float) -> QColor:
    """Return a colour mixed with a background."""
    return QColor(_mixed(color.rgb(), ground.rgb(), share))


@lru_cache(maxsize=256)
def _mixed(color: int, ground: int, share: float) -> int:
    """Return the mixture of a channel; cached, as every cell of a table needs it."""
    return qRgb(
        *(round(part(color) * share + part(ground) * (1 - share)) for part in (qRed, qGreen, qBlue))
    )
