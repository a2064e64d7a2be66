"""Undoes everything that Spendlight changed in Claude Code's settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from spendlight.cli import terminal
from spendlight.cli.keep_logs import due_earlier
from spendlight.cli.settings_change import FAILED, ChangeWords, carry_out, folders_to_change
from spendlight.names import shown
from spendlight.tracker.settings_changes import (
    DAYS,
    STATUS_LINE,
    ClaudeSettingsError,
    unhooking,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.settings_change import Written
    from spendlight.tracker.settings_changes import Unhooking


def run(arguments: Arguments) -> int:
    """Undo our changes in every data folder, and return the exit code.

    A folder whose settings cannot be used is named, and fails the command; the others are still
    changed.

    Raises:
        UsageError: If nobody can be asked.
    """
    found, has_failed = _found(folders_to_change(arguments))
    if not arguments.json:
        _tell_what_is_left(found, has_failed=has_failed)

    def to_json(written: Sequence[Written]) -> Json:
        return {"settings": [_as_json(one, written) for one in found]}

    words = ChangeWords(
        unchanged=lambda _: "",
        warnings=due_earlier,
        done=lambda _: ["Spendlight's changes to Claude Code's settings are undone."],
        to_json=to_json,
    )
    code = carry_out([one.change for one in found], arguments, words)
    return FAILED if has_failed else code


def _found(folders: Sequence[Path]) -> tuple[list[Unhooking], bool]:
    """Return what there is to undo, and whether some folder could not be read."""
    found, has_failed = [], False
    for folder in folders:
        try:
            found.append(unhooking(folder, os.environ))
        except ClaudeSettingsError as error:
            terminal.complain(error)
            has_failed = True
    return found, has_failed


def _tell_what_is_left(found: Sequence[Unhooking], *, has_failed: bool) -> None:
    """List status lines that run Spendlight and are kept, or report that there is nothing to do."""
    for one in found:
        if one.left:
            copy = "another copy of Spendlight"
            runs = copy if one.is_another_copy else "Spendlight as part of another command"
            terminal.complain(
                f"The status line in {shown(str(one.change.folder))} runs {runs}, so it was not "
                f"changed: {shown(one.left)}"
            )
    if not has_failed and all(one.change.is_nothing and not one.left for one in found):
        terminal.say("There is nothing to undo: Spendlight has not changed Claude Code's settings.")


def _as_json(one: Unhooking, written: Sequence[Written]) -> Json:
    line, days = one.change.value(STATUS_LINE), one.change.value(DAYS)
    told: Json = {
        "changed": any(made.change is one.change for made in written),
        "folder": str(one.change.folder),
    }
    if line is not None:
        told |= {"statusLineBefore": line.before, "statusLineAfter": line.after}
    if days is not None:
        told |= {"daysBefore": days.before, "daysAfter": days.after}
    if one.left:
        told["othersStatusLine"] = one.left
    return told
