"""Fails a test that leaves widgets behind: each of them makes every later test slower."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

ROUNDS = 2
"""Deleting an object in the first round may delete a widget that is not its child."""

ADVICE = "Give them to qtbot.addWidget, or delete what they belong to."


@contextmanager
def no_widget_left(test: str) -> Iterator[None]:
    """Process pending deletions at the end, and fail if there are new widgets.

    Args:
        test: The name of the test, for the message.
    """
    before = QApplication.allWidgets()
    yield
    for _ in range(ROUNDS):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    new = set(QApplication.allWidgets()).difference(before)
    tops = sorted(_named(one) for one in new if one.parentWidget() not in new)
    if tops:
        said = [f"{test} leaves widgets behind. {ADVICE}", *tops]
        pytest.fail("\n  ".join(said), pytrace=False)


def _named(widget: QWidget) -> str:
    names = (widget.windowTitle(), widget.accessibleName(), widget.objectName())
    called = next((f" “{name}”" for name in names if name), "")
    return f"{type(widget).__name__}{called} with {len(widget.findChildren(QWidget))} in it"
