"""The portable archive's scripts, with a fake program."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "installers" / "linux"

pytestmark = pytest.mark.linux_programs("sh", "desktop-file-validate")

STAND_IN = """\
#!/bin/sh
echo "$@" >>"$HOME/calls"
[ "$1" = --version ] && echo "spendlight {version}"
exit 0
"""

ENTRY = """\
[Desktop Entry]
Type=Application
Name=Spendlight
Exec=spendlight-tray
TryExec=spendlight-tray
Icon=spendlight
Categories=Development;
"""


class Place(NamedTuple):
    """A home folder in which scripts are run."""

    home: Path
    environ: dict[str, str]

    @property
    def target(self) -> Path:
        return self.home / ".local" / "opt" / "spendlight"

    @property
    def share(self) -> Path:
        return self.home / ".local" / "share"

    @property
    def command(self) -> Path:
        return self.home / ".local" / "bin" / "spendlight"

    def run(self, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", script, *words], env=self.environ, capture_output=True, text=True, check=False
        )

    def left(self) -> set[str]:
        return {
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_symlink() or path.is_file()
        } - {"calls"}


@pytest.fixture(params=["home", 'the home of $Ada `100%` \\ "Größe"'])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    home = tmp_path / request.param
    home.mkdir()
    path = f"{home}/.local/bin:{os.environ['PATH']}"
    return Place(home, {"HOME": str(home), "PATH": path})


def archive(folder: Path, version: str, *more: str) -> Path:
    """Unpack an archive of a version, with *more* files below its share."""
    folder.mkdir()
    for name in ("spendlight", "spendlight-tray"):
        (folder / name).write_text(STAND_IN.format(version=version), encoding="utf-8")
        (folder / name).chmod(0o755)
    (folder / "_internal").mkdir()
    (folder / "system-libraries").write_text("libc.so.6\n", encoding="utf-8")
    files = {"applications/spendlight.desktop": ENTRY, "man/man1/spendlight.1.gz": "x"}
    for name, text in (files | dict.fromkeys(more, "x")).items():
        path = folder / "share" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    end_running = (SCRIPTS / "end_running.sh").read_text("utf-8")
    for name in ("install.sh", "uninstall.sh"):
        text = (SCRIPTS / "home" / name).read_text("utf-8")
        (folder / name).write_text(text.replace("@END_RUNNING@", end_running), encoding="utf-8")
    return folder


def installed(place: Place, unpacked: Path) -> str:
    done = place.run(unpacked / "install.sh")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_new_installation_can_be_started_by_its_name_and_from_the_menu(
    place: Place, tmp_path: Path
) -> None:
    said = installed(place, archive(tmp_path / "an archive", "0.1.0"))

    assert "Installed spendlight 0.1.0" in said
    assert place.command.readlink() == place.target / "spendlight"
    entry = place.share / "applications" / "spendlight.desktop"
    subprocess.run(["desktop-file-validate", entry], check=True)
    assert "TryExec" not in entry.read_text("utf-8")
    assert not (place.home / ".config").exists(), "nothing starts at login"


def test_the_menu_entry_starts_the_tray_whatever_the_home_is_called(
    place: Place, tmp_path: Path
) -> None:
    from spendlight.autostart.xdg import arguments_of

    installed(place, archive(tmp_path / "new", "0.1.0"))

    lines = (place.share / "applications" / "spendlight.desktop").read_text("utf-8").splitlines()
    (line,) = (line.removeprefix("Exec=") for line in lines if line.startswith("Exec="))
    assert arguments_of(line) == [str(place.target / "spendlight-tray")]


def test_an_upgrade_replaces_the_previous_version(place: Place, tmp_path: Path) -> None:
    installed(place, archive(tmp_path / "old", "0.1.0", "icons/only-old.png"))
    (place.target / "_internal" / "only-old").touch()
    data = place.share / "spendlight" / "ledger.sqlite3"
    data.parent.mkdir()
    data.write_text("years", encoding="utf-8")

    said = installed(place, archive(tmp_path / "new", "0.2.0", "icons/only-new.png"))

    assert "Upgraded to spendlight 0.2.0" in said
    assert not (place.target / "_internal" / "only-old").exists()
    assert not (place.share / "icons" / "only-old.png").exists()
    assert (place.share / "icons" / "only-new.png").exists()
    assert data.read_text("utf-8") == "years"
    assert sorted(path.name for path in place.target.parent.iterdir()) == ["spendlight"]


def test_uninstalling_keeps_data_and_says_where(place: Place, tmp_path: Path) -> None:
    installed(place, archive(tmp_path / "new", "0.1.0"))
    ledger = place.share / "spendlight" / "ledger.sqlite3"
    autostart = place.home / ".config" / "autostart" / "spendlight.desktop"
    for path, text in ((ledger, ""), (autostart, f'Exec="{place.target}/spendlight-tray"')):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")

    done = place.run(place.target / "uninstall.sh")

    assert done.returncode == 0, done.stderr
    assert place.left() == {".local/share/spendlight/ledger.sqlite3"}
    assert str(ledger.parent) in done.stdout
    calls = (place.home / "calls").read_text("utf-8").splitlines()
    assert "unhook --yes" in calls, "Claude Code must not go on calling it"


def test_a_command_of_another_installation_is_left_unchanged(place: Place, tmp_path: Path) -> None:
    place.command.parent.mkdir(parents=True)
    place.command.write_text("#!/bin/sh\n", encoding="utf-8")

    said = installed(place, archive(tmp_path / "new", "0.1.0"))
    place.run(place.target / "uninstall.sh")

    assert f"{place.command} belongs to another installation" in said
    assert place.command.read_text("utf-8") == "#!/bin/sh\n"


def test_leftovers_of_an_interrupted_upgrade_are_uninstalled(place: Place, tmp_path: Path) -> None:
    installed(place, archive(tmp_path / "new", "0.1.0"))
    for name in (".spendlight-new", ".spendlight-old"):
        shutil.copytree(place.target, place.target.with_name(name))

    done = place.run(place.target / "uninstall.sh")

    assert done.returncode == 0, done.stderr
    assert place.left() == set()


def test_a_dangling_link_is_replaced(place: Place, tmp_path: Path) -> None:
    place.command.parent.mkdir(parents=True)
    place.command.symlink_to("/gone/pipx/venvs/spendlight/bin/spendlight")

    said = installed(place, archive(tmp_path / "new", "0.1.0"))

    assert "another installation" not in said
    assert place.command.readlink() == place.target / "spendlight"


def test_a_failed_write_is_reported(place: Place, tmp_path: Path) -> None:
    place.share.mkdir(parents=True)
    (place.share / "applications").write_text("no folder", encoding="utf-8")

    done = place.run(archive(tmp_path / "new", "0.1.0") / "install.sh")

    assert done.returncode != 0
    assert "not everything could be written" in done.stderr
    assert place.run(place.target / "uninstall.sh").returncode == 0
    assert place.left() == {".local/share/applications"}


def test_without_write_permission_nothing_is_installed(place: Place, tmp_path: Path) -> None:
    place.command.parent.parent.mkdir(parents=True)
    place.command.parent.write_text("no folder", encoding="utf-8")

    done = place.run(archive(tmp_path / "new", "0.1.0") / "install.sh")

    assert done.returncode == 1
    assert "nothing was installed" in done.stderr
    assert not place.target.exists()


def test_a_program_that_does_not_run_here_is_not_installed(place: Place, tmp_path: Path) -> None:
    unpacked = archive(tmp_path / "new", "0.1.0")
    (unpacked / "spendlight").write_text("#!/bin/sh\necho GLIBC_9 is missing; exit 1\n")

    done = place.run(unpacked / "install.sh")

    assert done.returncode == 1
    assert "GLIBC_9 is missing" in done.stderr
    assert not place.target.exists()


def test_a_foreign_folder_is_not_replaced(place: Place, tmp_path: Path) -> None:
    place.target.mkdir(parents=True)
    (place.target / "diary").touch()

    done = place.run(archive(tmp_path / "new", "0.1.0") / "install.sh")

    assert done.returncode == 1
    assert "is not Spendlight" in done.stderr
    assert [path.name for path in place.target.iterdir()] == ["diary"]


def test_an_interrupted_upgrade_can_be_completed(place: Place, tmp_path: Path) -> None:
    installed(place, archive(tmp_path / "old", "0.1.0", "icons/only-old.png"))
    shutil.move(place.target, place.target.with_name(".spendlight-old"))

    installed(place, archive(tmp_path / "new", "0.2.0"))

    assert not (place.share / "icons" / "only-old.png").exists()
    assert sorted(path.name for path in place.target.parent.iterdir()) == ["spendlight"]


@pytest.mark.parametrize("words", [["--prefix"], ["--help"]])
def test_wrong_arguments_install_nothing(place: Place, tmp_path: Path, words: list[str]) -> None:
    done = place.run(archive(tmp_path / "new", "0.1.0") / "install.sh", *words)

    assert "install.sh" in done.stdout + done.stderr
    assert not place.target.exists()
