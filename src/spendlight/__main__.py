"""Starts the tray, or with a verb the command line. It chooses before it imports."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.cli.arguments import Arguments


OBJECTS_BETWEEN = 10_000
"""After so many new objects the tray looks for garbage. A report over years makes a hundred
thousand and no garbage; looking after every 700 of them took as long as making them."""


def start() -> NoReturn:
    """Run the program as the process that it is: quick to start, and quick to end.

    While modules are loaded there is no garbage to look for, and what the process holds in the end
    need not be given back piece by piece: a seventh of the time of a short report.
    """
    import atexit

    gc.disable()
    code = main()
    atexit._run_exitfuncs()  # noqa: SLF001  # there is no other way to have them run
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a program without a console has none
            stream.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    if getattr(sys, "frozen", False):  # a process that parses logs is this program, started anew
        import multiprocessing

        multiprocessing.freeze_support()
    from spendlight.cli.arguments import parse
    from spendlight.cli.main import guard

    words = sys.argv[1:] if argv is None else argv
    return guard(lambda: _start(parse(words)))


def _start(arguments: Arguments) -> int:
    from spendlight.cli.arguments import Verb
    from spendlight.cli.main import run

    if arguments.verb is not None:
        if arguments.verb == Verb.LIVE:
            gc.enable()  # it may go on all day
        return run(arguments)
    from spendlight.desktop.display import why_no_display

    reason = why_no_display(os.environ)
    if reason is None:
        return _start_tray(arguments)
    print(f"spendlight: {reason} Printing the current snapshot instead.", file=sys.stderr)  # noqa: T201  # a face
    arguments.verb = Verb.LIVE
    arguments.snapshot = True
    return run(arguments)


def _start_tray(arguments: Arguments) -> int:
    from spendlight.cli.waiting import ending_in_good_order
    from spendlight.cli.world import tracker_options
    from spendlight.desktop.plain_import import read_no_sources

    read_no_sources()
    from spendlight.desktop import app

    gc.enable()
    gc.set_threshold(OBJECTS_BETWEEN)
    options = tracker_options(arguments)
    if not arguments.demo:
        return app.main(options)
    from spendlight.tracker.demo_mode import demo_mode

    with ending_in_good_order(), demo_mode() as demo:
        return app.main(demo.options, is_demo=True, feed=demo.feed)


if __name__ == "__main__":
    start()
