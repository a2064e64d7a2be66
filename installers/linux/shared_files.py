"""Lays out what Linux expects beside a program: menu entry, icons, manual, completions, guide."""

from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from building import ROOT, run_script, write
from metainfo import APPSTREAM_ID, CHANGELOG, TEMPLATE, metainfo

from spendlight.build import REPOSITORY

if TYPE_CHECKING:
    from building import Order

ICON_SIZES: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)
DESKTOP_ENTRY: Final = ROOT / "resources" / "desktop" / "spendlight.desktop"

_DOCUMENTS: Final = {
    "completion/spendlight.bash": "bash-completion/completions/spendlight",
    "completion/_spendlight": "zsh/{zsh}/_spendlight",
    "completion/spendlight.fish": "fish/vendor_completions.d/spendlight.fish",
}
"""The files that `packaging/documents.py` writes, and where shells look for them in ``share``."""

_PICTURES: Final = re.compile(r"!\[[^\]]*\]\(([\w-]+\.png)\)")
"""A picture that a page of the guide shows, which lies beside the page."""


def lay_out(order: Order, share: Path, *, tray: str, zsh: str = "site-functions") -> None:
    """Write everything that belongs into a folder ``share``.

    Args:
        order: The order.
        share: The folder, as in ``usr/share``.
        tray: The command that the menu starts, as in a desktop entry.
        zsh: The folder for zsh completions on this kind of system.
    """
    write(share / "applications" / "spendlight.desktop", desktop_entry(tray))
    text = metainfo(
        TEMPLATE.read_text("utf-8"), CHANGELOG.read_text("utf-8"), order.version, order.date_s
    )
    write(share / "metainfo" / f"{APPSTREAM_ID}.metainfo.xml", text)
    _lay_out_icons(share / "icons" / "hicolor")
    with tempfile.TemporaryDirectory() as folder:
        run_script("packaging/documents.py", folder, SOURCE_DATE_EPOCH=str(order.date_s))
        for name, place in _DOCUMENTS.items():
            write(share / place.format(zsh=zsh), Path(folder, name).read_bytes())
        for page in Path(folder, "man").iterdir():
            write(share / "man" / "man1" / f"{page.name}.gz", packed(page.read_bytes()))


def lay_out_guide(folder: Path, version: str) -> None:
    """Write the user guide with its pictures and schemas, without the pictures of the README.

    Args:
        folder: The package's own folder of documents.
        version: The program's version; links out of the guide lead to its files on the web.
    """
    guide = ROOT / "docs"
    for page in guide.glob("*.md"):
        text = page.read_text("utf-8").replace("](../", f"]({REPOSITORY}/blob/v{version}/")
        write(folder / page.name, text)
        for picture in _PICTURES.findall(text):
            write(folder / picture, (guide / picture).read_bytes())
    for schema in (guide / "schemas").glob("*.json"):
        write(folder / "schemas" / schema.name, schema.read_bytes())


def desktop_entry(tray: str) -> str:
    """Return the menu entry that starts a program of this installation."""
    text = DESKTOP_ENTRY.read_text("utf-8")
    return re.sub(r"^Exec=.*$", lambda _: f"Exec={tray}", text, flags=re.MULTILINE)


def packed(data: bytes) -> bytes:
    """Return data compressed by gzip, without a name or a date in it."""
    return gzip.compress(data, 9, mtime=0)


def _lay_out_icons(theme: Path) -> None:
    icons = ROOT / "resources" / "icons"
    for size in ICON_SIZES:
        data = (icons / "app" / f"spendlight-{size}.png").read_bytes()
        write(theme / f"{size}x{size}" / "apps" / "spendlight.png", data)
    write(theme / "scalable" / "apps" / "spendlight.svg", (icons / "spendlight.svg").read_bytes())
