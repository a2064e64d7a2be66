from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from tests.cli.pseudo_terminal import PseudoTerminal
from tests.cli.shell import SETTINGS_TEXT, Shell

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
pytestmark = pytest.mark.usefixtures("wide")


def command(settings: Path) -> list[str]:
    return shlex.split(json.loads(settings.read_text())["statusLine"]["command"])


def test_the_status_line_is_shown_written_and_can_be_undone(shell: Shell, settings: Path) -> None:
    ran = shell.run("statusline", "--install", "--yes")

    assert (ran.code, ran.err) == (0, "")
    assert '+  "statusLine": {' in ran.out
    assert "from its next answer on" in ran.out
    assert command(settings)[-1] == "statusline"
    (backup,) = settings.parent.glob("settings.json.backup-*")
    assert str(backup) in ran.out

    back = shell.run("statusline", "--undo", "--yes")

    assert (back.code, back.out.splitlines()[-1]) == (0, "The previous status line is restored.")
    assert settings.read_text() == SETTINGS_TEXT


def test_an_unchanged_value_is_not_written(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    written = settings.read_text()

    ran = shell.run("statusline", "--install")

    assert ran.code == 0
    assert "Spendlight is already the status line there." in ran.out
    assert settings.read_text() == written


def test_without_a_terminal_nothing_is_written(shell: Shell, settings: Path) -> None:
    ran = shell.run("statusline", "--install")

    assert ran.code == 2
    assert "Nothing was changed. Confirm with --yes." in ran.err
    assert settings.read_text() == SETTINGS_TEXT


@needs_pty
@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(("answer", "code"), [("y\r", 0), ("n\r", 1), ("\r", 1)])
def test_on_a_terminal_the_user_is_asked(settings: Path, answer: str, code: int) -> None:
    with PseudoTerminal("statusline", "--install") as terminal:
        terminal.read_until("Save this change? [y/N]")
        terminal.type(answer)
        assert terminal.wait() == code
    assert ("statusLine" in settings.read_text()) is (code == 0)


def test_a_users_own_status_line_is_replaced_on_request_only(shell: Shell, settings: Path) -> None:
    own = '{"statusLine": {"type": "command", "command": "~/my line.sh", "padding": 0}}'
    settings.write_text(own)

    ran = shell.run("statusline", "--install", "--yes")

    assert ran.code == 1
    assert "already has a status line" in ran.err
    assert "--chain" in ran.err
    assert settings.read_text() == own

    shell.run("statusline", "--install", "--chain", "--yes")
    assert command(settings)[-3:] == ["statusline", "--then", "~/my line.sh"]
    assert json.loads(settings.read_text())["statusLine"]["padding"] == 0

    again = shell.run("statusline", "--install", "--yes")
    assert "already the status line there" in again.out
    assert command(settings)[-1] == "~/my line.sh"

    shell.run("statusline", "--install", "--replace", "--yes")
    assert command(settings)[-1] == "statusline"


def test_a_command_that_runs_more_than_spendlight_is_replaced_on_request_only(
    shell: Shell, settings: Path
) -> None:
    piped = '{"statusLine": {"type": "command", "command": "spendlight statusline | tac"}}'
    settings.write_text(piped)

    ran = shell.run("statusline", "--install", "--yes")

    assert "already the status line there" in ran.out
    assert settings.read_text() == piped
    shell.run("statusline", "--install", "--replace", "--yes")
    assert command(settings)[-1] == "statusline"
    shell.run("statusline", "--undo", "--yes")
    assert settings.read_text() == piped


def test_a_status_line_set_by_another_program_is_not_undone(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    settings.write_text('{"statusLine": {"type": "command", "command": "theirs"}}')

    ran = shell.run("statusline", "--undo", "--yes")

    assert ran.code == 1
    assert "another program has changed statusLine since" in ran.err
    assert command(settings) == ["theirs"]


def test_the_status_line_gets_the_folder_of_the_ledger(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes", "--data-dir", "elsewhere")

    assert command(settings)[-2:] == ["--data-dir", str(shell.place / "elsewhere")]


def test_the_set_up_can_be_printed_as_json(shell: Shell, settings: Path) -> None:
    ran = shell.run("statusline", "--install", "--yes", "--json")

    (line,) = ran.json["settings"]
    assert line["changed"] is True
    assert line["statusLine"]["type"] == "command"
    assert ran.json["backups"] == [str(path) for path in settings.parent.glob("*.backup-*")]


def test_a_change_that_is_impossible_is_an_error(
    shell: Shell, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "nothing to undo" in shell.run("statusline", "--undo", "--yes").err
    assert shell.run("--demo", "statusline", "--install", "--yes").code == 2

    settings.write_text("{")
    assert "not valid JSON" in shell.run("statusline", "--install", "--yes").err

    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    assert "No Claude Code data was found" in shell.run("statusline", "--install", "--yes").err


def test_the_command_that_was_written_is_a_status_line(shell: Shell, settings: Path) -> None:
    shell.run("statusline", "--install", "--yes")
    program, verb = command(settings)[0], command(settings)[-1]

    assert Path(program).is_file()
    assert verb == "statusline"
