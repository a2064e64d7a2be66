"""Fails a test that overlooks a warning: figures from a temporary ledger look like any others."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

ADVICE = "assert what the warnings are, or use the fixture warnings_ignored"

_KNOWN: list[Warnings] = []


class Warnings:
    """The warnings of one tracker or command, and whether the test has looked at them."""

    def __init__(self) -> None:
        self._given: dict[str, bool] = {}
        _KNOWN.append(self)

    def give(self, warnings: Iterable[str], *, is_read: bool = False) -> None:
        """Note warnings that were given."""
        for warning in warnings:
            self._given[warning] = is_read or self._given.get(warning, False)

    @property
    def unread(self) -> list[str]:
        """Those at which the test has not looked."""
        return [warning for warning, is_read in self._given.items() if not is_read]


def ignore_warnings() -> None:
    """Let the test overlook all warnings given so far."""
    _KNOWN.clear()


def demand_read() -> None:
    """Fail if there are warnings at which the test has not looked."""
    unread = [one for warnings in _KNOWN for one in warnings.unread]
    _KNOWN.clear()
    if unread:
        pytest.fail(f"{ADVICE}: {'; '.join(unread)}")
