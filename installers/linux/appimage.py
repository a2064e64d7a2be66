"""Builds the AppImage: one file that runs on any distribution without being installed.

    python installers/linux/appimage.py [--frozen FOLDER] [--dist FOLDER] [--fast] [--runtime FILE]

An AppImage is a small program, the runtime of the AppImage project, followed by a file system
image. The image is always built. The runtime is put before it if `--runtime` or
SPENDLIGHT_APPIMAGE_RUNTIME names it; otherwise only the image is made.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import building
from building import WORK, Order, link, write
from metainfo import APPSTREAM_ID
from shared_files import DESKTOP_ENTRY, lay_out

from spendlight.build import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNTIME_VARIABLE: Final = "SPENDLIGHT_APPIMAGE_RUNTIME"

_ELF: Final = b"\x7fELF"
_TYPE_2: Final = b"AI\x02"
"""The magic bytes of an AppImage's runtime, after the first eight bytes."""

_ENTRY: Final = """\
#!/bin/sh
# With a verb the terminal, without one the tray.
exec "${APPDIR:-$(dirname "$(readlink -f "$0")")}/opt/spendlight/spendlight" "$@"
"""


def build(order: Order, runtime: Path | None) -> Path:
    """Build the AppImage, or its image if there is no runtime; return the path.

    Raises:
        SystemExit: If the runtime is not one.
    """
    app = building.empty(WORK / "appimage") / "Spendlight.AppDir"
    building.copy_program(order, app / "opt" / "spendlight", Channel.APPIMAGE)
    lay_out(order, app / "usr" / "share", tray="spendlight-tray")
    for name in ("spendlight", "spendlight-tray"):
        link(app / "usr" / "bin" / name, f"../../opt/spendlight/{name}")
    icons = "usr/share/icons/hicolor"
    link(app / "spendlight.desktop", f"usr/share/applications/{DESKTOP_ENTRY.name}")
    link(app / "spendlight.svg", f"{icons}/scalable/apps/spendlight.svg")
    link(app / ".DirIcon", f"{icons}/256x256/apps/spendlight.png")
    link(
        app / "usr" / "share" / "metainfo" / f"{APPSTREAM_ID}.appdata.xml",
        f"{APPSTREAM_ID}.metainfo.xml",
    )
    write(app / "AppRun", _ENTRY, 0o755)
    building.date_all(app, order.date_s)
    name = f"Spendlight-{order.version}-{platform.machine()}"
    picture = WORK / "appimage" / f"{name}.squashfs"
    building.run(
        [
            "mksquashfs", app, picture, "-noappend", "-all-root", "-no-progress", "-quiet",
            *(["-comp", "gzip", "-Xcompression-level", "1"] if order.is_fast else
              ["-comp", "zstd", "-Xcompression-level", "19", "-b", "1M"]),
            "-processors", "2",
        ],
        SOURCE_DATE_EPOCH=str(order.date_s),
    )  # fmt: skip
    if runtime is None:
        return picture
    return joined(runtime, picture, order.dist / f"{name}.AppImage")


def joined(runtime: Path, picture: Path, image: Path) -> Path:
    """Put a runtime before an image, and return the path of the AppImage.

    Raises:
        SystemExit: If it is not a runtime.
    """
    head = runtime.read_bytes()[:11] if runtime.is_file() else b""
    if not head.startswith(_ELF) or head[8:11] != _TYPE_2:
        sys.exit(f"{runtime} is no runtime of the AppImage project (type 2).")
    with image.open("wb") as file:
        for part in (runtime, picture):
            with part.open("rb") as source:
                shutil.copyfileobj(source, file)
    image.chmod(0o755)
    return image


def runtime_of(named: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the runtime to use: the one that was named, otherwise that of the environment."""
    if named is not None:
        return named
    chosen = environ.get(RUNTIME_VARIABLE)
    return Path(chosen) if chosen else None


def main() -> None:
    """Build what the command line orders, and say where it is."""
    parser = building.parser_of(__doc__)
    parser.add_argument("--runtime", type=Path, help="the AppImage project's runtime for type 2")
    arguments = parser.parse_args()
    made = build(building.order_of(arguments), runtime_of(arguments.runtime, os.environ))
    if made.suffix != ".AppImage":
        print("# no AppImage: its runtime is missing, see --runtime; this is the picture behind it")
    print(made)


if __name__ == "__main__":
    main()
