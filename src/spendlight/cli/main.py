"""Runs a command line, and turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from spendlight.cli import terminal
from spendlight.cli.arguments import Verb, parse
from spendlight.cli.output import demand_stdout, guarded
from spendlight.cli.reports import REPORTS
from spendlight.errors import BadArgumentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.world import World

OK = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
"""The exit code that shells expect of a program ended by Ctrl-C."""


_OF_USAGE = frozenset(
    {None, *REPORTS, Verb.STATS, Verb.WHY, Verb.LEAKS, Verb.BRANCH, Verb.INVOICE, Verb.EXPORT}
)
"""The verbs that need an agent that is on; others, such as ``claude doctor``, do not."""


class JsonNeedsSnapshotError(BadArgumentError):
    """JSON was requested of the live view."""

    def __init__(self) -> None:
        super().__init__(
            "The live view has no JSON", "Use 'spendlight live --snapshot --json' to print it once."
        )


def main(argv: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    return guard(lambda: run(parse(argv)))


def guard(action: Callable[[], int]) -> int:
    """Run something and return its exit code; errors are reported in words.

    While it runs, control characters in the output are escaped.
    """
    with guarded():
        try:
            code = _code_of(action)
            sys.stdout.flush()
        except UsageError as error:
            terminal.complain(error)
            return WRONG_USAGE if isinstance(error, BadArgumentError) else FAILED
        except BrokenPipeError:
            # The reader has gone. Python would complain when it flushes at the end.
            forget_stdout()
            return OK
        except KeyboardInterrupt:
            return INTERRUPTED
        return code


def _code_of(action: Callable[[], int]) -> int:
    try:
        return action()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else OK


def forget_stdout() -> None:
    """Discard the output that cannot be written."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def run(arguments: Arguments) -> int:
    """Run a command, and return the exit code.

    Raises:
        UsageError: If it fails, with a message for the user.
        BrokenPipeError: If the reader of the output has gone.
    """
    demand_stdout()
    from spendlight.cli.world import settle  # neither --help nor --version needs it

    settle(arguments)
    if arguments.agents_off and arguments.verb in _OF_USAGE:
        from spendlight.cli.agent_arguments import demand_on

        demand_on(arguments.agents, arguments.agents_off)
    runs = _RUNS.get(arguments.verb or "")
    if runs is not None:
        return runs(arguments)
    from spendlight.cli import reporting

    reporting.run(arguments)
    return OK


def _run_live(arguments: Arguments) -> int:
    if arguments.json and not arguments.snapshot:
        raise JsonNeedsSnapshotError
    if not arguments.snapshot:
        from spendlight.cli.live import LiveView, demand_terminal

        demand_terminal()
    from spendlight.cli import json_out, snapshot_words
    from spendlight.cli.world import opened

    with opened(arguments) as world:
        world.read_logs()
        snapshot = world.tracker.snapshot()
        limit_tokens = _limit_tokens(arguments, world)
        if not arguments.snapshot:
            console = terminal.console(arguments.color)
            with world.growing():
                LiveView(world, console, snapshot, limit_tokens).run()
        elif arguments.json:
            told = snapshot_words.to_json(snapshot, limit_tokens, world.zone)
            terminal.say_json(json_out.to_text(told))
        else:
            terminal.say_text(
                snapshot_words.plain(snapshot_words.facts(snapshot, limit_tokens, world.zone))
            )
            terminal.say(f"List price: {snapshot.prices.words}")
    return OK


def _limit_tokens(arguments: Arguments, world: World) -> int | None:
    """Return the limit asked for; determine the fullest past block if necessary."""
    if arguments.token_limit is None or isinstance(arguments.token_limit, int):
        return arguments.token_limit
    from spendlight.tracker.questions.blocks import Blocks
    from spendlight.tracker.questions.selection import Selection

    blocks = Blocks(Selection(world.zone), token_limit=arguments.token_limit)
    return next((row.limit_tokens for row in world.tracker.ask(blocks).rows), None)


def _run_doctor(arguments: Arguments) -> int:
    from datetime import UTC, datetime

    from spendlight.cli import doctor, json_out
    from spendlight.cli.update_words import update_state
    from spendlight.cli.world import opened

    with opened(arguments) as world:
        world.read_logs()
        verification = world.verify() if arguments.verify else None
        health = world.tracker.health()
        updates = update_state(arguments, world.options, datetime.now(UTC))
        if arguments.json:
            terminal.say_json(json_out.to_text(doctor.to_json(health, verification, updates)))
        else:
            text = doctor.to_text(health, world.zone, has_all=arguments.all, updates=updates)
            terminal.say_text(text)
            if verification is not None:
                terminal.say_text(doctor.verdict(verification))
    has_warnings = bool(health.warnings) or health.zone_doubt is not None
    is_well = not has_warnings and (verification is None or verification.is_good)
    return OK if is_well else FAILED


def _run_profile(arguments: Arguments) -> int:
    if arguments.keep_logs is None and not arguments.undo:
        from spendlight.cli import profile

        return profile.run(arguments)
    from spendlight.cli import keep_logs

    return keep_logs.run(arguments)


def _run_transfer(arguments: Arguments) -> int:
    if arguments.verb == Verb.IMPORT:
        from spendlight.cli import importing

        return OK if importing.run(arguments) else FAILED
    from spendlight.cli import export

    export.run(arguments)
    return OK


def _run_team(arguments: Arguments) -> int:
    from spendlight.cli import team

    return team.run(arguments)


def _run_statusline(arguments: Arguments) -> int:
    if arguments.install or arguments.undo:
        from spendlight.cli import statusline_setup

        return statusline_setup.run(arguments)
    from spendlight.cli import statusline

    terminal.speak_utf8()
    return statusline.run(arguments)


def _run_stats(arguments: Arguments) -> int:
    from spendlight.cli import stats

    return stats.run(arguments)


def _run_why(arguments: Arguments) -> int:
    from spendlight.cli import why

    return why.run(arguments)


def _run_leaks(arguments: Arguments) -> int:
    from spendlight.cli import leaks

    return leaks.run(arguments)


def _run_branch(arguments: Arguments) -> int:
    from spendlight.cli import branch

    return branch.run(arguments)


def _run_invoice(arguments: Arguments) -> int:
    from spendlight.cli import invoice

    return invoice.run(arguments)


def _run_prices(arguments: Arguments) -> int:
    from spendlight.cli import prices

    return prices.run(arguments)


def _run_unhook(arguments: Arguments) -> int:
    from spendlight.cli import unhook

    return unhook.run(arguments)


def _run_desktop(arguments: Arguments) -> int:
    from spendlight.cli import desktop_entry

    desktop_entry.run(arguments)
    return OK


def _run_completion(arguments: Arguments) -> int:
    from spendlight.cli.completion import script_file

    terminal.speak_utf8(newline="\n")  # bash on Windows treats a carriage return as a letter
    terminal.say_text(script_file(arguments.shell).read_text(encoding="utf-8").rstrip())
    return OK


_RUNS: Mapping[str, Callable[[Arguments], int]] = {
    Verb.STATUSLINE: _run_statusline,
    Verb.STATS: _run_stats,
    Verb.WHY: _run_why,
    Verb.LEAKS: _run_leaks,
    Verb.BRANCH: _run_branch,
    Verb.INVOICE: _run_invoice,
    Verb.DOCTOR: _run_doctor,
    Verb.PRICES: _run_prices,
    Verb.LIVE: _run_live,
    Verb.PROFILE: _run_profile,
    Verb.TEAM: _run_team,
    Verb.EXPORT: _run_transfer,
    Verb.IMPORT: _run_transfer,
    Verb.UNHOOK: _run_unhook,
    Verb.DESKTOP: _run_desktop,
    Verb.COMPLETION: _run_completion,
}
"""The functions of the verbs other than reports."""
