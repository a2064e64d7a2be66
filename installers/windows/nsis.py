"""Compiles the installer for Windows.

    python installers/windows/nsis.py [--frozen dist/spendlight] [--dist dist] [--fast]
                                      [--sign COMMAND]

If the frozen program is not for Windows (it contains no spendlight.exe), the installer contains a
stub instead, so that everything else can be tested: dist/stub/…-setup-stub.exe, which must never be
shipped. COMMAND signs the file whose path is appended to it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from spendlight import __version__
from spendlight.autostart.shell_link import APP_MODEL, APP_MODEL_ID, property_block
from spendlight.autostart.start_menu import APP_ID
from spendlight.build import REPOSITORY, STAMP, Channel

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
WORK: Final = ROOT / "build" / "nsis"
ICONS: Final = ROOT / "resources" / "icons" / "app"

PROGRAMS: Final = ("spendlight.exe", "spendlight-tray.exe")
LIST: Final = Path("_internal", "installed-files.txt")

DEBIAN_PACKAGES: Final = ("nsis", "gcc-mingw-w64-x86-64-win32")
COMPILER: Final = "x86_64-w64-mingw32-gcc"

MOST_LETTERS: Final = 150
"""The longest path allowed in the bundle: Windows limits full paths to 259 characters, and a
user's folder with a long name must come before it."""

SIDE_SIZE: Final = (164, 314)
"""The size of the picture beside the last page in pixels, as NSIS requires."""

GROUND: Final = "#1d2733"
"""The background colour of that picture."""

_NUMBERS: Final = re.compile(r"\d+(\.\d+){0,2}")

_UNUSABLE: Final = frozenset('$"`\n')
"""Characters with a special meaning in NSIS."""


def is_for_windows(program: Path) -> bool:
    """Return whether a frozen program is for Windows."""
    return (program / PROGRAMS[0]).is_file()


def build_installer(
    program: Path,
    target: Path,
    *,
    version: str = __version__,
    is_fast: bool = False,
    sign: str = "",
) -> None:
    """Compile an installer.

    Args:
        program: The folder of the frozen program or of a stub, which is not changed.
        target: The file to create.
        version: The version that the installer shows.
        is_fast: Whether to use weaker but faster compression.
        sign: The command that signs the file whose path is appended to it; without it, nothing is
            signed.

    Raises:
        ValueError: If a path in the program cannot be installed.
        subprocess.CalledProcessError: If the compiler fails; it has printed the reason.
    """
    work = WORK / target.stem
    shutil.rmtree(work, ignore_errors=True)
    payload = work / "payload"
    shutil.copytree(program, payload)
    stamp(payload, Channel.NSIS)
    files = sorted(path.relative_to(payload) for path in payload.rglob("*") if path.is_file())
    _refuse_unusable(files)
    (payload / LIST).write_text(_list_of(files), encoding="utf-16-le", newline="")
    files.append(LIST)
    (work / "payload.nsh").write_text(_unpacking(files, _top(files)), encoding="utf-8")
    (work / "identity.bin").write_bytes(identity_block())
    _paint_side(work / "side.bmp")
    target.parent.mkdir(parents=True, exist_ok=True)
    size_bytes = sum((payload / path).stat().st_size for path in files)
    defined = {
        "APP_ID": APP_ID,
        "VERSION": version,
        "NUMERIC_VERSION": numeric_version(version),
        "OUTPUT": target.resolve(),
        "ICON": ICONS / "spendlight.ico",
        "SIZE_KB": size_bytes // 1024 + 1,
        "LONGEST": max(len(str(path)) for path in files),
        "REPOSITORY": REPOSITORY,
        "COMPRESSION": "zlib" if is_fast else "/SOLID lzma",
        "PAYLOAD": work / "payload.nsh",
        "IDENTITY": work / "identity.bin",
        "SIDE": work / "side.bmp",
        **({"SIGN": sign} if sign else {}),
    }
    words = [f"-D{name}={value}" for name, value in defined.items()]
    subprocess.run(
        [
            _makensis(),
            "-NOCD",
            "-WX",
            "-V2",
            "-INPUTCHARSET",
            "UTF8",
            *words,
            HERE / "spendlight.nsi",
        ],
        cwd=payload,
        check=True,
    )


def identity_block() -> bytes:
    """Return the block with our AppUserModelID; it replaces the last four bytes of a shortcut."""
    return property_block({(APP_MODEL, APP_MODEL_ID): APP_ID}) + bytes(4)


def numeric_version(version: str) -> str:
    """Return a version as four numbers, as Windows requires; a pre-release's suffix is dropped."""
    found = _NUMBERS.match(version)
    numbers = found[0].split(".") if found else []
    return ".".join([*numbers, *["0"] * (4 - len(numbers))])


def make_stub(folder: Path, version: str = __version__, *, files: dict[str, str]) -> None:
    """Create a folder that looks like the frozen program on Windows.

    Args:
        folder: The folder to create; an existing one is replaced.
        version: The version that the stub reports.
        files: The content of further files, by path.
    """
    if shutil.which(COMPILER) is None:
        _install_debian_packages()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in PROGRAMS:
        kind = ["-mwindows", "-DTRAY"] if name == PROGRAMS[1] else []
        subprocess.run(
            [COMPILER, "-Os", "-s", "-municode", *kind, f'-DVERSION=L"{version}"', "-Wall",
             "-o", folder / name, HERE / "stub.c"],
            check=True,
        )  # fmt: skip
    stamped = {f"_internal/spendlight/resources/{STAMP}": '{"channel": "archive", "commit": ""}\n'}
    for place, text in (files | stamped).items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def stamp(program: Path, channel: Channel) -> None:
    """Write into a copy of the frozen program by which channel it reaches the user.

    Raises:
        subprocess.CalledProcessError: If it has no place for the stamp.
    """
    script = ROOT / "packaging" / "stamp.py"
    subprocess.run([sys.executable, script, program, "--channel", channel.value], check=True)


def _top(files: list[Path]) -> list[str]:
    return sorted({path.parts[0] for path in files} | {"uninstall.exe"})


def _list_of(files: list[Path]) -> str:
    """Return the list of installed files: first the marked top-level names, then every file."""
    listed = sorted({*files, LIST, Path("uninstall.exe")})
    lines = [f"={name}" for name in _top(files)] + [_windows(path) for path in listed]
    return "".join(f"{line}\r\n" for line in lines)


def _unpacking(files: list[Path], top: list[str]) -> str:
    """Return the NSIS code that unpacks the files and names the top-level entries one by one."""
    lines, folder = ["!macro UNPACK"], None
    for path in sorted(files, key=lambda path: (path.parent, path.name)):
        if path.parent != folder:
            folder = path.parent
            below = "" if folder == Path() else f"\\{_windows(folder)}"
            lines.append(f'SetOutPath "$INSTDIR\\.new{below}"')
        lines.append(f'File "{path}"')
    lines += ["!macroend", "!macro EACH_TOP CALL"]
    lines += [f'!insertmacro ${{CALL}} "{name}"' for name in top]
    return "\n".join([*lines, "!macroend", ""])


def _paint_side(target: Path) -> None:
    """Paint the picture beside the last page: the icon on a plain background."""
    from PIL import Image

    icon = Image.open(ICONS / "spendlight-128.png").convert("RGBA")
    side = Image.new("RGB", SIDE_SIZE, GROUND)
    side.paste(icon, ((SIDE_SIZE[0] - icon.width) // 2, 32), icon)
    side.save(target)


def _windows(path: Path) -> str:
    return "\\".join(path.parts)


def _refuse_unusable(files: list[Path]) -> None:
    for path in files:
        if len(str(path)) > MOST_LETTERS or not _UNUSABLE.isdisjoint(str(path)):
            reason = f"Windows' installer cannot hold a file of this name: {path}"
            raise ValueError(reason)


def _makensis() -> str:
    found = shutil.which("makensis")
    if found is None and sys.platform == "win32":
        place = Path(os.environ.get("ProgramFiles(x86)", r"C:\Program Files (x86)"))  # noqa: SIM112  # its real name
        found = shutil.which("makensis", path=place / "NSIS")
    if found is None and sys.platform == "linux":
        _install_debian_packages()
        found = shutil.which("makensis")
    if found is None:
        sys.exit("makensis is missing: install NSIS 3.08 or newer, https://nsis.sourceforge.io")
    return found


def _install_debian_packages() -> None:
    subprocess.run([ROOT / "maintenance" / "debian_packages.sh", *DEBIAN_PACKAGES], check=True)


STUB_FILES: Final = {
    "_internal/base_library.zip": "of this version",
    "_internal/tzdata/zoneinfo/America/Argentina/ComodRivadavia": "deep",
    "_internal/with space/ümläut.txt": "names",
}


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options common to all builders for Windows."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--frozen", type=Path, default=ROOT / "dist" / "spendlight")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    parser.add_argument("--fast", action="store_true", help="compress little, or not at all")
    return parser


def main() -> None:
    """Compile the installer as the command line says, and print its path."""
    parser = parser_of(__doc__)
    parser.add_argument("--sign", default="", metavar="COMMAND")
    arguments = parser.parse_args()
    program, target = arguments.frozen, arguments.dist / f"Spendlight-{__version__}-setup.exe"
    if not is_for_windows(program):
        if sys.platform == "win32":
            sys.exit(f"{program} holds no frozen program: run packaging/freeze.py first")
        program = WORK / "stub"
        target = arguments.dist / "stub" / f"Spendlight-{__version__}-setup-stub.exe"
        make_stub(program, files=STUB_FILES)
    build_installer(program, target, is_fast=arguments.fast, sign=arguments.sign)
    print(target)


if __name__ == "__main__":
    main()
