"""The two ways to list folders: natively and in Python."""

from __future__ import annotations

import pytest

from spendlight.logs import native_walk
from spendlight.logs.native_file import CHOICE


def list_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """List folders without the native reader."""
    monkeypatch.setenv(CHOICE, "python")
    monkeypatch.setattr(native_walk, "_loaded", [])
