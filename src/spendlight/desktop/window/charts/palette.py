"""Colours of data, safe for colour-blind eyes, on dark and on light; a name keeps its colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtGui import QColor, QPalette

from spendlight.desktop.window.tones import mixed

SERIES: Final = (
    "#3B7DD8",
    "#CF7A1C",
    "#2E9E6B",
    "#B5578F",
    "#2F97C1",
    "#C8553D",
    "#8C8B2C",
)
"""Blue, orange, green, magenta, sky, brick and olive, in the order of assignment."""

OTHER: Final = "#7D8590"
"""Grey, for the rest."""

OTHER_SLOT: Final = -1

WARN: Final = "#C77700"

SECOND_ROUND: Final = 0.72
"""Names beyond the seventh use the same hues again, mixed with the background."""


def color_of(slot: int, palette: QPalette) -> QColor:
    """Return the colour of a slot; the rest is grey."""
    if slot < 0:
        return QColor(OTHER)
    rounds, index = divmod(slot, len(SERIES))
    color = QColor(SERIES[index])
    return color if rounds == 0 else toned(color, palette, SECOND_ROUND)


def toned(color: QColor, palette: QPalette, share: float) -> QColor:
    """Return a colour mixed with the background of charts."""
    return mixed(color, palette.base().color(), share)


class ColorBook:
    """Assigns colours to names in the order of their first use; a name keeps its colour."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of their first use."""
        return tuple(self._slots)

    def learn(self, names: Iterable[str]) -> bool:
        """Set the order of all names; return whether the colour of any has changed."""
        before = dict(self._slots)
        order = dict.fromkeys((*names, *before))
        self._slots = {name: slot for slot, name in enumerate(order)}
        return any(self._slots[name] != slot for name, slot in before.items())

    def slot(self, name: str) -> int:
        """Return the slot of a name; a new name gets the next one."""
        return self._slots.setdefault(name, len(self._slots))

    def slots_apart(self, names: Sequence[str]) -> dict[str, int]:
        """Return slots for names shown together, all different as long as there are enough.

        Each name gets its own slot if its hue is free, otherwise the next free one.
        """
        taken: set[int] = set()
        found: dict[str, int] = {}
        for name in names:
            first = self.slot(name) % len(SERIES)
            free = ((first + step) % len(SERIES) for step in range(len(SERIES)))
            found[name] = next((slot for slot in free if slot not in taken), OTHER_SLOT)
            taken.add(found[name])
        return found
