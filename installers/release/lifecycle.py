"""Installs packages, uses them, upgrades them from the previous release and removes them.

    python installers/release/lifecycle.py dist --previous previous --pictures pictures

Tests each package below the folder that this system can install, or the packages named. It changes
the system, so use it on disposable machines only; it refuses to run where Spendlight is already
installed.
"""

from __future__ import annotations

import argparse
import platform as running
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installed import package_for
from project import ReleaseError, run_script, version
from smoke import Home, check_report, check_settings, check_version, fill, use

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


def can_install(file: Path, platform: str = sys.platform, machine: str = running.machine()) -> bool:
    """Return whether this system can install packages of this kind."""
    name = file.name
    if name.endswith(".whl"):
        system = {"darwin": "macosx", "win32": "win"}.get(platform, "manylinux")
        ours = re.compile(f"-{system}[0-9_]*_{re.escape(machine.lower())}[.]whl$")
        return name.endswith("-any.whl") or ours.search(name) is not None
    if platform == "win32":
        return name.endswith(("-setup.exe", ".zip"))
    if platform == "darwin":
        return name.endswith(".dmg")
    if name.endswith(".deb"):
        return shutil.which("apt-get") is not None
    if name.endswith(".rpm"):
        return shutil.which("dnf") is not None
    return name.endswith((".tar.xz", ".AppImage"))


def form_of(file: Path) -> str:
    """Return a file's name without the version: the part that is the same in every release."""
    return _VERSION.sub("*", file.name, count=1)


def counterpart(file: Path, previous: Path | None) -> Path | None:
    """Return the file of the previous release that a file replaces, if there is one."""
    if previous is None or not previous.is_dir():
        return None
    return next((one for one in sorted(previous.iterdir()) if form_of(one) == form_of(file)), None)


def live_through(file: Path, before: Path | None, picture: Path | None) -> Iterator[str]:
    """Install, use and remove a package; yield a sentence for each check that passed.

    Args:
        file: The package.
        before: The package of the previous release, to upgrade from.
        picture: Where to save a screenshot.

    Raises:
        ReleaseError: If a check fails.
    """
    with tempfile.TemporaryDirectory(prefix="spendlight-") as folder:
        package = package_for(file, Path(folder, "place"))
        there = package.leftovers()
        if there:
            message = f"Spendlight is installed here already: {', '.join(map(str, there))}"
            raise ReleaseError(message)
        home = Home(Path(folder, "home"))
        home.folder.mkdir()
        fill(home)
        if before is not None:
            old = package.install(before)
            yield f"installed {before.name}"
            yield check_version(old, home, _version_of(before))
            yield check_report(old, home)
        programs = package.install(file)
        yield f"installed {file.name}" + (" over it" if before is not None else "")
        if before is not None:
            yield check_settings(home)
        yield from use(programs, home, version(), picture)
        package.remove()
        left = package.leftovers()
        if left:
            message = f"removing {file.name} has left {', '.join(map(str, left))}"
            raise ReleaseError(message)
        ledgers = list(home.kept.glob("*.sqlite3"))
        if not ledgers:
            message = f"removing {file.name} has taken the user's ledger along"
            raise ReleaseError(message)
        yield "removed: nothing of the program is left, and the ledger is"


def _version_of(file: Path) -> str:
    found = _VERSION.search(file.name)
    if found is None:
        message = f"{file.name} names no version"
        raise ReleaseError(message)
    return found[0]


def _turn(file: Path) -> tuple[bool, str]:
    """Sort packages that bring their dependencies first: on a bare system the others need them."""
    return not file.name.endswith((".deb", ".rpm")), file.name


def chosen(paths: Sequence[Path]) -> list[Path]:
    """Return the packages to test: the files named, and those in folders that this system installs.

    Raises:
        ReleaseError: If there are none, or one does not exist.
    """
    files = []
    for path in paths:
        if path.is_dir():
            files += sorted((one for one in path.iterdir() if can_install(one)), key=_turn)
        elif path.is_file():
            files.append(path)
        else:
            message = f"{path} is not there"
            raise ReleaseError(message)
    if not files:
        message = f"no package for this system in {', '.join(map(str, paths))}"
        raise ReleaseError(message)
    return files


def main() -> None:
    """Try what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="+", metavar="PACKAGE|FOLDER")
    parser.add_argument("--previous", type=Path, help="the folder of the release before")
    parser.add_argument("--pictures", type=Path, help="the folder for pictures of the screen")
    arguments = parser.parse_args()
    for file in chosen(arguments.paths):
        before = counterpart(file, arguments.previous)
        print(f"{file.name}, " + (f"after {before.name}" if before else "no release before it"))
        picture = arguments.pictures / f"{file.name}.png" if arguments.pictures else None
        for sentence in live_through(file, before, picture):
            print(f"  ok: {sentence}", flush=True)


if __name__ == "__main__":
    run_script(main)
