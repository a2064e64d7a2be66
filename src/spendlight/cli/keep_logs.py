"""Changes how long Claude Code keeps its logs, and undoes that."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.cli.profile_words import file_size
from spendlight.cli.settings_change import (
    ChangeWords,
    backup_lines,
    backups_json,
    carry_out,
    each_changed,
    folders_to_change,
)
from spendlight.cli.words import counted
from spendlight.names import shown
from spendlight.tracker.profile import DEFAULT_DAYS, DaysOrigin, due_after, retention_of
from spendlight.tracker.settings_changes import (
    days_after,
    days_before,
    keep_logs,
    keep_logs_undone,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.settings_change import Written
    from spendlight.tracker.settings_changes import SettingsChange


def run(arguments: Arguments) -> int:
    """Change how long Claude Code keeps its logs, or undo that, and return the exit code.

    Raises:
        UsageError: If the settings cannot be changed. They are then unchanged.
    """
    days = arguments.keep_logs

    def find(folder: Path) -> SettingsChange:
        return keep_logs_undone(folder) if days is None else keep_logs(folder, days)

    changes = each_changed(folders_to_change(arguments, arguments.path), find)

    def to_json(written: Sequence[Written]) -> Json:
        settings = [
            {
                "changed": any(one.change is change for one in written),
                "daysAfter": days_after(change),
                "daysBefore": days_before(change),
                "settings": change.path,
            }
            for change in changes
        ]
        return {"backups": backups_json(written), "settings": settings}

    words = ChangeWords(
        unchanged=lambda change: f"It is already set to {counted(days_after(change) or 0, 'day')}.",
        warnings=_warnings,
        done=lambda written: _done(written, arguments.path),
        to_json=to_json,
    )
    return carry_out(changes, arguments, words)


def _warnings(change: SettingsChange) -> list[str]:
    """Return what the user should know before agreeing."""
    told = due_earlier(change)
    held = retention_of(change.folder)
    for other in held.overrides:
        whose = "An organisation's" if other.is_managed else "A project's"
        when = "always apply" if other.is_managed else "apply when a session there cleans up"
        told.append(
            f"{whose} settings {shown(other.path)} set {counted(other.days, 'day')}, and these "
            f"{when}."
        )
    if held.origin is DaysOrigin.MANAGED:
        told.append("So this change has no effect while they exist.")
    return told


def due_earlier(change: SettingsChange) -> list[str]:
    """Return what is deleted because logs are kept for fewer days; empty if they are not."""
    days = days_after(change) or DEFAULT_DAYS
    if days >= (days_before(change) or DEFAULT_DAYS):
        return []
    count, size = due_after(change.folder, days, datetime.now(UTC))
    logs = f"{counted(count, 'log')} ({file_size(size)})"
    return [
        f"This is shorter than now: {logs} would be deleted when Claude Code starts next.",
    ]


def _done(written: Sequence[Written], path: Path | None) -> Iterator[str]:
    """Yield what was written, and how to undo it."""
    for one in written:
        days = days_after(one.change)
        by = ", the default" if days is None else ""
        yield f"Claude Code now keeps its logs for {counted(days or DEFAULT_DAYS, 'day')}{by}."
        yield from backup_lines([one])
    if any(one.backup is not None for one in written):
        named = "" if path is None else f" {shlex.quote(str(path))}"
        yield f"To go back: spendlight profile --undo{named}"
