"""Reads what machines of a team are called, and whose they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from spendlight.team.listing import Listed, Unreadable
from spendlight.team.shared_folder import MACHINE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spendlight.team.intake import Endurance
    from spendlight.team.listing import Listing
    from spendlight.team.shared_folder import SharedFolder

MachineRow = tuple[str, str, str, str]
"""A machine's key, its name, whose it is, and what identifies the file that says so."""

MOST_LETTERS: Final = 100
"""Longer names of machines and people are cut."""


def machine_files(listed: Iterable[Listed]) -> list[Listed]:
    """Return the files that say what machines are called."""
    start, end = "machine=", f"/{MACHINE_FILE}"
    return [
        one
        for one in listed
        if one.path.startswith(start) and one.path.endswith(end) and one.path.count("/") == 1
    ]


def changed_machines(listing: Listing, known: Mapping[str, str]) -> list[Listed]:
    """Return the files of machines that are new, or have another size or time.

    Args:
        listing: What is in the team's folder.
        known: See `TeamCache.machine_files`.
    """
    return [
        one
        for one in machine_files(listing.files)
        if known.get(f"machine={machine_of(one)}") != mark_of(one)
    ]


def read_machines(
    files: Iterable[Listed], shared: SharedFolder, endurance: Endurance
) -> tuple[list[MachineRow], list[Unreadable]]:
    """Return what machines are called, and which files cannot be read.

    Args:
        files: Their files.
        shared: Where they are.
        endurance: Decides when to stop.

    Raises:
        SharedFolderError: If the folder cannot be used any more.
    """
    rows: list[MachineRow] = []
    unreadable = []

    for one in files:

        def read(one: Listed = one) -> None:
            names = names_in(shared.read_small(one.path) or b"")
            rows.append((machine_of(one), *names, mark_of(one)))

        if fault := endurance.call(read):
            unreadable.append(Unreadable(one.path, fault))
    return rows, unreadable


def machine_of(listed: Listed) -> str:
    """Return the key of the machine that a file is about."""
    return listed.path.partition("/")[0].removeprefix("machine=")


def mark_of(listed: Listed) -> str:
    """Return what changes if a machine's file does."""
    return f"{listed.size}:{listed.modified}"


def names_in(content: bytes) -> tuple[str, str]:
    """Return the machine's name and the person's from a machine's file; "" where it has none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    return _fit(found.get("name")), _fit(found.get("person"))


def _fit(name: object) -> str:
    """Return a name in one line, without commas, that fits into a table."""
    letters = name if isinstance(name, str) else ""
    letters = "".join(letter if letter.isprintable() else " " for letter in letters[:1000])
    return " ".join(letters.replace(",", " ").split())[:MOST_LETTERS].strip()
