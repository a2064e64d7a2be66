"""Builds every package that this system can build, and says what it made.

    python installers/package.py [--dist FOLDER] [--fast]

The frozen program must be there: `make package` builds it first.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
BUILDERS: Final = {
    "linux": (
        "linux/archive.py",
        "linux/deb.py",
        "linux/rpm.py",
        "linux/appimage.py",
        "windows/nsis.py",
    ),
    "win32": ("windows/zip.py", "windows/nsis.py", "windows/msix.py"),
    "darwin": ("macos/app.py", "macos/dmg.py"),
}
"""What builds packages on each system. On Linux the installer for Windows is built around a
stand-in for the program, to try the installer itself."""


class Made(NamedTuple):
    """What a builder has made."""

    path: Path
    size_bytes: int


def made(printed: str) -> list[Made]:
    """Return the files that a builder says it has made: each line that is no remark names one."""
    paths = [Path(line) for line in printed.splitlines() if line and not line.startswith("#")]
    return [Made(path, path.stat().st_size) for path in paths if path.is_file()]


def table(files: list[Made]) -> str:
    """Return what was made, with sizes, for people."""
    width = max((len(str(_shown(each.path))) for each in files), default=0)
    return "\n".join(
        f"{_shown(each.path)!s:<{width}}  {each.size_bytes / 1e6:6.1f} MB" for each in files
    )


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def main() -> None:
    """Build all, and go on where one fails; the exit code says whether one did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where packages are put")
    parser.add_argument("--fast", action="store_true", help="pack loosely, for trials")
    arguments = parser.parse_args()
    options = ["--dist", str(arguments.dist), *(["--fast"] if arguments.fast else [])]
    files, failed = list[Made](), list[str]()
    for name in BUILDERS.get(sys.platform, ()):
        builder = ROOT / "installers" / name
        if not builder.is_file():
            continue
        print(f"Building with {builder.relative_to(ROOT)}", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, builder, *options], stdout=subprocess.PIPE, text=True, check=False
        )
        remarks = [line for line in done.stdout.splitlines() if line.startswith("#")]
        if remarks:
            print(*remarks, sep="\n", file=sys.stderr)
        files += made(done.stdout)
        if done.returncode:
            failed.append(name)
    print(table(files))
    if failed:
        sys.exit(f"Not built: {', '.join(failed)}")


if __name__ == "__main__":
    main()
