"""The program's entry in the desktop's menu, for installations with pip, pipx or uv.

Packages have their own entry. Entries created here are marked, and no others are ever changed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from spendlight.autostart.entry import is_same_program, is_there
from spendlight.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class MenuState(StrEnum):
    """Who created the entry, if there is one."""

    MISSING = "missing"
    OURS = "ours"
    """Created here, by this copy of the program or another."""
    FOREIGN = "foreign"
    """Created by somebody else, a user or an installer."""


class MenuLook(NamedTuple):
    """The state of an entry.

    Attributes:
        path: Its path, whether it exists or not.
        command: What it starts; empty if it does not exist or cannot be read.
        is_own: Whether that is this program.
        is_startable: Whether that exists.
        icons: The icons that were created with it.
    """

    path: Path
    state: MenuState
    command: Sequence[str] = ()
    is_own: bool = False
    is_startable: bool = False
    icons: Sequence[Path] = ()


class MenuError(UsageError):
    """The entry could not be created or removed."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(f"The menu entry could not be changed: {reason}", advice)


class ForeignEntryError(MenuError):
    """There is an entry that was not created here."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} was not made by 'spendlight desktop install'",
            "To use this one, uninstall what created the other, or delete it.",
        )


class MenuEntry(Protocol):
    """An entry in the menu of a system."""

    def look(self) -> MenuLook:
        """Return the current state."""
        ...

    def install(self) -> None:
        """Create the entry, or update one of ours; doing it twice changes nothing.

        Raises:
            ForeignEntryError: If there is one that was not created here.
            MenuError: If it cannot be written.
        """
        ...

    def uninstall(self) -> Sequence[Path]:
        """Remove what was created here, if anything, and return the removed files.

        Raises:
            ForeignEntryError: If there is an entry that was not created here.
            MenuError: If it cannot be removed.
        """
        ...


def seen(
    path: Path,
    state: MenuState,
    arguments: Sequence[str],
    command: Sequence[str],
    icons: Sequence[Path] = (),
) -> MenuLook:
    """Return the state of an existing entry.

    Args:
        path: Its path.
        state: Who created it.
        arguments: Its command line.
        command: The command that starts this program.
        icons: The icons that were created with it.
    """
    return MenuLook(
        path,
        state,
        tuple(arguments),
        is_own=is_same_program(arguments, command),
        is_startable=bool(arguments) and is_there(arguments[0]),
        icons=icons,
    )
