"""Starts the tray or, with a verb, the command line. It decides before it imports either.

Until something runs that Ctrl-C must not interrupt, the system handles it: the process ends at once
and silently. So this module imports almost nothing, and calls `start` early.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the public module takes a millisecond
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from spendlight.cli.arguments import Arguments

OBJECTS_BETWEEN = 10_000
"""The tray collects garbage after this many new objects. A report over years creates a hundred
thousand and no garbage; collecting after every 700 took as long as creating them."""

HANDOVER_S = 0.0002
"""How soon a thread that computes in Python lets another one go on. Threads that read logs return
from native code for a moment each time, and with Python's 5 ms they wait for that moment while a
processor is idle: a first scan of 2.85 GB took 7 % longer."""

_FAILED = 1


def start() -> NoReturn:
    """Run the program as the main process, with a fast start and a fast end.

    Loading modules creates no garbage, and at the end the process need not free its objects one by
    one: together a seventh of the time of a short report.
    """
    if all(word.startswith("-") for word in sys.argv[1:]):
        _let_signals_quit()  # no verb means the tray
    _leave_interrupts_to_the_system()
    import atexit
    import gc

    gc.disable()
    sys.setswitchinterval(HANDOVER_S)
    _fill_gaps()
    try:
        code = main()
    except Exception as error:  # noqa: BLE001  # a user is never shown a traceback
        from spendlight.cli.last_resort import tell

        code = tell(error, sys.argv[1:])
    except KeyboardInterrupt:  # a second one, while the first is handled
        code = 130
    _leave_interrupts_to_the_system()
    atexit._run_exitfuncs()  # noqa: SLF001  # no public function runs them
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a program without a console has none
            try:
                stream.flush()
            except (OSError, ValueError):  # reported already, if possible
                code = code or _FAILED
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["__look-for-updates"]:  # started by the tray, see `updates`
        from spendlight.updates.looking import look_here

        return look_here(words[1:])
    from spendlight.cli.arguments import parse
    from spendlight.cli.main import guard

    if words[:1] == ["__complete"]:  # a shell asks what may follow, see `cli.completing`
        return guard(lambda: _complete(words[1:]))
    return guard(lambda: _start(parse(words)))


def _complete(words: Sequence[str]) -> int:
    from spendlight.cli.completing import answer
    from spendlight.cli.terminal import say_escaped, speak_utf8

    speak_utf8(newline="\n")  # bash on Windows treats a carriage return as a letter
    say_escaped(answer(words))
    return 0


def _start(arguments: Arguments) -> int:
    from spendlight.cli.arguments import Verb
    from spendlight.cli.main import run

    if arguments.verb == Verb.QUIT:
        return _end_tray(arguments)
    if arguments.verb is not None:
        if arguments.verb == Verb.LIVE:
            import gc

            gc.enable()  # it may run all day
        _take_interrupts()
        return run(arguments)
    from spendlight.desktop.display import why_no_display
    from spendlight.desktop.leaving import handled, leave_at_once

    with handled(leave_at_once):
        reason = why_no_display(os.environ)
        if reason is None:
            return _start_tray(arguments)
    from spendlight.cli.terminal import complain

    complain(f"{reason} Printing the current snapshot instead.")
    arguments.verb = Verb.LIVE
    arguments.snapshot = True
    _take_interrupts()
    return run(arguments)


def _start_tray(arguments: Arguments) -> int:
    import gc

    from spendlight.cli.world import tracker_options
    from spendlight.desktop.plain_import import read_no_sources

    read_no_sources()
    from spendlight.desktop import app

    gc.enable()
    gc.set_threshold(OBJECTS_BETWEEN)
    options = tracker_options(arguments)
    if not arguments.demo:
        return app.main(options)
    from spendlight.desktop.leaving import handled, unwind
    from spendlight.tracker.demo_mode import demo_mode

    with handled(unwind), demo_mode() as demo:
        return app.main(demo.options, is_demo=True, feed=demo.feed)


def _end_tray(arguments: Arguments) -> int:
    from spendlight import paths
    from spendlight.cli.terminal import say
    from spendlight.desktop.single_instance import (
        end_instances,
        instance_folder,
        instance_key,
        instance_name,
    )

    ledger_folder = arguments.data_dir or paths.data_dir(os.environ)
    key = instance_key(ledger_folder, is_demo=arguments.demo)
    name = None if arguments.all else instance_name(key)
    ended = end_instances(instance_folder(os.environ), name)
    say("Spendlight has quit." if ended else "Spendlight is not running.")
    return 0


def _leave_interrupts_to_the_system() -> None:
    """Let Ctrl-C end the process silently, unless the parent process has it ignored."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def _let_signals_quit() -> None:
    """Let signals that end the process quit it cleanly, even before there is a tray."""
    for number in (_signal.SIGINT, _signal.SIGTERM):
        if _signal.getsignal(number) in (_signal.SIG_DFL, _signal.default_int_handler):
            _signal.signal(number, _quit)


def _quit(_number: int, _frame: object) -> None:
    os._exit(0)


def _take_interrupts() -> None:
    """Let Ctrl-C raise an exception again, so that what was started is cleaned up."""
    if _signal.getsignal(_signal.SIGINT) in (_signal.SIG_DFL, _quit):
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    if _signal.getsignal(_signal.SIGTERM) is _quit:
        _signal.signal(_signal.SIGTERM, _signal.SIG_DFL)


def _fill_gaps() -> None:
    """Open the null device for closed streams, or files would get their descriptors."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    start()
