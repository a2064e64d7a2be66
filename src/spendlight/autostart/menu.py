"""The program's entry in the desktop's menu, for who has it from pip, pipx or uv.

Packages bring an entry of their own. What is made here says so, and nothing else is ever changed.
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
    """Whose entry there is."""

    MISSING = "missing"
    OURS = "ours"
    """Made here, by this copy of the program or another."""
    FOREIGN = "foreign"
    """Made by somebody else, a user or an installer."""


class MenuLook(NamedTuple):
    """What there is of an entry.

    Attributes:
        place: Where it stands, or would.
        command: What it starts; empty where there is none, or it cannot be read.
        is_own: Whether that is this program.
        is_startable: Whether that is there at all.
        icons: The pictures that were put beside it.
    """

    place: Path
    state: MenuState
    command: Sequence[str] = ()
    is_own: bool = False
    is_startable: bool = False
    icons: Sequence[Path] = ()


class MenuError(UsageError):
    """The entry could not be made or taken away."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(f"The menu entry could not be changed: {reason}", advice)


class ForeignEntryError(MenuError):
    """There is an entry that was not made here."""

    def __init__(self, place: Path) -> None:
        super().__init__(
            f"{place} was not made by 'spendlight desktop install'",
            "To use this one, uninstall what created the other, or delete it.",
        )


class MenuEntry(Protocol):
    """An entry in the menu of a system."""

    def look(self) -> MenuLook:
        """Return what there is."""
        ...

    def install(self) -> None:
        """Make the entry, or bring one of ours up to date; doing so again changes nothing.

        Raises:
            ForeignEntryError: There is one that was not made here.
            MenuError: It cannot be written.
        """
        ...

    def uninstall(self) -> Sequence[Path]:
        """Take away what was made here, and return what that was; there need not be anything.

        Raises:
            ForeignEntryError: There is an entry that was not made here.
            MenuError: It cannot be taken away.
        """
        ...


def seen(
    place: Path,
    state: MenuState,
    arguments: Sequence[str],
    command: Sequence[str],
    icons: Sequence[Path] = (),
) -> MenuLook:
    """Return what there is of an entry that starts some arguments.

    Args:
        place: Where it stands.
        state: Whose it is.
        arguments: What it starts.
        command: What starts this program.
        icons: The pictures beside it.
    """
    return MenuLook(
        place,
        state,
        tuple(arguments),
        is_own=is_same_program(arguments, command),
        is_startable=bool(arguments) and is_there(arguments[0]),
        icons=icons,
    )
