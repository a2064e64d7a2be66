"""Takes back all that Spendlight changed in Claude Code's settings: shows it, asks, and writes."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal
from spendlight.cli.consent import NotInDemoError, is_agreed, show_change
from spendlight.cli.keep_logs import due_earlier
from spendlight.cli.world import tracker_options
from spendlight.names import shown
from spendlight.tracker.plan_setup import ClaudeSettingsError, claude_folders
from spendlight.tracker.unhooking import (
    DAYS,
    STATUS_LINE,
    apply_unhooking,
    unhooking,
    whole_days,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.unhooking import Unhooking

OK = 0
FAILED = 1


def run(arguments: Arguments) -> int:
    """Take our changes back in every data folder, and return the exit code.

    A folder whose settings cannot be used is named, and fails the command; the others are dealt
    with all the same.

    Raises:
        UsageError: If nobody can be asked.
    """
    if arguments.demo:
        raise NotInDemoError
    folders = claude_folders(tracker_options(arguments))
    found, has_failed = _found(folders)
    wanted = [one for one in found if one.steps]
    if not arguments.json:
        _show(found, arguments)
        if not wanted and not has_failed and not any(one.others for one in found):
            terminal.say("Spendlight has changed nothing in Claude Code's settings.")
    if wanted and not is_agreed(arguments):
        terminal.say("Nothing was changed.")
        return FAILED
    done = [one for one in wanted if _is_done(one)]
    if arguments.json:
        terminal.say_json(json_out.to_text({"settings": [_as_json(one, done) for one in found]}))
    elif done:
        terminal.say("Claude Code's settings are as they would be without Spendlight.")
    return FAILED if has_failed or len(done) < len(wanted) else OK


def _found(folders: Sequence[Path]) -> tuple[list[Unhooking], bool]:
    """Return what there is to take back, and whether some folder could not be looked at."""
    found, has_failed = [], False
    for folder in folders:
        try:
            found.append(unhooking(folder, os.environ))
        except ClaudeSettingsError as error:
            terminal.complain(error)
            has_failed = True
    return found, has_failed


def _is_done(wanted: Unhooking) -> bool:
    try:
        apply_unhooking(wanted, datetime.now(UTC))
    except ClaudeSettingsError as error:
        terminal.complain(error)
        return False
    return True


def _show(found: Sequence[Unhooking], arguments: Arguments) -> None:
    from rich.text import Text

    console = terminal.console(arguments.color, width=terminal.width())
    for one in found:
        if one.others:
            terminal.complain(
                f"The status line in {shown(str(one.folder))} runs another copy of Spendlight, so "
                f"it is left: {shown(one.others)}"
            )
        if one.change is not None:
            show_change(console, one.change, "")
        for warning in _warnings(one):
            console.print(Text(warning, "yellow"))


def _warnings(one: Unhooking) -> list[str]:
    """Return what the user should know before logs are kept for fewer days."""
    days = one.values(DAYS)
    if days is None:
        return []
    return due_earlier(one.folder, whole_days(days[0]), whole_days(days[1]))


def _as_json(one: Unhooking, done: Sequence[Unhooking]) -> Json:
    line, days = one.values(STATUS_LINE), one.values(DAYS)
    told: Json = {"changed": one in done, "folder": str(one.folder)}
    if line is not None:
        told |= {"statusLineBefore": line[0], "statusLineAfter": line[1]}
    if days is not None:
        told |= {"daysBefore": days[0], "daysAfter": days[1]}
    if one.others:
        told["othersStatusLine"] = one.others
    return told
