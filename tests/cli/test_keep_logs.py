from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.cli.pseudo_terminal import PseudoTerminal
from tests.cli.shell import SETTINGS_TEXT, Shell
from tests.makers import line

from spendlight.claude_code import cleanup

pytestmark = pytest.mark.usefixtures("wide")


@pytest.fixture(autouse=True)
def organisation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The path of an organisation's settings; there are none yet."""
    monkeypatch.setattr(cleanup, "MANAGED_FOLDERS", {sys.platform: str(tmp_path / "etc")})
    return tmp_path / "etc"


def backups(settings: Path) -> list[str]:
    return [path.name for path in settings.parent.glob("settings.json.*")]


def test_a_change_is_shown_written_and_can_be_undone(shell: Shell, settings: Path) -> None:
    ran = shell.run("profile", "--keep-logs", "365", "--yes")

    assert (ran.code, ran.err) == (0, "")
    assert '-  "model": "opus"\n+  "model": "opus",\n+  "cleanupPeriodDays": 365' in ran.out
    assert "Claude Code now keeps its logs for 365 days." in ran.out
    assert json.loads(settings.read_text()) == {"model": "opus", "cleanupPeriodDays": 365}
    (backup,) = backups(settings)
    assert backup in ran.out
    assert "To go back: spendlight profile --undo\n" in ran.out

    back = shell.run("profile", "--undo", "-y")

    assert back.code == 0
    assert '-  "cleanupPeriodDays": 365' in back.out
    assert "Claude Code now keeps its logs for 30 days, the default." in back.out
    assert settings.read_text() == SETTINGS_TEXT
    assert backups(settings) == []


def test_an_unchanged_value_is_not_written(shell: Shell, settings: Path) -> None:
    shell.run("profile", "--keep-logs", "forever", "--yes")

    ran = shell.run("profile", "--keep-logs", "36500")

    assert (ran.code, ran.err) == (0, "")
    assert "It is already set to 36,500 days." in ran.out
    assert len(backups(settings)) == 1


def test_without_a_terminal_nothing_is_written(shell: Shell, settings: Path) -> None:
    ran = shell.run("profile", "--keep-logs", "365")

    assert ran.code == 2
    assert "Nothing was changed. Confirm with --yes." in ran.err
    assert settings.read_text() == SETTINGS_TEXT
    assert backups(settings) == []


@pytest.mark.slow  # starts the program on a terminal
@pytest.mark.parametrize(
    ("answer", "code", "is_changed"), [("y\n", 0, True), ("\n", 1, False), ("nope\n", 1, False)]
)
def test_on_a_terminal_it_asks(settings: Path, answer: str, code: int, *, is_changed: bool) -> None:
    with PseudoTerminal("profile", "--keep-logs", "365") as terminal:
        drawn = terminal.read_until("Save this change? [y/N]")
        assert '"cleanupPeriodDays": 365' in drawn
        assert settings.read_text() == SETTINGS_TEXT

        terminal.type(answer)

        assert terminal.wait() == code
    assert ("Nothing was changed." in terminal.drawn) is not is_changed
    assert (settings.read_text() == SETTINGS_TEXT) is not is_changed


def test_a_shorter_time_shows_what_will_be_deleted(shell: Shell, settings: Path) -> None:
    path = shell.log("p/s.jsonl", line())
    os.utime(path, (1_700_000_000, 1_700_000_000))

    ran = shell.run("profile", "--keep-logs", "7", "--yes")

    assert "This is shorter than now: 1 log (" in ran.out
    assert "would be deleted when Claude Code starts next." in ran.out
    assert settings.exists()


def test_settings_that_take_precedence_are_named(
    shell: Shell, settings: Path, organisation: Path
) -> None:
    organisation.mkdir()
    (organisation / "managed-settings.json").write_text('{"cleanupPeriodDays": 14}')

    ran = shell.run("profile", "--keep-logs", "365", "--yes")

    assert "An organisation's settings" in ran.out
    assert "set 14 days" in ran.out
    assert "So this change has no effect while they exist." in ran.out
    assert settings.exists()


def test_invalid_settings_are_left_unchanged(shell: Shell, settings: Path) -> None:
    settings.write_text('{"model": "opus",}')

    ran = shell.run("profile", "--keep-logs", "365", "--yes")

    assert (ran.code, ran.out) == (1, "")
    assert "it is not valid JSON" in ran.err
    assert "Nothing was changed." in ran.err
    assert settings.read_text() == '{"model": "opus",}'


def test_a_folder_can_be_named(shell: Shell, settings: Path, tmp_path: Path) -> None:
    other = tmp_path / "an other"
    (other / "projects" / "p").mkdir(parents=True)
    (other / "projects" / "p" / "s.jsonl").write_bytes(line())

    ran = shell.run("profile", str(other), "--keep-logs", "90", "--yes")

    assert f"spendlight profile --undo '{other}'" in ran.out
    assert (other / "settings.json").exists()
    assert settings.read_text() == SETTINGS_TEXT
    assert shell.run("profile", str(tmp_path), "--keep-logs", "90", "--yes").code == 2


def test_changing_and_undoing_covers_all_folders(
    shell: Shell, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "claude-2"
    (other / "projects").mkdir(parents=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{shell.claude},{other}")
    shell.run("profile", str(shell.claude), "--keep-logs", "90", "--yes")

    undone = shell.run("profile", "--undo", "--yes")
    both = shell.run("profile", "--keep-logs", "90", "--yes", "--json").json

    assert undone.code == 0
    assert [part["changed"] for part in both["settings"]] == [True, True]
    assert len(both["backups"]) == 2
    assert json.loads((other / "settings.json").read_text()) == {"cleanupPeriodDays": 90}
    assert "cleanupPeriodDays" in settings.read_text()


def test_without_a_backup_there_is_nothing_to_undo(shell: Shell, settings: Path) -> None:
    ran = shell.run("profile", "--undo", "--yes")

    assert ran.code == 1
    assert "There is nothing to undo" in ran.err
    assert settings.read_text() == SETTINGS_TEXT


def test_a_change_is_printed_as_json(shell: Shell, settings: Path) -> None:
    told = shell.run("profile", "--keep-logs", "90", "--yes", "--json").json

    assert told["settings"] == [
        {"changed": True, "daysAfter": 90, "daysBefore": None, "settings": str(settings)}
    ]
    assert shell.run("profile", "--keep-logs", "9", "--json", stdin=None).code == 2


def test_nothing_is_changed_without_claude_code_or_in_the_demo(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell.run("profile", "--demo", "--keep-logs", "90", "--yes").code == 2

    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    ran = shell.run("profile", "--keep-logs", "90", "--yes")

    assert ran.code == 2
    assert "there are no settings to change" in ran.err
