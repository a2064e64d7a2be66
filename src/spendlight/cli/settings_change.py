"""Changes Claude Code's settings for all verbs: shows the diff, asks, writes, reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from spendlight.cli import json_out, terminal
from spendlight.cli.world import tracker_options
from spendlight.errors import BadArgumentError
from spendlight.names import shown
from spendlight.tracker.settings_changes import (
    ClaudeSettingsError,
    NothingToUndoError,
    apply_change,
    claude_folders,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from rich.console import Console

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.settings_changes import SettingsChange

OK = 0
FAILED = 1

_YES = frozenset({"y", "yes"})
_STYLES = {"+": "green", "-": "red", "@": "dim"}


class NobodyToAskError(BadArgumentError):
    """There is no terminal to ask for confirmation."""

    def __init__(self) -> None:
        super().__init__(
            "Changing Claude Code's settings needs your confirmation, and this is not a terminal",
            "Nothing was changed. Confirm with --yes.",
        )


class NotInDemoError(BadArgumentError):
    """Settings cannot be changed in the demo."""

    def __init__(self) -> None:
        super().__init__("The demo has no Claude Code settings to change", "Remove --demo.")


class NoFolderToChangeError(BadArgumentError):
    """There is no Claude Code on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No Claude Code data was found, so there are no settings to change",
            "Set CLAUDE_CONFIG_DIR if yours is not in ~/.claude.",
        )


class Written(NamedTuple):
    """A change that was written.

    Attributes:
        backup: The file before the change; None for an undo.
    """

    change: SettingsChange
    backup: Path | None


class ChangeWords(NamedTuple):
    """The messages of a verb about its changes.

    Attributes:
        unchanged: The message for a file in which nothing changes; "" for none.
        warnings: What the user should know before agreeing.
        done: The message when everything is written, line by line.
        to_json: The same for programs, including the files in which nothing changes.
    """

    unchanged: Callable[[SettingsChange], str]
    warnings: Callable[[SettingsChange], Iterable[str]]
    done: Callable[[Sequence[Written]], Iterable[str]]
    to_json: Callable[[Sequence[Written]], Json]


def folders_to_change(arguments: Arguments, path: Path | None = None) -> tuple[Path, ...]:
    """Return the data folders in which settings are to be changed; there may be none.

    Args:
        arguments: The arguments.
        path: The folder, if one was named.

    Raises:
        BadArgumentError: If that is not a data folder, or if this is the demo.
    """
    if arguments.demo:
        raise NotInDemoError
    return claude_folders(tracker_options(arguments), path)


def each_changed(
    folders: Iterable[Path], find: Callable[[Path], SettingsChange]
) -> list[SettingsChange]:
    """Return the change of each folder, without those in which there is nothing to undo.

    Raises:
        NoFolderToChangeError: If there is no folder.
        ClaudeSettingsError: If there is nothing to undo in any of them, or the settings of one
            cannot be used.
    """
    changes, reasons = [], []
    for folder in folders:
        try:
            changes.append(find(folder))
        except NothingToUndoError as reason:
            reasons.append(reason)
    if reasons and not changes:
        raise reasons[0]
    if not changes:
        raise NoFolderToChangeError
    return changes


def carry_out(changes: Iterable[SettingsChange], arguments: Arguments, words: ChangeWords) -> int:
    """Show changes, ask for confirmation, write them, and return the exit code.

    A change that cannot be written is reported, and fails the command; the others are still made.

    Raises:
        NobodyToAskError: If nobody can be asked.
    """
    changes = list(changes)
    wanted = [change for change in changes if not change.is_nothing]
    if not arguments.json:
        console = terminal.console(arguments.color, width=terminal.width())
        for change in changes:
            _show(console, change, words)
    if wanted and not _is_agreed(arguments):
        terminal.say("Nothing was changed.")
        return FAILED
    written = list(_written(wanted))
    if arguments.json:
        terminal.say_json(json_out.to_text(words.to_json(written)))
    elif written:
        for line in words.done(written):
            terminal.say(line)
    return OK if len(written) == len(wanted) else FAILED


def backup_lines(written: Iterable[Written]) -> list[str]:
    """Return where the backups are."""
    return [f"Backup: {one.backup}" for one in written if one.backup is not None]


def backups_json(written: Iterable[Written]) -> list[str]:
    """Return where the backups are, as JSON."""
    return [str(one.backup) for one in written if one.backup is not None]


def _written(wanted: Iterable[SettingsChange]) -> Iterable[Written]:
    for change in wanted:
        try:
            yield Written(change, apply_change(change, datetime.now(UTC)))
        except ClaudeSettingsError as error:
            terminal.complain(error)


def _show(console: Console, change: SettingsChange, words: ChangeWords) -> None:
    """Show a file and the changes in it."""
    from rich.text import Text

    unchanged = words.unchanged(change) if change.is_nothing else ""
    if change.is_nothing and not unchanged:
        return
    console.print(Text(shown(change.path), "bold"), overflow="fold")
    if change.is_nothing:
        console.print(unchanged)
        return
    for line in change.diff().splitlines():
        console.print(Text(shown(line), _STYLES.get(line[:1], "")), overflow="fold")
    if change.has_other_changes:
        console.print("Other changes made to the file since then are kept.")
    for warning in words.warnings(change):
        console.print(Text(warning, "yellow"))
    console.print()


def _is_agreed(arguments: Arguments) -> bool:
    """Ask for confirmation, unless it was given already.

    Raises:
        NobodyToAskError: If nobody can be asked.
    """
    if arguments.yes:
        return True
    if arguments.json or not terminal.has_keyboard():
        raise NobodyToAskError
    return terminal.ask("Save this change? [y/N]").lower() in _YES
