"""Fixtures for all tests of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from spendlight.settings import SettingsFile


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "settings.toml")
