"""Builds the frozen program: a folder that needs no Python.

    python packaging/freeze.py [FOLDER]

FOLDER is dist/spendlight, unless another is named; what was there is replaced. Run it with the
Python of the environment that holds requirements/build.txt (`make frozen`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import build_reader
from stamp import commit_here, write_stamp

from spendlight import __version__
from spendlight.build import Channel

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "frozen"
BUNDLE = "Spendlight.app"


def freeze(target: Path) -> None:
    """Build the frozen program; on macOS also its bundle, beside it.

    Args:
        target: The folder to create.

    Raises:
        subprocess.CalledProcessError: If PyInstaller fails, which has printed why.
        build_reader.NoCompilerError: If there is no compiler for the native reader.
        build_reader.CompilerError: If the compiler fails.
    """
    shutil.rmtree(WORK, ignore_errors=True)
    build_reader.build(WORK / "native" / build_reader.library_of(sys.platform).name)
    write_stamp(WORK / "resources", Channel.ARCHIVE, commit_here())
    _write_version_resource(WORK / "version.txt")
    if not sys.platform.startswith("linux"):
        subprocess.run(
            [sys.executable, ROOT / "packaging" / "documents.py", WORK / "documents"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR",
            "--workpath", WORK / "work", "--distpath", WORK / "dist",
            ROOT / "packaging" / "spendlight.spec",
        ],
        env={**os.environ, "SPENDLIGHT_BUILD": str(WORK)},
        check=True,
    )  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(WORK / "dist" / "spendlight", target)
    if sys.platform == "darwin":
        _replace(WORK / "dist" / BUNDLE, target.with_name(BUNDLE))


def _replace(made: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(made, target)


def size_bytes(folder: Path) -> int:
    """Return the total size of a folder's files in bytes, without following links."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def _write_version_resource(path: Path) -> None:
    """Write the version information that Windows shows in a program's properties."""
    numbers = ", ".join([*__version__.split(".")[:3], "0"])
    words = {
        "CompanyName": "Spendlight",
        "FileDescription": "Spendlight",
        "FileVersion": __version__,
        "LegalCopyright": "MIT License",
        "ProductName": "Spendlight",
        "ProductVersion": __version__,
    }
    strings = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in words.items())
    path.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers=({numbers}), prodvers=({numbers})), "
        f"kids=[StringFileInfo([StringTable('040904B0', [{strings}])]), "
        "VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n",
        encoding="utf-8",
    )


def main() -> None:
    """Build what the command line names, and say what was made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist" / "spendlight")
    target = parser.parse_args().folder
    began = time.monotonic()
    try:
        freeze(target)
    except (build_reader.NoCompilerError, build_reader.CompilerError) as error:
        sys.exit(f"The native reader cannot be compiled: {error}")
    took_s = time.monotonic() - began
    print(f"{target}  {size_bytes(target) / 1e6:.0f} MB, built in {took_s:.0f} s")


if __name__ == "__main__":
    main()
