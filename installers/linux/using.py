"""Uses an installed program like its user, and records the results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from checking import CHECKS
from clean_root import USER_ID
from older import OLDER
from screen import comes_true, screen

from spendlight import __version__
from spendlight.demo import DemoShape, write_logs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from checking import Protocol
    from clean_root import CleanRoot, Listing
    from screen import Screen

LOGS: Final = DemoShape(
    seed=12,
    now=datetime.now(UTC),
    days=20,
    projects=("lighthouse", "tide-tables", "kettle"),
    files=24,
    answers=700,
    target_bytes=3_000_000,
)
"""The user's logs of Claude Code, whose true number of tokens is known."""

SETTINGS: Final = "# the user's own words stay\nincognito = true\n"
_DRAWING_S: Final = 3.0
REPORTS: Final = ("daily", "weekly", "monthly", "session", "blocks")


class Installed(NamedTuple):
    """A program that is installed in a root.

    Attributes:
        root: Where it is.
        terminal: The command for the terminal.
        tray: The command for the tray.
    """

    root: CleanRoot
    terminal: Sequence[str]
    tray: Sequence[str]

    def version(self) -> str:
        """Return its version output."""
        return self.root.run(*self.terminal, "--version", check=False).strip()

    def report(self, verb: str, **environ: str) -> dict[str, Any]:
        """Return a report."""
        words = [*self.terminal, verb, "--json", "--offline"]
        text = self.root.run(*words, environ=environ)
        return dict(json.loads(text))


def give_logs(root: CleanRoot) -> int:
    """Create logs and settings for the user, and return the number of tokens in the logs."""
    written = write_logs(root.home / ".claude", LOGS)
    settings = root.home / ".config" / "spendlight" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS, encoding="utf-8")
    _own(root)
    return sum(written.tokens)


def look_at_reports(protocol: Protocol, installed: Installed, tokens: int) -> None:
    """Check whether reports count the logs, and are the same as from source."""
    for verb in ("daily", "session"):
        here = installed.report(verb)
        counted = here["totals"]["totalTokens"]
        there = _from_source(verb, installed.root.home / ".claude")
        protocol.note(
            f"{verb} counts the {tokens:,} tokens of the logs, as from source",
            holds=counted == tokens and here == there,
            instead=f"{counted:,} tokens",
        )


def look_at_logs(protocol: Protocol, installed: Installed, logs: Path, prices: Path | None) -> None:
    """Check whether all reports on some logs are the same as from source.

    Args:
        protocol: Where to record it.
        installed: The program to check.
        logs: A data folder of Claude Code; it is copied.
        prices: The price list for it.
    """
    inside = installed.root.path / "logs"
    shutil.copytree(logs, inside / "claude", symlinks=True, dirs_exist_ok=True)
    options = []
    if prices is not None:
        shutil.copy(prices, inside / "prices.json")
        options = ["--prices", "/logs/prices.json"]
    subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", inside], check=True)
    shown = ""
    for verb in REPORTS:
        words = [*installed.terminal, verb, "--json", "--offline", *options]
        environ = {"CLAUDE_CONFIG_DIR": "/logs/claude", "SPENDLIGHT_DATA_DIR": "/logs/ledger"}
        here = json.loads(installed.root.run(*words, environ=environ))
        there = _from_source(verb, inside / "claude", *_outside(options, installed.root))
        if "totals" in here:
            totals = here["totals"]
            shown = f"{totals['totalTokens']:,} tokens, ${totals['totalCost']:.6f}"
        protocol.note(f"{verb} on the given logs is as from source", holds=here == there)
    protocol.note(f"the given logs hold {shown}", holds=bool(shown))


class ShownTray(NamedTuple):
    """A tray on a screen."""

    screen: Screen
    process: subprocess.Popen[bytes]

    def program(self) -> str:
        """Return the file that it runs; a replaced one is marked as deleted."""
        return str(Path(f"/proc/{self.process.pid}/exe").readlink())

    def has_ended(self) -> bool:
        """Return whether it ends in time."""
        return comes_true(lambda: self.process.poll() is not None)


@contextmanager
def shown_tray(protocol: Protocol, installed: Installed) -> Iterator[ShownTray]:
    """Start the tray on a screen, check what can be seen, and end it."""
    with screen(CHECKS / "screens" / protocol.kind, USER_ID) as seen:
        process = subprocess.Popen(
            installed.root.command(installed.tray, environ=seen.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            protocol.note(
                "the tray puts its icon into the panel",
                holds=comes_true(seen.has_icon),
                instead=seen.windows(),
            )
            yield ShownTray(seen, process)
        finally:
            process.terminate()
            process.wait(timeout=30)


class Steps(NamedTuple):
    """How a package is upgraded and removed while its tray is running.

    Attributes:
        upgrade: Replaces the older version by this one.
        remove: Removes it, and returns the output.
        removing: The word for that.
        further: Checks what only this kind of package has, before it is removed.
    """

    upgrade: Callable[[], object]
    remove: Callable[[], str]
    removing: str
    further: Callable[[], None] = lambda: None


def look_at_an_upgrade(
    protocol: Protocol, installed: Installed, steps: Steps, arguments: argparse.Namespace
) -> str:
    """Use an older version, upgrade it under a running tray, use that, and remove it.

    Args:
        protocol: Where to record results.
        installed: The installed older version.
        steps: How it is upgraded and removed.
        arguments: The options of the check; see `checking.parser_of`.

    Returns:
        The output of removing it.
    """
    tokens = give_logs(installed.root)
    protocol.note(
        f"{OLDER} is there and reports",
        holds=installed.version() == f"spendlight {OLDER}" and bool(installed.report("daily")),
        instead=installed.version(),
    )
    with shown_tray(protocol, installed) as tray:
        said = steps.upgrade()
        protocol.note(
            f"it becomes {__version__} while the tray is running",
            holds=installed.version() == f"spendlight {__version__}",
            instead=f"{installed.version()}\n{said}",
        )
        look_at_the_successor(protocol, tray)
        look_at_reports(protocol, installed, tokens)
        look_at_what_is_kept(protocol, installed, tokens)
        look_at_the_window(protocol, installed, tray)
        if arguments.logs is not None:
            look_at_logs(protocol, installed, arguments.logs, arguments.prices)
        steps.further()
        removed = steps.remove()
        protocol.note(f"{steps.removing} ends the tray", holds=tray.has_ended())
    return removed


def look_at_what_is_left(
    protocol: Protocol, before: Listing, after: Listing, removing: str
) -> None:
    """Check whether removing leaves anything of ours outside homes."""
    left = sorted(
        path
        for path in after.files - before.files
        if "spendlight" in path or path.startswith("/opt")
    )
    protocol.note(
        f"{removing} leaves nothing outside homes", holds=not left, instead="\n".join(left)
    )


def look_at_the_successor(protocol: Protocol, tray: ShownTray) -> None:
    """Check whether a replaced tray continues as its replacement."""
    is_new = comes_true(lambda: "spendlight" in (now := tray.program()) and "deleted" not in now)
    protocol.note(
        "the tray goes on as the newer version by itself",
        holds=is_new and comes_true(tray.screen.has_icon),
        instead=tray.program(),
    )


def look_at_the_window(protocol: Protocol, installed: Installed, tray: ShownTray) -> None:
    """Check whether the window opens on request, and take a screenshot."""
    installed.root.run(*installed.tray, environ=tray.screen.environ)
    protocol.note(
        "a second start opens the window of the first",
        holds=comes_true(tray.screen.has_window),
        instead=tray.screen.windows(),
    )
    time.sleep(_DRAWING_S)  # from outside it is unknown when a window has drawn its charts
    tray.screen.photograph(CHECKS / f"{protocol.kind}.png")


def look_at_what_is_kept(protocol: Protocol, installed: Installed, tokens: int) -> None:
    """Check whether settings and ledger are unchanged, though the logs are gone.

    The tray adds to the settings what it has asked the user.
    """
    shutil.rmtree(installed.root.home / ".claude" / "projects")
    counted = installed.report("daily")["totals"]["totalTokens"]
    protocol.note(
        "the ledger still counts them when the logs are gone",
        holds=counted == tokens,
        instead=f"{counted:,} tokens",
    )
    settings = installed.root.home / ".config" / "spendlight" / "settings.toml"
    there = settings.read_text("utf-8")
    protocol.note("the settings are as they were", holds=there.startswith(SETTINGS), instead=there)


def look_at_what_stays(protocol: Protocol, root: CleanRoot, said: str) -> None:
    """Check that the user's data stays where the package says."""
    left = sorted(
        f"~/{path.relative_to(root.home)}"
        for path in root.home.rglob("*")
        if path.is_file() and "spendlight" in str(path.relative_to(root.home))
    )
    ledger = "~/.local/share/spendlight/ledger.sqlite3"
    protocol.note(
        f"the user's data stays, {len(left)} files, and where is said",
        holds=ledger in left and ".local/share/spendlight" in said and ".config/spendlight" in said,
        instead="\n".join([*left, said]),
    )


def _from_source(verb: str, logs: Path, *options: str) -> Any:  # noqa: ANN401  # any JSON
    ledger = CHECKS / "from-source"
    shutil.rmtree(ledger, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "spendlight", verb, "--json", "--offline", *options],
        env={
            **{name: value for name, value in os.environ.items() if name == "PATH"},
            "HOME": str(CHECKS), "TZ": "UTC", "LANG": "C.UTF-8",
            "CLAUDE_CONFIG_DIR": str(logs), "SPENDLIGHT_DATA_DIR": str(ledger),
        },
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def _outside(options: Sequence[str], root: CleanRoot) -> list[str]:
    return [str(root.path) + word if word.startswith("/") else word for word in options]


def _own(root: CleanRoot) -> None:
    """Make everything in the user's home belong to the user."""
    subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", root.home], check=True)
