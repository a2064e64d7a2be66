from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from spendlight.desktop.window_geometry import TITLE_PX, WindowGeometry, seen_on

SMALLEST = QSize(300, 200)
MAIN, RIGHT = QRect(0, 28, 1280, 772), QRect(1280, 0, 1920, 1080)

coordinates = st.integers(-10_000, 10_000)
rects = st.builds(QRect, coordinates, coordinates, st.integers(1, 5_000), st.integers(1, 5_000))


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.setMinimumSize(SMALLEST)
    qtbot.addWidget(window)
    return window


def test_a_geometry_on_a_screen_is_not_changed() -> None:
    geometry = QRect(1400, 100, 800, 600)

    assert seen_on([MAIN, RIGHT], geometry, SMALLEST) == geometry


def test_a_window_on_a_missing_screen_is_moved_to_the_main_one() -> None:
    geometry = seen_on([MAIN], QRect(1400, 100, 800, 600), SMALLEST)

    assert geometry == QRect(480, 100, 800, 600)


def test_a_window_larger_than_the_screen_is_made_smaller() -> None:
    assert seen_on([MAIN], QRect(-50, -50, 3000, 3000), SMALLEST) == QRect(
        0, 28 + TITLE_PX, 1280, 772 - TITLE_PX
    )


@given(rects)
def test_wherever_it_was_all_of_it_can_be_seen_and_moved(geometry: QRect) -> None:
    found = seen_on([MAIN, RIGHT], geometry, SMALLEST)

    assert any(screen.adjusted(0, TITLE_PX, 0, 0).contains(found) for screen in (MAIN, RIGHT))
    assert found.width() >= SMALLEST.width()
    assert found.height() >= SMALLEST.height()


def test_the_window_is_restored_at_its_position(tmp_path: Path, window: QWidget) -> None:
    window.setGeometry(100, 120, 500, 400)
    WindowGeometry(tmp_path / "new" / "window.json").remember(window)
    window.setGeometry(0, 40, 300, 200)

    WindowGeometry(tmp_path / "new" / "window.json").restore(window)

    assert window.geometry() == QRect(100, 120, 500, 400)


def test_the_first_window_is_not_larger_than_the_screen(tmp_path: Path, window: QWidget) -> None:
    room = window.screen().availableGeometry().size() - QSize(0, TITLE_PX)
    window.setMinimumSize(room + QSize(10, 10))
    window.resize(room + QSize(500, 500))

    WindowGeometry(tmp_path / "window.json").restore(window)

    assert window.size() == room


def test_a_maximized_window_comes_back_maximized_and_knows_its_size(
    tmp_path: Path, window: QWidget
) -> None:
    path = tmp_path / "window.json"
    told = {"x": 100, "y": 120, "width": 500, "height": 400, "maximized": True}
    path.write_text(json.dumps(told))

    WindowGeometry(path).restore(window)

    assert window.windowState() & Qt.WindowState.WindowMaximized
    assert window.geometry().size() == QSize(500, 400)


@pytest.mark.parametrize(
    "told", ["", "[]", '{"x": 1}', '{"x": "a"}', "null", '{"x":1,"y":1,"width":-5,"height":0}']
)
def test_a_file_that_says_nonsense_is_ignored(tmp_path: Path, window: QWidget, told: str) -> None:
    path = tmp_path / "window.json"
    path.write_text(told)
    before = window.geometry()

    WindowGeometry(path).restore(window)

    assert window.geometry() == before


def test_chosen_columns_are_stored_with_the_position(tmp_path: Path, window: QWidget) -> None:
    path = tmp_path / "window.json"
    columns = {"sessions": {"added": ["Branch"], "removed": []}}

    WindowGeometry(path).remember(window, columns)

    assert WindowGeometry(path).columns == columns
    assert WindowGeometry(tmp_path / "none.json").columns is None


def test_an_unwritable_geometry_is_not_a_failure(tmp_path: Path, window: QWidget) -> None:
    (tmp_path / "file").touch()

    WindowGeometry(tmp_path / "file" / "window.json").remember(window)
