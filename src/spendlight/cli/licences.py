"""Prints the licences of the program and of what comes with it."""

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
"""A longer field contains the whole licence text."""


def tell() -> None:
    """Print them."""
    try:
        text = resource(LICENCES).read_text(encoding="utf-8")
    except FileNotFoundError:  # not a bundle
        text = _of_source()
    terminal.speak_utf8()  # some names in them need it
    terminal.say_text(text.rstrip("\n"))


def _of_source() -> str:
    """Return the licences of the packages that a source installation uses."""
    from importlib.metadata import PackageNotFoundError, distribution, requires

    lines = [
        f"Spendlight {__version__} is free software under the MIT License:",
        f"{REPOSITORY}/blob/main/LICENSE",
        "",
        "Its compiled reader of logs, if any, contains xxHash by Yann Collet (BSD-2-Clause; see",
        "src/native_reader/vendor/LICENSE.xxhash). No other software is bundled here.",
        "It uses Python and:",
        "",
    ]
    folders: list[str] = []
    try:
        wanted = requires("spendlight") or []
    except PackageNotFoundError:  # run from an unpacked source tree
        wanted = []
    for requirement in sorted(wanted):
        try:
            package = distribution(_name(requirement))
        except PackageNotFoundError:  # for another system, or optional
            continue
        lines.append(f"  {_name(requirement)} {package.version}{_terms(package)}")
        folders.append(str(package.locate_file("")))
    lines += [
        "",
        "The licence text of a package, where it has one, is in its .dist-info folder, under",
    ]
    return "\n".join([*lines, *map(shown, dict.fromkeys(folders))])


def _name(requirement: str) -> str:
    """Return the name of the required package, as in ``httpx>=0.27``."""
    end = next((at for at, sign in enumerate(requirement) if sign in " <>=!~;[("), None)
    return requirement[:end]


def _terms(package: Distribution) -> str:
    """Return a package's licence field, if it is short."""
    said = package.metadata
    terms = [*(said.get_all("License-Expression") or []), *(said.get_all("License") or [])]
    return f": {shown(terms[0])}" if terms and len(terms[0]) < _MOST_SIGNS else ""
