"""Builds the package for Fedora, openSUSE and similar systems.

python installers/linux/rpm.py [--frozen FOLDER] [--dist FOLDER] [--fast]
"""

from __future__ import annotations

import platform
import shutil
import tempfile
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import building
from building import DESCRIPTION, ROOT, SUMMARY, WORK, Order, link, write
from deb import MAINTAINER, PROGRAM, sortable
from linked import needs_of, rpm_requires
from shared_files import lay_out, lay_out_guide

from spendlight.build import REPOSITORY, Channel

if TYPE_CHECKING:
    from collections.abc import Iterable

_HERE: Final = ROOT / "installers" / "linux"

_AS_IT_IS: Final = """\
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global source_date_epoch_from_changelog 0
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _buildhost localhost
"""
"""The contents are built and tested already: nothing is stripped, compiled or moved, and nothing
reveals the machine or the time."""


def build(order: Order) -> Path:
    """Build the package, and return where it is."""
    work = building.empty(WORK / "rpm")
    tree = work / "tree"
    building.copy_program(order, tree / PROGRAM.lstrip("/"), Channel.RPM)
    for name in ("spendlight", "spendlight-tray"):
        link(tree / "usr" / "bin" / name, f"../..{PROGRAM}/{name}")
    share = tree / "usr" / "share"
    lay_out(order, share, tray="spendlight-tray")
    write(share / "licenses" / "spendlight" / "LICENSE", (ROOT / "LICENSE").read_bytes())
    papers = share / "doc" / "spendlight"
    write(papers / "CHANGELOG.md", (ROOT / "CHANGELOG.md").read_bytes())
    lay_out_guide(papers, order.version)
    building.date_all(tree, order.date_s)
    files = [path for path in tree.rglob("*") if not path.is_dir() or path.is_symlink()]
    text = spec(
        order,
        rpm_requires(needs_of(order.frozen)),
        [f"/{path.relative_to(tree)}" for path in sorted(files)],
        packing="w1.zstdio" if order.is_fast else "w19T0.zstdio",
    )
    package = order.dist / f"spendlight-{order.version}-1.{platform.machine()}.rpm"
    with tempfile.TemporaryDirectory() as place:  # rpmbuild and its macros cannot handle spaces
        top = Path(place)
        (top / "tree").symlink_to(tree)
        building.run(
            [
                "rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}",
                "--define", f"_rpmdir {top}", "--define", f"tree {top / 'tree'}",
                "--target", platform.machine(), write(top / "spendlight.spec", text),
            ],
            SOURCE_DATE_EPOCH=str(order.date_s),
        )  # fmt: skip
        (made,) = top.glob(f"{platform.machine()}/*.rpm")
        shutil.move(made, package)
    return package


def spec(order: Order, requires: Iterable[str], files: Iterable[str], *, packing: str) -> str:
    """Return the spec file.

    Args:
        order: The order.
        requires: The dependencies.
        files: All packed files; our own folders are added.
        packing: The compression, in rpmbuild's notation.
    """
    description = "\n\n".join(textwrap.fill(text, 79) for text in DESCRIPTION)
    version = sortable(order.version)
    day = datetime.fromtimestamp(order.date_s, UTC)
    needs = "".join(f"Requires: {each}\n" for each in requires)
    end_running = _escaped((_HERE / "end_running.sh").read_text("utf-8"))
    farewell = _escaped((_HERE / "farewell.txt").read_text("utf-8"))
    return (
        f"{_AS_IT_IS}%global _binary_payload {packing}\n\n"
        f"Name: spendlight\nVersion: {version}\nRelease: 1\n"
        f"Summary: {SUMMARY}\nLicense: MIT\nURL: {REPOSITORY}\nPackager: {MAINTAINER}\n"
        f"Vendor: Spendlight contributors\nGroup: Development/Tools\n"
        f"AutoReqProv: no\n{needs}Recommends: xdg-utils\n\n"
        f"%description\n{description}\n\n"
        "%install\nmkdir -p %{buildroot}\ncp -a %{tree}/. %{buildroot}/\n\n"
        f'%preun\n{end_running}\nif [ "$1" -eq 0 ]; then\n    end_running {PROGRAM}\nfi\n\n'
        f"%postun\nif [ \"$1\" -eq 0 ]; then\n    cat <<'END'\n{farewell}END\nfi\n\n"
        f"%files\n%defattr(-,root,root,-)\n{_listed(files)}\n"
        f"%changelog\n* {day:%a %b %d %Y} {MAINTAINER} - {version}-1\n"
        "- What has changed for users is in CHANGELOG.md among the documents.\n"
    )


def _listed(files: Iterable[str]) -> str:
    """Return the list of files, with the package's own folders."""
    own = ("/opt/", "/usr/share/licenses/", "/usr/share/doc/")
    paths = list(files)
    folders = {
        str(folder)
        for path in paths
        for folder in Path(path).parents
        if str(folder).startswith(own)
    }
    marks = {
        "/usr/share/licenses/": "%license ",
        "/usr/share/doc/": "%doc ",
        "/usr/share/man/": "%doc ",
    }
    return "".join(
        [
            *(f'%dir "{folder}"\n' for folder in sorted(folders)),
            *(
                next((mark for place, mark in marks.items() if path.startswith(place)), "")
                + f'"{_escaped(path)}"\n'
                for path in paths
            ),
        ]
    )


def _escaped(text: str) -> str:
    """Return a text with macros escaped."""
    return text.replace("%", "%%")


def main() -> None:
    """Build what the command line orders, and say where it is."""
    print(build(building.order_of(building.parser_of(__doc__).parse_args())))


if __name__ == "__main__":
    main()
