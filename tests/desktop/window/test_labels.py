from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from spendlight.desktop.window.labels import CardRow

CARDS = (
    ("This block", "$3.75", "ends 14:20"),
    ("Burn rate", "$1.20/h", "$6.15 by 14:20 at this rate"),
    ("Today", "$9.10", "1.28 M tokens"),
)


def test_in_a_narrow_place_the_cards_stand_below_each_other(qtbot: QtBot) -> None:
    row = CardRow()
    qtbot.addWidget(row)
    row.resize(800, 200)
    row.show_cards(CARDS)
    row.show()
    assert len({card_top(row, caption) for caption, _, _ in CARDS}) == 1

    row.resize(250, 600)

    qtbot.waitUntil(lambda: len({card_top(row, caption) for caption, _, _ in CARDS}) == 3)


def card_top(row: CardRow, caption: str) -> int:
    (label,) = (label for label in row.findChildren(QLabel) if label.text() == caption)
    return label.mapTo(row, label.rect().topLeft()).y()
