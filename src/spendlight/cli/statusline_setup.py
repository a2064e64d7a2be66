"""Makes Spendlight Claude Code's status line, and undoes that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from spendlight.cli.settings_change import (
    ChangeWords,
    backup_lines,
    backups_json,
    carry_out,
    each_changed,
    folders_to_change,
)
from spendlight.tracker.plan_setup import statusline_command
from spendlight.tracker.settings_changes import STATUS_LINE, install, statusline_undone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.settings_change import Written
    from spendlight.tracker.settings_changes import SettingsChange


def run(arguments: Arguments) -> int:
    """Set up the status line, or undo that, and return the exit code.

    Raises:
        UsageError: If the settings cannot be changed. They are then unchanged.
    """
    command = statusline_command(os.environ, arguments.data_dir)

    def find(folder: Path) -> SettingsChange:
        if arguments.undo:
            return statusline_undone(folder)
        return install(folder, command, is_chained=arguments.chain, is_replaced=arguments.replace)

    changes = each_changed(folders_to_change(arguments), find)

    def done(written: Sequence[Written]) -> Iterator[str]:
        if arguments.undo:
            yield "The previous status line is restored."
            return
        yield "Claude Code will show Spendlight's status line from its next answer on."
        yield from backup_lines(written)
        yield "To go back: spendlight statusline --undo"

    def to_json(written: Sequence[Written]) -> Json:
        settings = []
        for change in changes:
            value = change.value(STATUS_LINE)
            settings.append(
                {
                    "changed": any(one.change is change for one in written),
                    "settings": change.path,
                    "statusLine": None if value is None else value.after,
                }
            )
        return {"backups": backups_json(written), "settings": settings}

    words = ChangeWords(
        unchanged=lambda _: "Spendlight is already the status line there.",
        warnings=lambda _: (),
        done=done,
        to_json=to_json,
    )
    return carry_out(changes, arguments, words)
