"""Builds the files for PyPI, an sdist and wheels, and checks them.

    python packaging/wheel.py [FOLDER] [--all]

FOLDER is dist by default. By default there is one wheel, for this machine. With --all there is one
for each of `build_reader.PLATFORMS`, whose native reader Zig compiles, and one without it for all
others. Wheels are built from the sdist, so missing files there are noticed. Run it with the Python
of the environment that holds requirements/build.txt (`make wheel`), and requirements/compiler.txt
for --all (`make wheels`).
"""

from __future__ import annotations

import argparse
import email
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from build_reader import PLATFORMS, SOURCES, glibc_of, library_of
from hatch_build import ANY, PLACES, PLATFORM

from spendlight import __version__

ROOT: Final = Path(__file__).resolve().parents[1]

SDIST_FOLDERS: Final = frozenset({"packaging", "resources", "src"})
SDIST_FILES: Final = frozenset(
    {"ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    | {".gitignore"}
)

FACES: Final = "[console_scripts]\nspendlight = spendlight.__main__:start"
LICENCES: Final = frozenset(
    {"LICENSE", f"{SOURCES.relative_to(ROOT).as_posix()}/vendor/LICENSE.xxhash"}
)

WINDOWLESS: Final = "[gui_scripts]\nspendlight-tray = spendlight.__main__:start"


def build(folder: Path, platforms: Sequence[str] = ("",)) -> list[Path]:
    """Build them, check them, and return their paths.

    Args:
        folder: The output folder; existing files are replaced.
        platforms: The platforms of the wheels: tags of PLATFORMS, `ANY`, or "" for this machine.

    Raises:
        subprocess.CalledProcessError: If something cannot be built or is not valid for PyPI; the
            reason is on stderr.
        ContentError: If one of them contains an unexpected file, or lacks one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        _run_build("--sdist", name, ROOT, "")
        (sdist,) = Path(name).iterdir()
        with tempfile.TemporaryDirectory() as place:
            shutil.unpack_archive(sdist, place)
            (source,) = Path(place).iterdir()
            for platform in platforms:
                _run_build("--wheel", name, source, platform)
        made = sorted(Path(name).iterdir())
        checked = subprocess.run(
            [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *made],
            capture_output=True,
            text=True,
            check=False,
        )
        if checked.returncode:
            sys.stderr.write(checked.stdout + checked.stderr)
            checked.check_returncode()
        for path in made:
            (_demand_wheel if path.suffix == ".whl" else _demand_sdist)(path)
        return [Path(shutil.move(path, folder / path.name)) for path in made]


def _run_build(what: str, folder: str, source: Path, platform: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", what, "--outdir", folder]
    environ = _environ() | ({PLATFORM: platform} if platform else {})
    subprocess.run([*command, source], env=environ, stdout=subprocess.DEVNULL, check=True)


class ContentError(Exception):
    """An archive contains an unexpected file, or lacks one."""

    def __init__(self, archive: Path, complaint: str) -> None:
        super().__init__(f"{archive.name}: {complaint}")


def _environ() -> dict[str, str]:
    """Return the environment that gives files the time of the commit."""
    environ = dict(os.environ)
    if "SOURCE_DATE_EPOCH" not in environ:
        told = subprocess.run(
            ["git", "log", "-1", "--format=%ct"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if told.stdout.strip().isdecimal():
            environ["SOURCE_DATE_EPOCH"] = told.stdout.strip()
    return environ


def _demand_wheel(path: Path) -> None:
    """Make sure that a wheel contains the program, its resources, and nothing else.

    Raises:
        ContentError: If it does not.
    """
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        records = f"spendlight-{__version__}.dist-info"
        scripts = archive.read(f"{records}/entry_points.txt").decode()
        metadata = email.message_from_bytes(archive.read(f"{records}/METADATA"))
    wanted = {f"spendlight/{place}" for place in _files(ROOT / "src" / "spendlight")}
    wanted |= {f"spendlight/resources/{place}" for place in _files(ROOT / "resources")}
    shared = f"spendlight-{__version__}.data/data"
    wanted |= {f"{shared}/{place}" for place in PLACES.values()}
    platform = path.stem.rpartition("-")[2]
    if platform != ANY:
        library = library_of(platform).relative_to(ROOT / "src").as_posix()
        wanted.add(library)
        _demand_library(path, library, platform)
    missing = {f"{records}/licenses/{name}" for name in LICENCES} - names
    if missing:
        raise ContentError(path, f"it lacks {sorted(missing)}")
    inside = {name for name in names if not name.startswith(f"{records}/")}
    _demand_same(path, inside, wanted)
    if FACES not in scripts or WINDOWLESS not in scripts:
        raise ContentError(path, f"its programs are others:\n{scripts}")
    text = str(metadata.get_payload())
    relative = [part[:60] for part in text.split("](")[1:] if not part.startswith(("http", "#"))]
    if relative:
        raise ContentError(path, f"its description leads to files that PyPI has not: {relative}")


_KINDS: Final = {
    ("manylinux", "x86_64"): (b"\x7fELF\x02\x01", 18, b"\x3e\x00"),
    ("manylinux", "aarch64"): (b"\x7fELF\x02\x01", 18, b"\xb7\x00"),
    ("macosx", "arm64"): (b"\xcf\xfa\xed\xfe", 4, b"\x0c\x00\x00\x01"),
    ("macosx", "x86_64"): (b"\xcf\xfa\xed\xfe", 4, b"\x07\x00\x00\x01"),
}
"""How libraries begin, and where they say for which processor they are: e_machine, cputype."""


def _demand_library(path: Path, name: str, platform: str) -> None:
    """Make sure that the native reader in a wheel is one for the wheel's platform.

    Raises:
        ContentError: It is not there, or for another.
    """
    with zipfile.ZipFile(path) as archive:
        library = archive.read(name) if name in archive.namelist() else b""
    if platform == "win_amd64":
        header = int.from_bytes(library[60:64], "little")  # of PE: e_lfanew
        is_right = library[:2] == b"MZ" and library[header : header + 6] == b"PE\0\0\x64\x86"
    else:
        system, *numbers, machine = platform.split("_", 3)
        magic, at, processor = _KINDS[system, machine]
        is_right = library.startswith(magic) and library.startswith(processor, at)
        if system == "manylinux":
            oldest = glibc_of(library)
            is_right = is_right and oldest is not None and oldest <= tuple(map(int, numbers))
    if not is_right:
        raise ContentError(path, f"its {name} is none for {platform}")


def _demand_sdist(path: Path) -> None:
    """Make sure that an sdist contains everything to build the wheel, and no test data.

    Raises:
        ContentError: If it does not.
    """
    with tarfile.open(path) as archive:
        names = {PurePosixPath(member.name) for member in archive if member.isfile()}
    inside = {name.relative_to(f"spendlight-{__version__}").as_posix() for name in names}
    wanted = {f"{top}/{place}" for top in SDIST_FOLDERS for place in _files(ROOT / top)}
    _demand_same(path, inside, wanted | SDIST_FILES)


def _demand_same(path: Path, inside: set[str], wanted: set[str]) -> None:
    if inside - wanted:
        raise ContentError(path, f"it holds what it should not: {sorted(inside - wanted)}")
    if wanted - inside:
        raise ContentError(path, f"it lacks {sorted(wanted - inside)}")


def _files(folder: Path) -> set[str]:
    """Return the relative paths of the files in a folder, without generated ones."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.stem != "native_reader"
    }


def main() -> None:
    """Build the files, and print what was made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    parser.add_argument("--all", action="store_true", help="wheels for all platforms")
    arguments = parser.parse_args()
    try:
        made = build(arguments.folder.resolve(), [*PLATFORMS, ANY] if arguments.all else [""])
    except (ContentError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
    for path in made:
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
