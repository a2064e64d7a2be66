from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from spendlight.autostart import LoginState, login_item
from spendlight.build import Build, Channel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="where Linux keeps these files")


@pytest.fixture
def entry(home: Path) -> Path:
    return home / ".local" / "share" / "applications" / "spendlight.desktop"


@pytest.fixture
def login(home: Path) -> Path:
    return home / ".config" / "autostart" / "spendlight.desktop"


def test_status_reports_that_nothing_is_installed(shell: Shell) -> None:
    for words in (["desktop"], ["desktop", "status"]):
        ran = shell.run(*words)

        assert ran.code == 0
        assert ran.out == "Menu entry: none\nStarts at login: no\n"


def test_an_entry_is_installed_reported_and_removed(shell: Shell, entry: Path, login: Path) -> None:
    installed = shell.run("desktop", "install")

    assert installed.code == 0
    assert f"Menu entry: {entry}, starts this program: " in installed.out
    assert "Icons: 10 in " in installed.out
    assert "--autostart" in installed.out
    assert entry.exists()
    assert not login.exists()
    assert "starts this program" in shell.run("desktop", "status").out

    taken = shell.run("desktop", "uninstall")

    assert taken.out.startswith("Removed: 11 files\n")
    assert not entry.exists()
    assert shell.run("desktop", "uninstall").out.startswith("There was nothing to remove.\n")


def test_starting_at_login_is_enabled_on_request_and_stays_enabled(
    shell: Shell, login: Path
) -> None:
    assert "Starts at login: yes\n" in shell.run("desktop", "install", "--autostart").out
    assert "Starts at login: yes\n" in shell.run("desktop", "install").out
    assert login.exists()

    assert "Starts at login: no\n" in shell.run("desktop", "uninstall").out
    assert not login.exists()


def test_a_login_entry_of_another_copy_is_left_unchanged(
    shell: Shell, login: Path, tmp_path: Path, home: Path
) -> None:
    other = tmp_path / "other" / "spendlight"
    other.parent.mkdir()
    other.touch(0o755)
    item = login_item({"HOME": str(home)}, [str(other)])
    item.enable()

    ran = shell.run("desktop", "uninstall")

    assert "Starts at login: yes, but a different copy of Spendlight\n" in ran.out
    assert item.state() is LoginState.ON
    assert login.exists()


def test_the_output_can_be_json(shell: Shell, entry: Path) -> None:
    told = shell.run("desktop", "install", "--autostart", "--json").json

    assert told["menu"]["place"] == str(entry)
    assert told["menu"]["state"] == "ours"
    assert told["menu"]["startsThis"] is True
    assert len(told["menu"]["icons"]) == 10
    assert told["login"] == {"startsThis": True, "state": "on"}
    assert len(shell.run("desktop", "uninstall", "--json").json["removed"]) == 11


def test_an_entry_of_another_program_is_named_and_kept(shell: Shell, entry: Path) -> None:
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\nExec=/gone/spendlight-tray\n")

    ran = shell.run("desktop", "install")

    assert ran.code == 1
    assert f"{entry} was not made by 'spendlight desktop install'" in ran.err
    status = shell.run("desktop").out
    assert "not made by 'spendlight desktop install'" in status
    assert "starts /gone/spendlight-tray, which does not exist" in status
    assert entry.read_text() == "[Desktop Entry]\nExec=/gone/spendlight-tray\n"


def test_an_entry_that_starts_this_program_already_is_enough(
    shell: Shell, entry: Path, login: Path
) -> None:
    shell.run("desktop", "install")
    kept = [line for line in entry.read_text("utf-8").splitlines() if not line.startswith("X-")]
    entry.write_text("\n".join([*kept, ""]), encoding="utf-8")  # as install.sh makes it

    ran = shell.run("desktop", "install", "--autostart")

    assert ran.code == 0
    assert "starts this program" in ran.out
    assert login.exists()
    assert entry.read_text("utf-8").splitlines() == kept


@pytest.mark.parametrize("channel", [Channel.DEB, Channel.NSIS, Channel.DISTRIBUTION])
def test_a_package_has_its_own_entry(
    shell: Shell, entry: Path, monkeypatch: pytest.MonkeyPatch, channel: Channel
) -> None:
    monkeypatch.setattr(
        "spendlight.cli.desktop_entry.read_build", lambda: Build(channel, "", is_frozen=True)
    )

    ran = shell.run("desktop", "install")

    assert ran.code == 1
    assert f"was installed as a package ({channel})" in ran.err
    assert not entry.exists()
    status = shell.run("desktop", "status").out
    assert f"Package: {channel}" in status
    assert "none" not in status


@pytest.mark.parametrize("words", [["--autostart"], ["uninstall", "--autostart"], ["remove"]])
def test_conflicting_arguments_are_a_usage_error(shell: Shell, words: list[str]) -> None:
    ran = shell.run("desktop", *words)

    assert ran.code == 2
    assert ran.out == ""
