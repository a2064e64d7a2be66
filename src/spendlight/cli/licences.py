"""The licences of the program and of what comes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight import __version__
from spendlight.assets import resource
from spendlight.build import LICENCES, REPOSITORY
from spendlight.cli import terminal
from spendlight.names import shown

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_MOST_SIGNS: Final = 80
"""Longer terms are the whole text."""


def tell() -> None:
    """Print them."""
    try:
        text = resource(LICENCES).read_text(encoding="utf-8")
    except FileNotFoundError:  # nothing is bundled
        text = _of_source()
    terminal.speak_utf8()  # some names in them need it
    terminal.say_text(text.rstrip("\n"))


def _of_source() -> str:
    """Return whose licences matter to somebody who runs the source, and where they are."""
    from importlib.metadata import PackageNotFoundError, distribution, requires

    lines = [
        f"Spendlight {__version__} is free software under the MIT License:",
        f"{REPOSITORY}/blob/main/LICENSE",
        "",
        "It runs from source here, so no other software is bundled. It uses Python and:",
        "",
    ]
    folders: list[str] = []
    try:
        wanted = requires("spendlight") or []
    except PackageNotFoundError:  # it is run where it was unpacked
        wanted = []
    for requirement in sorted(wanted):
        try:
            package = distribution(_name(requirement))
        except PackageNotFoundError:  # another system needs it, or nobody has to
            continue
        lines.append(f"  {_name(requirement)} {package.version}{_terms(package)}")
        folders.append(str(package.locate_file("")))
    lines += [
        "",
        "The licence text of a package, where it has one, is in its .dist-info folder, under",
    ]
    return "\n".join([*lines, *map(shown, dict.fromkeys(folders))])


def _name(requirement: str) -> str:
    """Return which package is required, as in ``httpx>=0.27``."""
    end = next((at for at, sign in enumerate(requirement) if sign in " <>=!~;[("), None)
    return requirement[:end]


def _terms(package: Distribution) -> str:
    """Return what a package says of its licence, if that is short."""
    said = package.metadata
    terms = [*(said.get_all("License-Expression") or []), *(said.get_all("License") or [])]
    return f": {shown(terms[0])}" if terms and len(terms[0]) < _MOST_SIGNS else ""
