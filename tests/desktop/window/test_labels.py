from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from spendlight.desktop.window.labels import CardRow, Label, Notice

CARDS = (
    ("This block", "$3.75", "ends 14:20"),
    ("Burn rate", "$1.20/h", "$6.15 by 14:20 at this rate"),
    ("Today", "$9.10", "1.28 M tokens"),
)


def test_in_a_narrow_window_the_cards_are_below_each_other(qtbot: QtBot) -> None:
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


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_a_number_is_aligned_with_the_text_beside_it(
    qtbot: QtBot, direction: Qt.LayoutDirection
) -> None:
    label = Label()
    qtbot.addWidget(label)
    label.setLayoutDirection(direction)
    label.setText("$3.75")
    label.resize(300, 40)
    label.show()
    qtbot.waitExposed(label)

    picture = label.grab().toImage()
    ground = picture.pixelColor(150, 1)
    inked = [x for x in range(300) if any(picture.pixelColor(x, y) != ground for y in range(40))]

    is_left = direction is Qt.LayoutDirection.LeftToRight
    assert (max(inked) < 150) is is_left
    assert (min(inked) > 150) is not is_left


def test_only_problems_have_a_symbol(qtbot: QtBot) -> None:
    hint, warning = Notice(), Notice(has_mark=True)
    for notice in (hint, warning):
        qtbot.addWidget(notice)
        notice.show_message(("The ledger is busy", "Try again in a moment."))

    def has_sign(notice: Notice) -> bool:
        labels = notice.findChildren(QLabel)
        return any(label.isVisible() and not label.pixmap().isNull() for label in labels)

    assert (has_sign(hint), has_sign(warning)) == (False, True)


def test_on_a_wide_screen_cards_stay_together(qtbot: QtBot) -> None:
    row = CardRow()
    qtbot.addWidget(row)
    row.resize(3000, 100)
    row.show_cards(CARDS)
    row.show()
    qtbot.waitExposed(row)

    lefts = [
        label.mapTo(row, label.rect().topLeft()).x()
        for label in row.findChildren(QLabel)
        if label.text() in {caption for caption, _, _ in CARDS}
    ]

    assert max(lefts) < 1000
