from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spendlight.claude_code.keeping import OWN as DAYS
from spendlight.claude_code.keeping import keep_logs
from spendlight.claude_code.settings import (
    ClaudeSettingsError,
    apply_change,
)
from spendlight.claude_code.statusline import OWN as LINE
from spendlight.claude_code.statusline import is_ours, runs_ours, set_statusline, statusline_of
from spendlight.claude_code.undoing import NothingToUndoError, setting_undone

NOW = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
COMMAND = "spendlight statusline"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text('{\n  "model": "opus"\n}\n')
    return path


def install(folder: Path) -> None:
    apply_change(set_statusline(folder, COMMAND), NOW)


def test_the_status_line_is_written_in_claude_codes_form(settings: Path) -> None:
    install(settings.parent)

    assert settings.read_text() == (
        '{\n  "model": "opus",\n  "statusLine": {\n    "type": "command",\n'
        '    "command": "spendlight statusline"\n  }\n}\n'
    )
    assert statusline_of(settings.parent) == COMMAND
    assert set_statusline(settings.parent, COMMAND).is_nothing


def test_a_missing_settings_file_is_created(tmp_path: Path) -> None:
    install(tmp_path)

    assert json.loads((tmp_path / "settings.json").read_text())["statusLine"]["command"] == COMMAND

    apply_change(setting_undone(tmp_path, LINE), LATER)

    assert not (tmp_path / "settings.json").exists()


def test_other_settings_of_the_status_line_are_preserved(settings: Path) -> None:
    settings.write_text('{"statusLine":{"type":"command","command":"old","padding":2}}')

    install(settings.parent)

    line = json.loads(settings.read_text())["statusLine"]
    assert line == {"type": "command", "command": COMMAND, "padding": 2}


def test_line_endings_are_preserved(settings: Path) -> None:
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
def test_the_command_of_the_status_line_is_read(settings: Path, text: str, command: str) -> None:
    settings.write_text(text)

    assert statusline_of(settings.parent) == command


def test_settings_with_invalid_json_are_left_unchanged(settings: Path) -> None:
    settings.write_text("{")

    with pytest.raises(ClaudeSettingsError):
        statusline_of(settings.parent)
    with pytest.raises(ClaudeSettingsError):
        set_statusline(settings.parent, COMMAND)


def test_each_setting_is_undone_separately(settings: Path) -> None:
    before = settings.read_text()
    install(settings.parent)
    apply_change(keep_logs(settings.parent, 365), LATER)

    apply_change(setting_undone(settings.parent, LINE), LATER)
    assert json.loads(settings.read_text()) == {"model": "opus", "cleanupPeriodDays": 365}

    apply_change(setting_undone(settings.parent, DAYS), LATER)
    assert json.loads(settings.read_text()) == json.loads(before)
    with pytest.raises(NothingToUndoError):
        setting_undone(settings.parent, LINE)


def test_undoing_keeps_what_the_user_set_beside_the_command(settings: Path) -> None:
    settings.write_text('{"statusLine":{"type":"command","command":"old","padding":2,"x":1}}')
    install(settings.parent)
    line = json.loads(settings.read_text())["statusLine"]
    del line["x"]
    settings.write_text(json.dumps({"a": 1, "statusLine": line | {"padding": 0, "y": 3}}))

    change = setting_undone(settings.parent, LINE)
    apply_change(change, LATER)

    assert json.loads(settings.read_text()) == {
        "a": 1,
        "statusLine": {"type": "command", "command": "old", "padding": 0, "y": 3},
    }
    assert change.has_other_changes
    assert [path.name for path in settings.parent.glob("*.undone-*")]


def test_a_status_line_set_by_another_program_is_not_undone(settings: Path) -> None:
    install(settings.parent)
    text = '{"statusLine": {"type": "command", "command": "theirs"}}'
    settings.write_text(text)

    with pytest.raises(
        NothingToUndoError, match=r"another program has changed statusLine since.*-statusLine\.$"
    ):
        setting_undone(settings.parent, LINE)

    assert settings.read_text() == text


@pytest.mark.parametrize(
    "command",
    [
        "spendlight statusline",
        "~/.local/bin/spendlight statusline --offline",
        "'/opt/a b/spendlight' statusline --then 'a | b; c'",
        r"'C:\Program Files\Spendlight\spendlight.exe' statusline",
        "/a/Spendlight-1.2.3-x86_64.AppImage statusline",
        "/venv/bin/python -P -m spendlight statusline --data-dir /d",
        "py -m spendlight statusline",
    ],
)
def test_spendlights_own_command_is_recognized(command: str) -> None:
    assert is_ours(command)
    assert runs_ours(command)


@pytest.mark.parametrize(
    "command",
    [
        "spendlight statusline | cut -c1-80",
        "spendlight statusline 2>/dev/null",
        "cd /x && spendlight statusline",
        "~/bin/line.sh spendlight statusline",
        "bash -c 'spendlight statusline'",
        "DEBUG=1 spendlight statusline",
        "spendlight-and-more.sh statusline",
        "spendlight statusline 'unfinished",
    ],
)
def test_a_users_command_that_runs_spendlight_is_not_ours(command: str) -> None:
    assert not is_ours(command)
    assert runs_ours(command)


@pytest.mark.parametrize("command", ["", "spendlight", "spendlight daily", "~/statusline.sh"])
def test_other_commands_are_not_ours(command: str) -> None:
    assert not is_ours(command)
    assert not runs_ours(command)
