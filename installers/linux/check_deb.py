"""Tests the package for Debian: installed, used, upgraded and purged in a clean system.

python installers/linux/check_deb.py [--dist FOLDER] [--logs FOLDER [--prices FILE]]
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from typing import TYPE_CHECKING, Final

import building
import checking
from checking import CHECKS, Protocol, check, made
from clean_root import CleanRoot, bare_root, demand_root
from older import OLDER, make_older
from using import (
    Installed,
    Steps,
    look_at_an_upgrade,
    look_at_what_is_left,
    look_at_what_stays,
)

if TYPE_CHECKING:
    from pathlib import Path

KIND: Final = "deb"


def look(protocol: Protocol, arguments: argparse.Namespace) -> None:
    """Check the package."""
    package = made(arguments.dist, "spendlight_*.deb")
    _look_at_form(protocol, package)
    root = bare_root(KIND)
    before = root.listing()
    _put_in(root, _older(package))
    installed = Installed(root, ["spendlight"], ["spendlight-tray"])
    depends = root.listing().packages - before.packages - {"spendlight"}
    protocol.note(
        f"{OLDER} installs into a bare Debian, with {len(depends)} packages it depends on",
        holds=installed.version() == f"spendlight {OLDER}",
        instead=installed.version(),
    )

    def further() -> None:
        doctor = root.run("spendlight", "doctor", check=False)
        protocol.note("doctor names the package", holds="deb package" in doctor, instead=doctor)
        autostart = root.home / ".config" / "autostart" / "spendlight.desktop"
        protocol.note("nothing starts at login", holds=not autostart.exists())

    steps = Steps(
        upgrade=lambda: _put_in(root, package),
        remove=lambda: root.run("apt-get", "purge", "--yes", "-q", "spendlight", as_user=False),
        removing="purging",
        further=further,
    )
    said = look_at_an_upgrade(protocol, installed, steps, arguments)
    look_at_what_is_left(protocol, before, root.listing(), "purging")
    look_at_what_stays(protocol, root, said)
    root.remove()


def _look_at_form(protocol: Protocol, package: Path) -> None:
    """Run the checkers of Debian and of the desktops."""
    said = checking.complaint("lintian", "--fail-on", "error,warning,info", "--info", str(package))
    protocol.note("lintian finds nothing", holds=said is None, instead=said)
    tree = CHECKS / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    building.run(["dpkg-deb", "--extract", package, tree])
    share = tree / "usr" / "share"
    checking.look_at_entries(protocol, share)
    documents = [f"/{path.relative_to(tree)}" for path in share.glob("doc/**/*")]
    checking.look_at_guide(protocol, documents)


def _older(package: Path) -> Path:
    """Return an older version of a package, with fast compression."""
    tree = CHECKS / "older-deb"
    shutil.rmtree(tree, ignore_errors=True)
    building.run(["dpkg-deb", "--raw-extract", package, tree])
    control = tree / "DEBIAN" / "control"
    text = re.sub(
        r"^Version: .*$", f"Version: {OLDER}", control.read_text("utf-8"), flags=re.MULTILINE
    )
    control.write_text(text, encoding="utf-8")
    make_older(tree / "opt" / "spendlight")
    older = CHECKS / f"spendlight_{OLDER}.deb"
    building.run(["dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "--build", tree, older])
    shutil.rmtree(tree)
    return older


def _put_in(root: CleanRoot, package: Path) -> None:
    inside = root.path / "tmp" / package.name
    shutil.copy(package, inside)
    root.install(f"/tmp/{package.name}")  # noqa: S108  # that of the clean system
    inside.unlink()


def main() -> None:
    """Check, and say what was seen."""
    arguments = checking.parser_of(__doc__).parse_args()
    demand_root()
    sys.exit(check(KIND, lambda protocol: look(protocol, arguments)))


if __name__ == "__main__":
    main()
