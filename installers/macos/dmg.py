"""Packs Spendlight.app into a disk image, beside a link to Applications.

    python installers/macos/dmg.py [--frozen dist/spendlight] [--dist dist] [--fast]

Prints the image's path. Run `app.py` first. The image has no background picture: placing the icons
on one requires remote control of the Finder, which fails on build machines.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from information import APP, architecture, is_macos
from mac_options import parser_of
from signing import Command, Runner, SigningError, sign

from spendlight import __version__


def image_name(version: str, machine: str) -> str:
    """Return the file name of an image."""
    return f"Spendlight-{version}-{architecture(machine)}.dmg"


def lay_out(app: Path, folder: Path) -> None:
    """Fill a folder with the contents of the image."""
    shutil.copytree(app, folder / APP, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")


def packing_commands(folder: Path, image: Path, *, is_fast: bool) -> list[Command]:
    """Return the commands that make an image of a folder and verify it.

    Args:
        folder: The contents of the image.
        image: The image to create.
        is_fast: Whether to use weaker but faster compression, for trials.
    """
    form = "UDZO" if is_fast else "ULFO"  # LZFSE, readable by every macOS that Qt supports
    return [
        [
            "hdiutil", "create", "-volname", "Spendlight", "-srcfolder", str(folder),
            "-fs", "HFS+", "-format", form, "-ov", "-quiet", str(image),
        ],
        ["hdiutil", "verify", "-quiet", str(image)],
    ]  # fmt: skip


def make_image(app: Path, image: Path, runner: Runner, *, is_fast: bool) -> str:
    """Create and sign an image; return a sentence about how it was signed.

    Raises:
        SigningError: If a command fails.
    """
    image.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spendlight-image-") as folder:
        lay_out(app, Path(folder))
        runner.run_all(packing_commands(Path(folder), image, is_fast=is_fast))
    return sign(image, os.environ, runner)


def main() -> None:
    """Make what the command line names."""
    parser = parser_of(__doc__)
    arguments = parser.parse_args()
    if not arguments.dry_run and not is_macos():
        parser.error("only macOS can make a disk image; --dry-run prints the commands")
    app = arguments.dist / "macos" / APP
    if not (app / "Contents" / "Info.plist").is_file():
        parser.error(f"{app} is not there; app.py makes it")
    image = arguments.dist / image_name(__version__, platform.machine())
    runner = Runner(is_dry=arguments.dry_run)
    try:
        print("#", make_image(app, image, runner, is_fast=arguments.fast))
    except SigningError as error:
        sys.exit(f"dmg.py: {error}")
    print(image)


if __name__ == "__main__":
    main()
