"""Tests the AppImage: its image is mounted and used, read-only, in a clean root.

    python installers/linux/check_appimage.py [--dist FOLDER] [--logs FOLDER [--prices FILE]]

If there is an AppImage and not only its image, it is also started as a file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import checking
from building import WORK
from checking import Protocol, check, made
from clean_root import CleanRoot, demand_root, furnished_root
from linked import debian_packages, needs_of
from using import (
    Installed,
    give_logs,
    look_at_logs,
    look_at_reports,
    look_at_the_window,
    shown_tray,
)

from spendlight import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KIND: Final = "appimage"
APP: Final = "/mnt/app"


def look(protocol: Protocol, arguments: argparse.Namespace) -> None:
    """Check the image, and the AppImage if there is one."""
    picture = made(WORK / "appimage", "*.squashfs")
    root = furnished_root(KIND, sorted(debian_packages(needs_of(arguments.frozen).sonames)))
    tokens = give_logs(root)
    app = root.path / APP.lstrip("/")
    app.mkdir()
    with _mounted(picture, app):
        checking.look_at_entries(protocol, app / "usr" / "share")
        entry, icon = app / "spendlight.desktop", app / ".DirIcon"
        protocol.note(
            "what an AppImage must have is where it must be",
            holds=entry.is_file() and icon.is_file() and os.access(app / "AppRun", os.X_OK),
        )
        run = ["env", f"APPDIR={APP}", "APPIMAGE=/tmp/Spendlight.AppImage", f"{APP}/AppRun"]
        installed = Installed(root, run, run)
        protocol.note(
            "its picture is mounted, read-only, and runs",
            holds=installed.version() == f"spendlight {__version__}",
            instead=installed.version(),
        )
        with shown_tray(protocol, installed) as tray:
            look_at_reports(protocol, installed, tokens)
            look_at_the_window(protocol, installed, tray)
            if arguments.logs is not None:
                look_at_logs(protocol, installed, arguments.logs, arguments.prices)
    _look_at_image(protocol, arguments.dist, root)
    root.remove()


def _look_at_image(protocol: Protocol, dist: Path, root: CleanRoot) -> None:
    """Check whether the AppImage starts as a file, if there is one."""
    images = list(dist.glob("Spendlight-*.AppImage"))
    if not images:
        print(f"--    {KIND:<9}no runtime, so no AppImage to start; the CI job does it", flush=True)
        return
    inside = root.path / "tmp" / "Spendlight.AppImage"
    shutil.copy(images[0], inside)
    said = root.run(
        "/tmp/Spendlight.AppImage",  # noqa: S108  # that of the clean system
        "--version",
        environ={"APPIMAGE_EXTRACT_AND_RUN": "1"},
        check=False,
    )
    protocol.note("it starts as a file", holds=f"spendlight {__version__}" in said, instead=said)


@contextmanager
def _mounted(picture: Path, place: Path) -> Iterator[None]:
    """Mount an image in a folder, like an AppImage's runtime."""
    subprocess.run(
        ["squashfuse", "-o", "allow_other,ro", picture, place], check=True, capture_output=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def main() -> None:
    """Check, and say what was seen."""
    parser = checking.parser_of(__doc__)
    arguments = parser.parse_args()
    demand_root()
    sys.exit(check(KIND, lambda protocol: look(protocol, arguments)))


if __name__ == "__main__":
    main()
