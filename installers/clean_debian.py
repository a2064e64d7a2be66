"""Makes a minimal Debian in a folder.

    python installers/clean_debian.py FOLDER

It needs root, and debootstrap, which is installed if missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

SUITE: Final = "bookworm"
"""What runs there runs on all newer versions."""

_PACKAGES: Final = Path(__file__).resolve().parents[1] / "maintenance" / "debian_packages.sh"


def make(folder: Path) -> None:
    """Make it, replacing the contents of the folder.

    Raises:
        SystemExit: If it cannot be made, with the reason.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        sys.exit("A clean Debian is made by root on Linux alone: use sudo")
    if shutil.which("debootstrap") is None:
        subprocess.run([_PACKAGES, "debootstrap"], check=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"Making a clean Debian ({SUITE}) in {folder}, once", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as place:  # debootstrap splits paths at spaces
        plain = Path(place, "root")
        plain.symlink_to(folder)
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", SUITE, plain],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}\ndebootstrap failed with exit code {done.returncode}.")


def main() -> None:
    """Make the one that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder.absolute())


if __name__ == "__main__":
    main()
