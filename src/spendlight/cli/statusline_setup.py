"""Makes Spendlight Claude Code's status line: shows what changes, asks, and writes; and back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal
from spendlight.cli.consent import (
    NoFolderToChangeError,
    NotInDemoError,
    all_undone,
    is_agreed,
    show_change,
)
from spendlight.cli.world import tracker_options
from spendlight.tracker.plan_setup import (
    apply_change,
    claude_folders,
    install,
    statusline_command,
    undo_statusline,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.plan_setup import SettingsChange

OK = 0
FAILED = 1


def run(arguments: Arguments) -> int:
    """Set the status line up, or undo that, and return the exit code.

    Raises:
        UsageError: If the settings cannot be changed. They are as they were.
    """
    if arguments.demo:
        raise NotInDemoError
    folders = claude_folders(tracker_options(arguments))
    if not folders:
        raise NoFolderToChangeError
    changes = _changes(folders, arguments)
    wanted = [(folder, change) for folder, change in changes if not change.is_nothing]
    if not arguments.json:
        console = terminal.console(arguments.color, width=terminal.width())
        for _, change in changes:
            show_change(console, change, "Spendlight is the status line there already.")
    if wanted and not is_agreed(arguments):
        terminal.say("Nothing was changed.")
        return FAILED
    backups = [apply_change(folder, change, datetime.now(UTC)) for folder, change in wanted]
    if arguments.json:
        terminal.say_json(json_out.to_text(_as_json(changes, backups)))
    elif wanted:
        _tell(backups, is_undone=arguments.undo)
    return OK


def _changes(
    folders: Iterable[Path], arguments: Arguments
) -> Sequence[tuple[Path, SettingsChange]]:
    """Return the changes to make; folders without anything to undo are passed over."""
    if not arguments.undo:
        command = statusline_command(os.environ, arguments.data_dir)
        return [
            (
                folder,
                install(folder, command, is_chained=arguments.chain, is_replaced=arguments.replace),
            )
            for folder in folders
        ]
    return all_undone(folders, undo_statusline)


def _tell(backups: Iterable[Path | None], *, is_undone: bool) -> None:
    """Say what was written, and how to go back."""
    if is_undone:
        terminal.say("The status line is as it was before.")
        return
    terminal.say("Claude Code runs Spendlight's status line from its next answer on.")
    for backup in backups:
        if backup is not None:
            terminal.say(f"Backup: {backup}")
    terminal.say("To go back: spendlight statusline --undo")


def _as_json(
    changes: Iterable[tuple[Path, SettingsChange]], backups: Iterable[Path | None]
) -> Json:
    return {
        "backups": [str(backup) for backup in backups if backup is not None],
        "settings": [
            {
                "changed": not change.is_nothing,
                "settings": change.path,
                "statusLine": change.value_after,
            }
            for _, change in changes
        ],
    }
