"""Tests every package that was built here: installs, uses, upgrades and removes each.

    python installers/check.py [--dist FOLDER] [--logs FOLDER [--prices FILE]] [NAME...]

NAME is a check, such as `deb`; by default all that this system supports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CHECKS: Final = {
    "linux": {
        "deb": "linux/check_deb.py",
        "rpm": "linux/check_rpm.py",
        "archive": "linux/check_archive.py",
        "appimage": "linux/check_appimage.py",
        "nsis": "windows/check_nsis.py",
    },
    "win32": {"nsis": "windows/check_nsis.py"},
}
"""The tests of packages on each system."""

_OF_LINUX: Final = "linux/"
"""These checks have options for the packages and for logs to report on."""


def main() -> None:
    """Run all checks, even after a failure; the exit code says whether one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = CHECKS.get(sys.platform, {})
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where the packages are")
    parser.add_argument("--logs", type=Path, help="a data folder of Claude Code to report on, too")
    parser.add_argument("--prices", type=Path, help="the price list for those logs")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - known.keys()
    if unknown:
        parser.error(f"no check is called {', '.join(sorted(unknown))}")
    failed = []
    for name in arguments.names or known:
        script = ROOT / "installers" / known[name]
        if not script.is_file():
            continue
        options = []
        if known[name].startswith(_OF_LINUX):
            options = ["--dist", str(arguments.dist)]
            options += ["--logs", str(arguments.logs)] if arguments.logs else []
            options += ["--prices", str(arguments.prices)] if arguments.prices else []
        if subprocess.run([sys.executable, script, *options], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"Not as it should be: {', '.join(failed)}")
    print("All packages are as they should be. Screenshots are in build/package-check.")


if __name__ == "__main__":
    main()
