"""Shows what would change in Claude Code's settings, and asks whether it shall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.cli import terminal
from spendlight.errors import BadArgumentError
from spendlight.names import shown
from spendlight.tracker.profile import NothingToUndoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from rich.console import Console

    from spendlight.cli.arguments import Arguments
    from spendlight.tracker.profile import SettingsChange

_YES = frozenset({"y", "yes"})
_STYLES = {"+": "green", "-": "red", "@": "dim"}


class NobodyToAskError(BadArgumentError):
    """Nobody is there to say yes."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody can be asked whether to change Claude Code's settings",
            "Say so with --yes. Nothing was changed.",
        )


class NotInDemoError(BadArgumentError):
    """Made-up logs have no settings worth a change."""

    def __init__(self) -> None:
        super().__init__("The demo has no settings of Claude Code's to change", "Leave --demo out.")


class NoFolderToChangeError(BadArgumentError):
    """There is no Claude Code on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No Claude Code data was found, so there are no settings to change",
            "CLAUDE_CONFIG_DIR names other places than ~/.claude.",
        )


def all_undone(
    folders: Iterable[Path], undo: Callable[[Path], SettingsChange]
) -> list[tuple[Path, SettingsChange]]:
    """Return what undoes a change in some data folders; those without any are passed over.

    Raises:
        NothingToUndoError: If there is none in any of them.
    """
    changes, reasons = [], []
    for folder in folders:
        try:
            changes.append((folder, undo(folder)))
        except NothingToUndoError as reason:
            reasons.append(reason)
    if not changes:
        raise reasons[0]
    return changes


def show_change(console: Console, change: SettingsChange, unchanged: str) -> None:
    """Show a file and what changes in it.

    Args:
        console: Where to.
        change: The change.
        unchanged: What to say where nothing changes.
    """
    from rich.text import Text

    console.print(Text(shown(change.path), "bold"), overflow="fold")
    if change.is_nothing:
        console.print(unchanged)
        return
    for line in change.diff().splitlines():
        console.print(Text(shown(line), _STYLES.get(line[:1], "")), overflow="fold")
    if change.has_other_changes:
        console.print("The file has other changes since, so only the setting is put back.")


def is_agreed(arguments: Arguments) -> bool:
    """Ask whether to write it, unless that was said already.

    Raises:
        NobodyToAskError: If nobody can be asked.
    """
    if arguments.yes:
        return True
    if arguments.json or not terminal.has_keyboard():
        raise NobodyToAskError
    return terminal.ask("Write this? [y/N]").lower() in _YES
