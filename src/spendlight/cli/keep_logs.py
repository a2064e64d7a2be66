"""Has Claude Code keep its logs longer: shows what changes in its settings, asks, and writes."""

from __future__ import annotations

import shlex
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
from spendlight.cli.profile_words import file_size
from spendlight.cli.words import counted
from spendlight.cli.world import tracker_options
from spendlight.names import shown
from spendlight.tracker.profile import (
    DEFAULT_DAYS,
    DaysOrigin,
    apply_change,
    claude_folders,
    days_after,
    days_before,
    due_after,
    keep_logs,
    retention_of,
    undo,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.profile import SettingsChange

OK = 0
FAILED = 1


def run(arguments: Arguments) -> int:
    """Change how long Claude Code keeps its logs, or undo that, and return the exit code.

    Raises:
        UsageError: If the settings cannot be changed. They are as they were.
    """
    if arguments.demo:
        raise NotInDemoError
    folders = claude_folders(tracker_options(arguments), arguments.path)
    if not folders:
        raise NoFolderToChangeError
    changes = _changes(folders, arguments.keep_logs)
    wanted = [(folder, change) for folder, change in changes if not change.is_nothing]
    if not arguments.json:
        _show(changes, arguments)
    if wanted and not is_agreed(arguments):
        terminal.say("Nothing was changed.")
        return FAILED
    backups = []
    for folder, change in wanted:
        backup = apply_change(folder, change, datetime.now(UTC))
        backups.append(backup)
        if not arguments.json:
            _tell(change, backup, arguments.path)
    if arguments.json:
        terminal.say_json(json_out.to_text(_as_json(changes, backups)))
    return OK


def _changes(folders: Iterable[Path], days: int | None) -> list[tuple[Path, SettingsChange]]:
    """Return the changes to make; folders without anything to undo are passed over."""
    if days is not None:
        return [(folder, keep_logs(folder, days)) for folder in folders]
    return all_undone(folders, undo)


def _show(changes: Sequence[tuple[Path, SettingsChange]], arguments: Arguments) -> None:
    from rich.text import Text

    console = terminal.console(arguments.color, width=terminal.width())
    for folder, change in changes:
        days = counted(days_after(change) or 0, "day")
        show_change(console, change, f"It says {days} already.")
        if change.is_nothing:
            continue
        for warning in _warnings(folder, change):
            console.print(Text(warning, "yellow"))
        console.print()


def _warnings(folder: Path, change: SettingsChange) -> list[str]:
    """Return what the user should know before saying yes."""
    told = due_earlier(folder, days_before(change), days_after(change))
    held = retention_of(folder)
    for other in held.overrides:
        whose = "An organisation's" if other.is_managed else "A project's"
        when = "always count" if other.is_managed else "count when a session there cleans up"
        told.append(
            f"{whose} settings {shown(other.path)} say {counted(other.days, 'day')}, and these "
            f"{when}."
        )
    if held.origin is DaysOrigin.MANAGED:
        told.append("So the change has no effect as long as these are there.")
    return told


def due_earlier(folder: Path, before: int | None, after: int | None) -> list[str]:
    """Return what is deleted because logs are kept for fewer days; nothing where they are not.

    Args:
        folder: Claude's data folder.
        before: For how many days they are kept now; None is Claude Code's default.
        after: For how many they would be.
    """
    days = after or DEFAULT_DAYS
    if days >= (before or DEFAULT_DAYS):
        return []
    count, size = due_after(folder, days, datetime.now(UTC))
    logs = f"{counted(count, 'log')} ({file_size(size)})"
    return [
        f"That is shorter than now. {logs} would be deleted at the next start of Claude Code.",
    ]


def _tell(change: SettingsChange, backup: Path | None, path: Path | None) -> None:
    """Say what was written, and how to go back."""
    named = "" if path is None else f" {shlex.quote(str(path))}"
    days = days_after(change)
    by = ", by its default" if days is None else ""
    terminal.say(f"Claude Code keeps its logs {counted(days or DEFAULT_DAYS, 'day')} now{by}.")
    if backup is not None:
        terminal.say(f"Backup: {backup}")
        terminal.say(f"To go back: spendlight profile --undo{named}")


def _as_json(
    changes: Sequence[tuple[Path, SettingsChange]], backups: Iterable[Path | None]
) -> Json:
    return {
        "backups": [str(backup) for backup in backups if backup is not None],
        "settings": [
            {
                "changed": not change.is_nothing,
                "daysAfter": days_after(change),
                "daysBefore": days_before(change),
                "settings": change.path,
            }
            for _, change in changes
        ],
    }
