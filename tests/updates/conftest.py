"""Fixtures for all tests of updates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.updates.server import Feed, serving


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    """A releases feed on this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as feed:
        yield feed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "updates"
