from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.assets import resource
from spendlight.autostart import (
    MenuEntry,
    MenuState,
    RunningProgram,
    login_command,
    menu_entry,
    terminal_command,
)
from spendlight.autostart.menu import ForeignEntryError, MenuError
from spendlight.autostart.shell_link import APP_MODEL, APP_MODEL_ID, ShellLink, read_link
from spendlight.autostart.start_menu import APP_ID

SYSTEMS = ("linux", "darwin", "win32")
ENTRIES = {
    "linux": ".local/share/applications/spendlight.desktop",
    "darwin": "Applications/Spendlight.app",
    "win32": "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Spendlight.lnk",
}

every_system = pytest.mark.parametrize("platform", SYSTEMS)


def entry(home: Path, platform: str, program: Path) -> MenuEntry:
    return menu_entry({"HOME": str(home)}, [str(program)], platform)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program, in a folder with a blank in its name."""
    program = tmp_path / "my programs" / "spendlight-tray"
    program.parent.mkdir()
    program.touch(0o755)
    return program


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home of ada"
    home.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    return home


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@every_system
def test_an_entry_is_created_for_the_system_and_starts_the_program(
    home: Path, program: Path, platform: str
) -> None:
    menu = entry(home, platform, program)
    assert menu.look().state is MenuState.MISSING

    menu.install()

    look = menu.look()
    assert look.path == home / ENTRIES[platform]
    assert (look.state, look.is_own, look.is_startable) == (MenuState.OURS, True, True)
    assert list(look.command) == [str(program)]


@every_system
def test_repeating_it_changes_nothing(home: Path, program: Path, platform: str) -> None:
    menu = entry(home, platform, program)
    menu.install()
    for path in home.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    before = files(home)

    menu.install()

    assert files(home) == before
    assert {path.stat().st_mtime for path in home.rglob("*") if path.is_file()} == {0}


@every_system
def test_only_our_own_files_are_removed(home: Path, program: Path, platform: str) -> None:
    others = home / ENTRIES[platform]
    other = others.parent / "other"
    other.parent.mkdir(parents=True)
    other.touch()
    menu = entry(home, platform, program)
    menu.install()

    gone = menu.uninstall()

    assert others in gone
    assert list(files(home)) == [other.relative_to(home).as_posix()]
    assert menu.look().state is MenuState.MISSING
    assert menu.uninstall() == []


@every_system
def test_an_entry_of_another_copy_is_recognized_and_replaced(
    home: Path, program: Path, platform: str
) -> None:
    entry(home, platform, program).install()
    newer = program.parent / "newer" / "spendlight-tray"
    menu = entry(home, platform, newer)
    look = menu.look()
    assert (look.state, look.is_own, look.is_startable) == (MenuState.OURS, False, True)
    program.unlink()
    assert not menu.look().is_startable

    menu.install()

    assert menu.look().is_own


@every_system
def test_an_entry_of_another_program_is_not_changed(
    home: Path, program: Path, platform: str
) -> None:
    path = home / ENTRIES[platform]
    theirs = path / "Contents" / "Info.plist" if platform == "darwin" else path
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"[Desktop Entry]\nExec=theirs\n")
    menu = entry(home, platform, program)
    assert menu.look().state is MenuState.FOREIGN

    for change in (menu.install, menu.uninstall):
        with pytest.raises(ForeignEntryError, match=path.name):
            change()

    assert list(files(home).values()) == [b"[Desktop Entry]\nExec=theirs\n"]


@every_system
def test_an_unwritable_folder_is_reported(home: Path, program: Path, platform: str) -> None:
    (home / ENTRIES[platform].split("/")[0]).touch()

    with pytest.raises(MenuError, match="could not be changed"):
        entry(home, platform, program).install()


@pytest.mark.linux_programs("desktop-file-validate")
def test_the_desktop_file_is_valid_and_translated(home: Path, program: Path) -> None:
    menu = entry(home, "linux", program)
    menu.install()

    subprocess.run(["desktop-file-validate", menu.look().path], check=True)
    text = menu.look().path.read_text(encoding="utf-8")
    assert f'Exec="{program}"\n' in text
    assert f"TryExec={program}\n" in text
    assert "StartupWMClass=spendlight\n" in text
    assert "Comment[de]=" in text
    assert "Keywords[de]=" in text


def test_the_installed_icons_are_the_shipped_ones_in_each_size(home: Path, program: Path) -> None:
    entry(home, "linux", program).install()

    theme = home / ".local" / "share" / "icons" / "hicolor"
    shipped = {
        f"{size}x{size}/apps/spendlight.png": resource(
            "icons", "app", f"spendlight-{size}.png"
        ).read_bytes()
        for size in (16, 22, 24, 32, 48, 64, 128, 256, 512)
    }
    drawing = {"scalable/apps/spendlight.svg": resource("icons", "spendlight.svg").read_bytes()}
    assert files(theme) == shipped | drawing


def test_a_foreign_icon_is_kept(home: Path, program: Path) -> None:
    theirs = home / ".local/share/icons/hicolor/48x48/apps/spendlight.png"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    menu = entry(home, "linux", program)

    menu.install()
    assert theirs not in menu.look().icons
    menu.uninstall()

    assert list(files(home).values()) == [b"theirs"]


def test_an_icon_that_is_listed_elsewhere_is_not_removed(home: Path, program: Path) -> None:
    menu = entry(home, "linux", program)
    menu.install()
    precious = home / "precious"
    precious.touch()
    path = menu.look().path
    path.write_text(
        path.read_text(encoding="utf-8").replace("Icons=", "Icons=../../../../precious;"),
        encoding="utf-8",
    )

    menu.uninstall()

    assert precious.exists()


def test_other_data_folders_of_the_user_are_respected(tmp_path: Path, program: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}

    menu = menu_entry(environ, [str(program)], "linux")

    assert menu.look().path == tmp_path / "data" / "applications" / "spendlight.desktop"
    relative = menu_entry(environ | {"XDG_DATA_HOME": "data"}, [str(program)], "linux")
    assert relative.look().path == tmp_path / ENTRIES["linux"]


def test_the_windows_shortcut_has_our_application_id(home: Path, program: Path) -> None:
    menu = entry(home, "win32", program)
    menu.install()

    link = read_link(menu.look().path.read_bytes())

    assert link.properties[APP_MODEL, APP_MODEL_ID] == APP_ID == "Spendlight.Spendlight"
    assert link.icon.endswith("spendlight.ico")


def test_the_macos_application_has_no_dock_icon(home: Path, program: Path) -> None:
    menu = entry(home, "darwin", program)
    menu.install()

    contents = menu.look().path / "Contents"
    said = plistlib.loads((contents / "Info.plist").read_bytes())
    started = contents / "MacOS" / said["CFBundleExecutable"]
    assert said["LSUIElement"] is True
    assert started.read_text(encoding="utf-8") == f"#!/bin/sh\nexec '{program}' \"$@\"\n"
    assert os.name == "nt" or os.access(started, os.X_OK)
    assert (contents / "Resources" / f"{said['CFBundleIconFile']}.icns").is_file()


texts = st.text(st.characters(codec="utf-16-le", exclude_characters="\0"), max_size=300)
properties = st.dictionaries(st.tuples(st.uuids(), st.integers(2, 99)), texts, max_size=3)
links = st.builds(ShellLink, texts.filter(bool), texts, texts, texts, texts, properties)


@given(links)
def test_any_shortcut_is_read_back_unchanged(link: ShellLink) -> None:
    assert read_link(link.to_bytes()) == link


@given(st.binary(max_size=200))
def test_an_invalid_shortcut_is_rejected(data: bytes) -> None:
    whole = ShellLink("C:\\a.exe", icon="b", properties={(APP_MODEL, 5): "c"}).to_bytes()
    for damaged in (data, whole[: len(data)], whole[:4] + data + whole[4 + len(data) :]):
        try:
            read_link(damaged)
        except ValueError:
            continue


class Installed:
    """A program in a separate environment, as pipx and uv install it, with links to it."""

    def __init__(self, path: Path) -> None:
        self.own = path / "tools" / "spendlight" / "bin"
        self.links = path / ".local" / "bin"
        self.python = self.own / "python"
        self.environ = {"HOME": str(path), "PATH": "/usr/bin"}
        for folder in (self.own, self.links):
            folder.mkdir(parents=True)
        for name in ("spendlight", "spendlight-tray", "python"):
            (self.own / name).touch(0o755)
        for name in ("spendlight", "spendlight-tray"):
            (self.links / name).symlink_to(self.own / name)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


links_to_programs = pytest.mark.skipif(sys.platform == "win32", reason="it has copies instead")


@links_to_programs
@pytest.mark.parametrize("started", ["link", "own", "module"])
def test_the_entry_starts_the_link_that_survives_an_upgrade(
    installed: Installed, started: str
) -> None:
    script = {
        "link": installed.links / "spendlight",
        "own": installed.own / "spendlight",
        "module": installed.own.parent / "lib" / "spendlight" / "__main__.py",
    }[started]

    tray = login_command(
        RunningProgram(
            installed.environ,
            platform="linux",
            executable=str(installed.python),
            script=str(script),
            is_frozen=False,
        )
    )
    verb = terminal_command(
        RunningProgram(
            installed.environ,
            platform="linux",
            executable=str(installed.python),
            script=str(script),
            is_frozen=False,
        )
    )

    assert tray == (str(installed.links / "spendlight-tray"),)
    assert verb == (str(installed.links / "spendlight"),)


@links_to_programs
def test_a_link_to_another_copy_is_not_used(installed: Installed, tmp_path: Path) -> None:
    for name in ("spendlight", "spendlight-tray"):
        (installed.links / name).unlink()
        other = tmp_path / "other" / name
        other.parent.mkdir(exist_ok=True)
        other.touch()
        (installed.links / name).symlink_to(other)

    command = login_command(
        RunningProgram(
            installed.environ,
            platform="linux",
            executable=str(installed.python),
            script="-c",
            is_frozen=False,
        )
    )

    assert command == (str(installed.own / "spendlight-tray"),)


@links_to_programs
def test_windows_starts_the_script_without_a_terminal(installed: Installed) -> None:
    (installed.own / "spendlight-tray.exe").touch()

    command = login_command(
        RunningProgram(
            {}, platform="win32", executable=str(installed.python), script="-c", is_frozen=False
        )
    )

    assert command == (str(installed.own / "spendlight-tray.exe"),)
