"""Builds the package for Debian, Ubuntu and similar systems.

python installers/linux/deb.py [--frozen FOLDER] [--dist FOLDER] [--fast]
"""

from __future__ import annotations

import hashlib
import platform
import re
import textwrap
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Final

import building
from building import DESCRIPTION, ROOT, SUMMARY, WORK, Order, link, write
from linked import debian_depends, needs_of
from shared_files import lay_out, lay_out_guide, packed

from spendlight.build import REPOSITORY, Channel

if TYPE_CHECKING:
    from collections.abc import Iterable

MAINTAINER: Final = "Spendlight contributors <spendlight@users.noreply.github.com>"
PROGRAM: Final = "/opt/spendlight"
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
"""Debian's names of machine types."""

_HERE: Final = ROOT / "installers" / "linux"


def build(order: Order) -> Path:
    """Build the package, and return where it is."""
    tree = building.empty(WORK / "deb")
    program = tree / PROGRAM.lstrip("/")
    building.copy_program(order, program, Channel.DEB)
    for name in ("spendlight", "spendlight-tray"):
        link(tree / "usr" / "bin" / name, f"{PROGRAM}/{name}")
    share = tree / "usr" / "share"
    lay_out(order, share, tray="spendlight-tray", zsh="vendor-completions")
    _lay_out_papers(order, share)
    architecture = ARCHITECTURES[platform.machine()]
    depends = debian_depends(program, needs_of(program))
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    size_kb = building.installed_kb(tree)
    meta = tree / "DEBIAN"
    write(meta / "control", control(order.version, architecture, depends, size_kb))
    write(meta / "md5sums", md5sums(tree, files))
    write(meta / "prerm", prerm((_HERE / "end_running.sh").read_text("utf-8")), 0o755)
    write(meta / "postrm", postrm((_HERE / "farewell.txt").read_text("utf-8")), 0o755)
    building.date_all(tree, order.date_s)
    package = order.dist / f"spendlight_{order.version}_{architecture}.deb"
    packing = ["-Zgzip", "-z1"] if order.is_fast else ["-Zxz", "-z6"]
    building.run(
        ["dpkg-deb", "--root-owner-group", *packing, "--build", tree, package],
        SOURCE_DATE_EPOCH=str(order.date_s),
    )
    return package


def control(version: str, architecture: str, depends: str, size_kb: int) -> str:
    """Return the package's control file.

    Args:
        version: The program's version.
        architecture: Debian's name of the machine.
        depends: The packages it needs.
        size_kb: Its installed size.
    """
    lines = [line for text in DESCRIPTION for line in [*textwrap.wrap(text, 76), "."]][:-1]
    description = "".join(f" {line}\n" for line in lines)
    return (
        f"Package: spendlight\nVersion: {sortable(version)}\nArchitecture: {architecture}\n"
        f"Maintainer: {MAINTAINER}\nInstalled-Size: {size_kb}\nDepends: {depends}\n"
        f"Recommends: xdg-utils\nSection: utils\nPriority: optional\nHomepage: {REPOSITORY}\n"
        f"Description: {summary()}\n{description}"
    )


def summary() -> str:
    """Return the package's one-line summary, without a capital and an article."""
    return SUMMARY[0].lower() + SUMMARY[1:]


def sortable(version: str) -> str:
    """Return a version in which package managers sort a pre-release before its release."""
    return re.sub(r"(?<=\d)\.?(?=(a|b|rc|dev)\d)", "~", version)


def md5sums(tree: Path, files: Iterable[Path]) -> str:
    """Return the list with which Debian detects changed files."""
    digests = ((hashlib.md5(path.read_bytes(), usedforsecurity=False), path) for path in files)
    return "".join(f"{digest.hexdigest()}  {path.relative_to(tree)}\n" for digest, path in digests)


def prerm(end_running: str) -> str:
    """Return the script that runs before removal; an upgrade keeps the tray running."""
    return (
        "#!/bin/sh\nset -e\n\n"
        f'{end_running}\nif [ "$1" = remove ]; then\n    end_running {PROGRAM}\nfi\n'
    )


def postrm(farewell: str) -> str:
    """Return the script that runs after the package is removed, which prints what stays."""
    return (
        f"#!/bin/sh\nset -e\n\nif [ \"$1\" = remove ]; then\n    cat <<'END'\n{farewell}END\nfi\n"
    )


def _lay_out_papers(order: Order, share: Path) -> None:
    papers = share / "doc" / "spendlight"
    write(papers / "copyright", _copyright((ROOT / "LICENSE").read_text("utf-8")))
    write(papers / "changelog.gz", packed(_changelog(order).encode()))
    write(papers / "NEWS.gz", packed((ROOT / "CHANGELOG.md").read_bytes()))
    lay_out_guide(papers, order.version)
    overrides = (_HERE / "debian" / "lintian-overrides").read_bytes()
    write(share / "lintian" / "overrides" / "spendlight", overrides)


def _changelog(order: Order) -> str:
    return (
        f"spendlight ({sortable(order.version)}) unstable; urgency=medium\n\n"
        "  * What has changed for users is in NEWS.gz beside this file.\n\n"
        f" -- {MAINTAINER}  {formatdate(order.date_s)}\n"
    )


def _copyright(licence: str) -> str:
    """Return the copyright file in Debian's format."""
    paragraphs = [part.strip() for part in licence.split("\n\n") if part.strip()]
    rights = next(part for part in paragraphs if part.startswith("Copyright"))
    body = paragraphs[paragraphs.index(rights) + 1 :]
    text = "\n .\n".join(textwrap.indent(part, " ") for part in body)
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        f"Upstream-Name: Spendlight\nSource: {REPOSITORY}\n"
        "Comment: The package brings Python, Qt and other libraries along. `spendlight\n"
        " --licenses` prints which, and under which licences they come.\n\n"
        f"Files: *\nCopyright: {rights.removeprefix('Copyright (c) ')}\nLicense: Expat\n\n"
        f"License: Expat\n{text}\n"
    )


def main() -> None:
    """Build what the command line orders, and say where it is."""
    print(build(building.order_of(building.parser_of(__doc__).parse_args())))


if __name__ == "__main__":
    main()
