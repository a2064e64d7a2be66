"""Builds the portable archive, which runs where it is unpacked and can be installed into a home.

python installers/linux/archive.py [--frozen FOLDER] [--dist FOLDER] [--fast]
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Final

import building
from building import ROOT, WORK, Order, write
from linked import debian_packages, needs_of
from shared_files import lay_out

from spendlight.build import Channel

if TYPE_CHECKING:
    from pathlib import Path

    from linked import Needs

_HERE: Final = ROOT / "installers" / "linux"


def build(order: Order) -> Path:
    """Build the archive, and return where it is."""
    name = f"spendlight-{order.version}-linux-{platform.machine()}"
    folder = building.empty(WORK / "archive") / name
    building.copy_program(order, folder, Channel.ARCHIVE)
    lay_out(order, folder / "share", tray="spendlight-tray")
    needs = needs_of(order.frozen)
    for script in ("install.sh", "uninstall.sh"):
        write(folder / script, filled((_HERE / "home" / script).read_text("utf-8"), needs), 0o755)
    write(folder / "system-libraries", "".join(f"{name}\n" for name in needs.sonames))
    for paper in ("LICENSE", "CHANGELOG.md"):
        write(folder / paper, (ROOT / paper).read_bytes())
    archive = order.dist / f"{name}.tar.xz"
    # Two threads, which any machine has, so that the bytes are the same everywhere.
    packing = "xz -0 -T2" if order.is_fast else "xz -6 -T2"
    building.run(
        [
            "tar", "--create", f"--use-compress-program={packing}", f"--file={archive}",
            f"--directory={folder.parent}", "--sort=name", "--format=gnu",
            "--owner=0", "--group=0", "--numeric-owner", f"--mtime=@{order.date_s}", name,
        ]
    )  # fmt: skip
    return archive


def filled(script: str, needs: Needs) -> str:
    """Return a script with its placeholders filled in."""
    values = {
        "@DEBIAN_PACKAGES@": " ".join(sorted(debian_packages(needs.sonames) - {"libc6"})),
        "@END_RUNNING@": (_HERE / "end_running.sh").read_text("utf-8"),
    }
    for mark, value in values.items():
        script = script.replace(mark, value)
    return script


def main() -> None:
    """Build what the command line orders, and say where it is."""
    print(build(building.order_of(building.parser_of(__doc__).parse_args())))


if __name__ == "__main__":
    main()
