"""Tests the portable archive: installed into a home, used, upgraded, and removed.

python installers/linux/check_archive.py [--dist FOLDER] [--logs FOLDER [--prices FILE]]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import building
import checking
from checking import CHECKS, Protocol, check, made
from clean_root import HOME, USER_ID, CleanRoot, demand_root, furnished_root
from linked import debian_packages
from older import OLDER, make_older
from using import Installed, Steps, look_at_an_upgrade, look_at_what_stays

if TYPE_CHECKING:
    from pathlib import Path

KIND: Final = "archive"
DATA: Final = (
    ".claude",
    ".cache",  # also that of fontconfig
    ".config/spendlight",
    ".local/share/spendlight",
    ".local/state/spendlight",
)
"""What may stay in a home, by prefixes of relative paths."""

BIN: Final = f"{HOME}/.local/bin"
TARGET: Final = f"{HOME}/.local/opt/spendlight"


def look(protocol: Protocol, arguments: argparse.Namespace) -> None:
    """Check the archive."""
    archive = made(arguments.dist, "spendlight-*-linux-*.tar.xz")
    size_mb = archive.stat().st_size / 1e6
    protocol.note("it has at most 55 MB", holds=size_mb <= 55, instead=f"{size_mb:.1f} MB")
    unpacked = _unpacked(archive)
    sonames = (unpacked / "system-libraries").read_text("utf-8").split()
    root = furnished_root(KIND, sorted(debian_packages(sonames)))
    before = _in_home(root)
    said = _install(root, unpacked, is_older=True)
    installed = Installed(root, [f"{BIN}/spendlight"], [f"{BIN}/spendlight-tray"])
    protocol.note(
        f"{OLDER} installs into a home folder, and misses no library",
        holds=installed.version() == f"spendlight {OLDER}" and "lacks" not in said,
        instead=said,
    )
    steps = Steps(
        upgrade=lambda: _install(root, unpacked, is_older=False),
        remove=lambda: root.run("sh", f"{TARGET}/uninstall.sh"),
        removing="uninstalling",
    )
    said = look_at_an_upgrade(protocol, installed, steps, arguments)
    left = sorted(path for path in _in_home(root) - before if not path.startswith(DATA))
    protocol.note("uninstalling leaves nothing but data", holds=not left, instead="\n".join(left))
    look_at_what_stays(protocol, root, said)
    root.remove()


def _unpacked(archive: Path) -> Path:
    place = building.empty(CHECKS / "unpacked")
    building.run(["tar", "--extract", "--no-same-owner", "--file", archive, "--directory", place])
    (folder,) = place.iterdir()
    return folder


def _install(root: CleanRoot, unpacked: Path, *, is_older: bool) -> str:
    """Run the archive's script inside, and return its output."""
    inside = root.path / "tmp" / "an archive"
    subprocess.run(["cp", "--archive", unpacked, inside], check=True)
    if is_older:
        make_older(inside)
    subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", inside], check=True)
    said = root.run("sh", "/tmp/an archive/install.sh")  # noqa: S108  # that of the clean system
    subprocess.run(["rm", "-rf", inside], check=True)
    return said


def _in_home(root: CleanRoot) -> set[str]:
    """Return the files in the user's home."""
    return {
        str(path.relative_to(root.home))
        for path in root.home.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def main() -> None:
    """Check, and say what was seen."""
    parser = checking.parser_of(__doc__)
    arguments = parser.parse_args()
    demand_root()
    sys.exit(check(KIND, lambda protocol: look(protocol, arguments)))


if __name__ == "__main__":
    main()
