from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.cli.pseudo_terminal import PseudoTerminal
from tests.cli.shell import SETTINGS_TEXT, Shell

pytestmark = pytest.mark.usefixtures("wide")

OWN_LINE = '{"statusLine": {"type": "command", "command": "~/my line.sh", "padding": 0}}'


def line_of(settings: Path) -> object:
    return json.loads(settings.read_text()).get("statusLine")


def names(settings: Path) -> list[str]:
    return sorted(path.name for path in settings.parent.glob("settings.json*"))


def test_every_change_is_undone_exactly(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    shell.run("profile", "--keep-logs", "365", "--yes")
    shell.run("profile", "--keep-logs", "forever", "--yes")

    ran = shell.run("unhook", "--yes")

    assert (ran.code, ran.err) == (0, "")
    assert '-  "cleanupPeriodDays": 36500' in ran.out
    assert settings.read_text() == SETTINGS_TEXT
    assert names(settings) == ["settings.json"]
    again = shell.run("unhook")
    assert (again.code, again.err) == (0, "")
    assert "nothing to undo: Spendlight has not changed" in again.out


def test_the_logs_that_claude_code_will_delete_are_mentioned(shell: Shell, settings: Path) -> None:
    path = shell.log("p/s.jsonl")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    shell.run("profile", "--keep-logs", "forever", "--yes")

    ran = shell.run("unhook", "--yes")

    assert "This is shorter than now: 1 log (" in ran.out
    assert settings.read_text() == SETTINGS_TEXT


def test_a_file_created_by_spendlight_is_removed(shell: Shell, settings: Path) -> None:
    settings.unlink()
    shell.run("statusline", "--install", "--yes")

    assert shell.run("unhook", "--yes").code == 0

    assert names(settings) == []


@pytest.mark.parametrize("how", ["--chain", "--replace"])
def test_the_previous_status_line_is_restored(shell: Shell, settings: Path, how: str) -> None:
    settings.write_text(OWN_LINE)
    shell.run("statusline", "--install", how, "--yes")

    assert shell.run("unhook", "--yes").code == 0

    assert settings.read_text() == OWN_LINE


def test_a_status_line_that_ours_wraps_replaces_it(shell: Shell, settings: Path) -> None:
    settings.write_text(OWN_LINE)
    shell.run("statusline", "--install", "--chain", "--yes")
    settings.write_text(settings.read_text().replace("my line", "my other line"))

    shell.run("unhook", "--yes")

    other = OWN_LINE.replace("my line", "my other line")
    assert json.loads(settings.read_text()) == json.loads(other)


def test_settings_added_beside_the_command_are_kept(shell: Shell, settings: Path) -> None:
    settings.write_text(OWN_LINE)
    shell.run("statusline", "--install", "--replace", "--yes")
    settings.write_text(settings.read_text().replace('"padding": 0', '"padding": 2'))

    assert shell.run("unhook", "--yes").code == 0

    assert json.loads(settings.read_text()) == json.loads(OWN_LINE.replace(" 0}", " 2}"))


@pytest.mark.parametrize("how", ["{ours} | cut -c1-80", "~/gone/line.sh {ours}", "cd / && {ours}"])
def test_a_users_command_that_runs_ours_is_kept_and_reported(
    shell: Shell, settings: Path, how: str
) -> None:
    settings.write_text(OWN_LINE)
    shell.run("statusline", "--install", "--replace", "--yes")
    shell.run("profile", "--keep-logs", "90", "--yes")
    said = json.loads(settings.read_text())
    line = said["statusLine"] | {"command": how.format(ours=said["statusLine"]["command"])}
    settings.write_text(json.dumps(said | {"statusLine": line}))

    ran = shell.run("unhook", "--yes")

    assert ran.code == 0
    assert "runs Spendlight as part of another command, so it was not changed: " in ran.err
    assert json.loads(settings.read_text()) == {"statusLine": line}


def test_an_unwritable_folder_does_not_prevent_others(
    shell: Shell, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "claude-2"
    (other / "projects").mkdir(parents=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{other},{shell.claude}")
    shell.run("statusline", "--install", "--yes")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.parent == other:
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    (other / "settings.json").write_text(
        json.dumps(json.loads((other / "settings.json").read_text()) | {"model": "x"})
    )
    monkeypatch.setattr(Path, "replace", refuse)
    ran = shell.run("unhook", "--yes")

    assert ran.code == 1
    assert "Permission denied" in ran.err
    assert "changes to Claude Code's settings are undone" in ran.out
    assert settings.read_text() == SETTINGS_TEXT
    assert "statusLine" in (other / "settings.json").read_text()


def test_a_status_line_set_by_hand_is_removed(shell: Shell, settings: Path) -> None:
    settings.write_text('{"a": 1, "statusLine": {"command": "/gone/spendlight statusline"}}')

    assert shell.run("unhook", "--yes").code == 0

    assert settings.read_text() == '{"a": 1}'


def test_later_changes_by_the_user_are_kept(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    shell.run("profile", "--keep-logs", "90", "--yes")
    shell.run("profile", "--keep-logs", "180", "--yes")
    said = json.loads(settings.read_text())
    settings.write_text(
        json.dumps(
            said | {"cleanupPeriodDays": 90, "model": "x", "statusLine": {"command": "mine"}}
        )
    )
    text = settings.read_text()

    ran = shell.run("unhook", "--yes")

    assert ran.code == 0
    assert settings.read_text() == text


def test_undoing_the_status_line_keeps_the_users_number_of_days(
    shell: Shell, settings: Path
) -> None:
    shell.run("statusline", "--install", "--yes")
    said = json.loads(settings.read_text())
    settings.write_text(json.dumps(said | {"cleanupPeriodDays": 365}))

    assert "nothing to undo" in shell.run("profile", "--undo", "--yes").err
    assert shell.run("unhook", "--yes").code == 0

    assert json.loads(settings.read_text()) == {"model": "opus", "cleanupPeriodDays": 365}


def test_a_status_line_that_runs_another_copy_is_kept_and_reported(
    shell: Shell, settings: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "spendlight"
    other.parent.mkdir()
    other.touch()
    settings.write_text(json.dumps({"statusLine": {"command": f"{other.as_posix()} statusline"}}))
    text = settings.read_text()

    ran = shell.run("unhook", "--yes")

    assert ran.code == 0
    assert "runs another copy of Spendlight" in ran.err
    assert ran.out == ""
    assert settings.read_text() == text


def test_the_result_can_be_json(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    shell.run("profile", "--keep-logs", "365", "--yes")
    line = line_of(settings)

    ran = shell.run("unhook", "--yes", "--json")

    assert ran.json == {
        "settings": [
            {
                "changed": True,
                "daysAfter": None,
                "daysBefore": 365,
                "folder": str(shell.claude),
                "statusLineAfter": None,
                "statusLineBefore": line,
            }
        ]
    }


def test_unusable_settings_are_reported_and_left_unchanged(shell: Shell, settings: Path) -> None:
    settings.write_text("{")

    ran = shell.run("unhook", "--yes")

    assert ran.code == 1
    assert "not valid JSON" in ran.err
    assert settings.read_text() == "{"


def test_without_claude_code_there_is_nothing_to_do(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")

    assert shell.run("unhook").code == 0


def test_without_a_terminal_nothing_is_written(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    text = settings.read_text()

    ran = shell.run("unhook")

    assert ran.code == 2
    assert settings.read_text() == text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.slow  # starts the program on a terminal
def test_answering_no_changes_nothing(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    with PseudoTerminal("unhook") as terminal:
        terminal.read_until("Save this change? [y/N]")
        terminal.type("n\r")
        assert terminal.wait() == 1
    assert line_of(settings) is not None
