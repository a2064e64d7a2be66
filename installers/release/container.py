"""Runs `lifecycle.py` in a container of another distribution.

    python installers/release/container.py ubuntu:22.04 dist --previous previous --pictures pictures

Requires Docker. The check's own requirements (Python, a display, a session bus) are installed in
the container first; those of the package must come from its own list of dependencies.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from project import ROOT, ReleaseError, run_script

_DEBIAN: Final = "python3 xvfb xauth dbus imagemagick ca-certificates xz-utils"
_FEDORA: Final = "python3 xorg-x11-server-Xvfb xauth dbus-daemon ImageMagick which tar xz"

_PREPARE: Final = f"""set -eu
if command -v apt-get >/dev/null; then
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends --yes {_DEBIAN}
else
    dnf --quiet --assumeyes install {_FEDORA}
fi >/tmp/prepared 2>&1 || {{ cat /tmp/prepared; exit 1; }}
exec xvfb-run -a -s '-screen 0 1280x800x24' dbus-run-session -- \\
    python3 installers/release/lifecycle.py "$@"
"""


def command_for(image: str, arguments: list[str]) -> list[str]:
    """Return the command that tests packages in a container and then removes the container.

    Args:
        image: An image of a distribution based on Debian or Fedora.
        arguments: The arguments of `lifecycle.py`, with paths below the checkout.
    """
    return [
        "docker", "run", "--rm", "--volume", f"{ROOT}:/checkout", "--workdir", "/checkout",
        "--env", "APPIMAGE_EXTRACT_AND_RUN=1",  # a container has no FUSE
        image, "sh", "-c", _PREPARE, "container", *arguments,
    ]  # fmt: skip


def inside(path: Path) -> str:
    """Return the path of a file inside the container.

    Raises:
        ReleaseError: If it is outside the checkout, which is all that the container sees.
    """
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError as error:
        message = f"{path} lies outside {ROOT}, which is all that the container sees"
        raise ReleaseError(message) from error


def main() -> None:
    """Try what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("image")
    parser.add_argument("paths", type=Path, nargs="+", metavar="PACKAGE|FOLDER")
    parser.add_argument("--previous", type=Path)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    words = [inside(path) for path in arguments.paths]
    for option in ("previous", "pictures"):
        path = getattr(arguments, option)
        if path is not None:
            words += [f"--{option}", inside(path)]
    try:
        sys.exit(subprocess.run(command_for(arguments.image, words), check=False).returncode)
    except OSError as error:
        message = f"docker cannot be started: {error}"
        raise ReleaseError(message) from error


if __name__ == "__main__":
    run_script(main)
