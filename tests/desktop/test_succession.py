from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from spendlight.desktop.app.succession import RESET_VARIABLE, Succession, watched_program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "spendlight-tray"
    install(path, "old")
    return path


def install(path: Path, version: str) -> None:
    """Install a version as package managers do: complete, under the name of the old one."""
    new = path.with_name("new")
    new.write_text(version, encoding="utf-8")
    new.chmod(0o755)
    new.replace(path)


def test_an_unchanged_program_keeps_running(qtbot: QtBot, program: Path) -> None:
    succession = Succession(program)

    with qtbot.assertNotEmitted(succession.due):
        succession.look()
        succession.look()

    assert not succession.is_due


def test_a_newer_version_takes_over_once_it_is_complete(qtbot: QtBot, program: Path) -> None:
    succession = Succession(program)
    install(program, "new")

    with qtbot.assertNotEmitted(succession.due):
        succession.look()
    with qtbot.waitSignal(succession.due):
        succession.look()

    assert succession.is_due


def test_a_version_that_is_being_installed_does_not_take_over_yet(
    qtbot: QtBot, program: Path
) -> None:
    succession = Succession(program)

    with qtbot.assertNotEmitted(succession.due):
        for version in ("a", "ab", "abc"):
            install(program, version)
            succession.look()


def test_an_icon_embedded_in_a_panel_does_not_count_as_a_window(
    qtbot: QtBot, program: Path
) -> None:
    succession = Succession(program)
    icon = QWidget()
    qtbot.addWidget(icon)
    icon.show()
    install(program, "new")
    succession.look()

    with qtbot.waitSignal(succession.due):
        succession.look()


@pytest.mark.parametrize("kind", [QMainWindow, QDialog])
def test_a_newer_version_waits_until_the_window_is_closed(
    qtbot: QtBot, program: Path, kind: type[QWidget]
) -> None:
    succession = Succession(program)
    window = kind()
    qtbot.addWidget(window)
    window.show()
    install(program, "new")
    with qtbot.assertNotEmitted(succession.due):
        succession.look()
        succession.look()

    window.hide()
    with qtbot.waitSignal(succession.due):
        succession.look()


def test_a_removed_program_has_no_successor(qtbot: QtBot, program: Path) -> None:
    succession = Succession(program)
    program.unlink()

    with qtbot.assertNotEmitted(succession.due):
        succession.look()
        succession.look()


def test_a_program_that_cannot_be_started_is_no_successor(qtbot: QtBot, program: Path) -> None:
    succession = Succession(program)
    install(program, "new")
    program.chmod(0o644)

    with qtbot.assertNotEmitted(succession.due):
        succession.look()
        succession.look()


def test_only_a_frozen_program_on_linux_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched_program({}) is None

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")

    assert watched_program({}) == Path(sys.executable)
    assert watched_program({"APPIMAGE": "/home/ada/Spendlight.AppImage"}) is None


@pytest.mark.linux_programs("sh")
def test_the_successor_gets_the_arguments_of_the_process(tmp_path: Path) -> None:
    successor = tmp_path / "spendlight tray"
    successor.write_text(f'#!/bin/sh\necho "$0" "$@" "${RESET_VARIABLE}"\n', encoding="utf-8")
    successor.chmod(0o755)
    code = (
        "import sys; from pathlib import Path; sys.argv[1:] = ['--offline']\n"
        "from spendlight.desktop.app.succession import give_way; give_way(Path(sys.argv0))"
    ).replace("sys.argv0", repr(str(successor)))

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == f"{successor} --offline 1\n"
