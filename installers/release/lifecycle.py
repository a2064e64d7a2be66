"""Installs packages, uses them, upgrades them from the release before, and removes them again.

    python installers/release/lifecycle.py dist --previous previous --pictures pictures

Takes each package below the folder that this system can install, or those that are named. It
changes the system it runs on, so it is meant for machines that are thrown away; it refuses where
Spendlight is installed already.
"""

from __future__ import annotations

import argparse
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


def can_install(file: Path, platform: str = sys.platform) -> bool:
    """Tell whether this system installs packages of a file's kind."""
    name = file.name
    if platform == "win32":
        return name.endswith(("-setup.exe", ".zip", ".whl"))
    if platform == "darwin":
        return name.endswith((".dmg", ".whl"))
    if name.endswith(".deb"):
        return shutil.which("apt-get") is not None
    if name.endswith(".rpm"):
        return shutil.which("dnf") is not None
    return name.endswith((".tar.xz", ".AppImage", ".whl"))


def form_of(file: Path) -> str:
    """Return a file's name without its version, which is the same in every release."""
    return _VERSION.sub("*", file.name, count=1)


def counterpart(file: Path, previous: Path | None) -> Path | None:
    """Return the file of the release before that a file takes the place of, if there is one."""
    if previous is None or not previous.is_dir():
        return None
    return next((one for one in sorted(previous.iterdir()) if form_of(one) == form_of(file)), None)


def live_through(file: Path, before: Path | None, picture: Path | None) -> Iterator[str]:
    """Install a package, use it and remove it, and yield each thing that proved right.

    Args:
        file: The package.
        before: The package of the release before, to upgrade from.
        picture: Where a picture of the screen is to be written.

    Raises:
        ReleaseError: Something is not as it should be.
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
    """Put what brings its dependencies along first: the others find them on a bare system then."""
    return not file.name.endswith((".deb", ".rpm")), file.name


def chosen(paths: Sequence[Path]) -> list[Path]:
    """Return the packages to try: those that are named, and of folders what can be installed here.

    Raises:
        ReleaseError: There is none, or one is not there.
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
