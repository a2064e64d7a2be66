from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spendlight.claude_code.keeping import keep_logs, undo
from spendlight.claude_code.settings import (
    ClaudeSettingsError,
    NothingToUndoError,
    apply_change,
)
from spendlight.claude_code.statusline import set_statusline, statusline_of, undo_statusline

NOW = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
COMMAND = "spendlight statusline"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text('{\n  "model": "opus"\n}\n')
    return path


def install(folder: Path) -> None:
    apply_change(folder, set_statusline(folder, COMMAND), NOW)


def test_the_status_line_is_written_as_claude_code_wants_it(settings: Path) -> None:
    install(settings.parent)

    assert settings.read_text() == (
        '{\n  "model": "opus",\n  "statusLine": {\n    "type": "command",\n'
        '    "command": "spendlight statusline"\n  }\n}\n'
    )
    assert statusline_of(settings.parent) == COMMAND
    assert set_statusline(settings.parent, COMMAND).is_nothing


def test_without_a_file_there_is_one(tmp_path: Path) -> None:
    install(tmp_path)

    assert json.loads((tmp_path / "settings.json").read_text())["statusLine"]["command"] == COMMAND

    apply_change(tmp_path, undo_statusline(tmp_path), LATER)

    assert not (tmp_path / "settings.json").exists()


def test_what_else_is_set_of_it_stays(settings: Path) -> None:
    settings.write_text('{"statusLine":{"type":"command","command":"old","padding":2}}')

    install(settings.parent)

    line = json.loads(settings.read_text())["statusLine"]
    assert line == {"type": "command", "command": COMMAND, "padding": 2}


def test_ends_of_lines_stay_as_they_are_in_the_file(settings: Path) -> None:
    settings.write_bytes(b'{\r\n  "model": "opus"\r\n}\r\n')

    install(settings.parent)

    assert settings.read_bytes().count(b"\n") == settings.read_bytes().count(b"\r\n")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("{}", ""),
        ("", ""),
        ('{"statusLine": null}', ""),
        ('{"statusLine": {}}', ""),
        ('{"statusLine": {"type": "command", "command": "~/line.sh"}}', "~/line.sh"),
        (
            '{"statusLine": {"type": "command", "command": " "}}',
            '{"type": "command", "command": " "}',
        ),
        ('{"statusLine": "odd"}', '"odd"'),
    ],
)
def test_the_status_line_is_told(settings: Path, text: str, command: str) -> None:
    settings.write_text(text)

    assert statusline_of(settings.parent) == command


def test_settings_that_are_no_json_are_left_alone(settings: Path) -> None:
    settings.write_text("{")

    with pytest.raises(ClaudeSettingsError):
        statusline_of(settings.parent)
    with pytest.raises(ClaudeSettingsError):
        set_statusline(settings.parent, COMMAND)


def test_each_setting_is_undone_by_itself(settings: Path) -> None:
    before = settings.read_text()
    install(settings.parent)
    apply_change(settings.parent, keep_logs(settings.parent, 365), LATER)

    apply_change(settings.parent, undo_statusline(settings.parent), LATER)
    assert json.loads(settings.read_text()) == {"model": "opus", "cleanupPeriodDays": 365}

    apply_change(settings.parent, undo(settings.parent), LATER)
    assert json.loads(settings.read_text()) == json.loads(before)
    with pytest.raises(NothingToUndoError):
        undo_statusline(settings.parent)
