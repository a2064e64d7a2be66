from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QWidget
from tests.desktop.leftovers import no_widget_left


def make_widgets(window: QWidget) -> tuple[QWidget, QLabel]:
    other = QWidget()
    other.setWindowTitle("Costs")
    QLabel("$3.75", other)
    return other, QLabel("$9.10", window)


@pytest.mark.usefixtures("qapp")
def test_a_test_that_leaves_widgets_behind_fails_and_lists_them() -> None:
    window = QWidget()
    with pytest.raises(pytest.fail.Exception) as failed, no_widget_left("test_it"):
        made = make_widgets(window)

    assert str(failed.value).splitlines()[0].startswith("test_it leaves widgets behind.")
    assert str(failed.value).splitlines()[1:] == [
        "  QLabel with 0 in it",
        "  QWidget “Costs” with 1 in it",
    ]
    for widget in (window, *made):
        widget.deleteLater()


@pytest.mark.usefixtures("qapp")
def test_widgets_to_be_deleted_later_are_not_left_behind() -> None:
    with no_widget_left("test_it"):
        owner, window, other = QObject(), QWidget(), QWidget()
        owner.destroyed.connect(window.deleteLater)
        owner.deleteLater()
        other.deleteLater()


def test_every_test_of_the_desktop_is_checked(request: pytest.FixtureRequest) -> None:
    assert "widgets_are_deleted" in request.fixturenames
