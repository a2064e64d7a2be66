"""Starts the tray, or with a verb the command line. It chooses before it imports."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from spendlight.cli.arguments import Verb, parse
from spendlight.cli.main import guard, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.cli.arguments import Arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    if getattr(sys, "frozen", False):  # a process that parses logs is this program, started anew
        import multiprocessing

        multiprocessing.freeze_support()
    words = sys.argv[1:] if argv is None else argv
    return guard(lambda: _start(parse(words)))


def _start(arguments: Arguments) -> int:
    if arguments.verb is not None:
        return run(arguments)
    from spendlight.desktop.display import why_no_display

    reason = why_no_display(os.environ)
    if reason is None:
        return _start_tray(arguments)
    print(f"spendlight: {reason} So here is the present in words.", file=sys.stderr)  # noqa: T201  # a face
    arguments.verb = Verb.LIVE
    arguments.snapshot = True
    return run(arguments)


def _start_tray(arguments: Arguments) -> int:
    from spendlight.cli.waiting import ending_in_good_order
    from spendlight.cli.world import tracker_options
    from spendlight.desktop import app

    options = tracker_options(arguments)
    if not arguments.demo:
        return app.main(options)
    from spendlight.tracker.demo_mode import demo_mode

    with ending_in_good_order(), demo_mode() as demo:
        return app.main(demo.options, is_demo=True, feed=demo.feed)


if __name__ == "__main__":
    sys.exit(main())
