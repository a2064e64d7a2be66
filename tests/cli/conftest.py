from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.shell import SETTINGS_TEXT, Shell


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevent sentences from being wrapped, whatever the width of the terminal."""
    monkeypatch.setenv("COLUMNS", "1000")


@pytest.fixture
def settings(shell: Shell) -> Path:
    path = shell.claude / "settings.json"
    path.write_text(SETTINGS_TEXT)
    return path
