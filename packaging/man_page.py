"""The manual page: verbs and options from the parser, and additional sections.

It is in mdoc, which both man and mandoc read. argparse-manpage, which makes a page from a parser,
loses lines that begin with an apostrophe, and repeats common options for each verb.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from typing import TYPE_CHECKING

from spendlight import __version__
from spendlight.cli.arguments import VERBS, parser_of
from spendlight.cli.verb_arguments import add_everywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

WIDTH = 78
"""Longer lines are bad style in mdoc."""

DESCRIPTION = """\
Claude Code writes every exchange with the model into logs and deletes them after thirty days.
Spendlight reads them as they grow, keeps what they say for ever in a ledger, and answers: what does
this five-hour block cost, how fast does it burn, what did the day, the project, the model cost.
Tokens are exact. Money is the list price of the tokens, not a bill.

Without a verb it starts the tray; without a display it prints the current snapshot instead.
spendlight-tray is the same program, on Windows without a console.

With --help after a verb it tells of that verb alone."""

ENVIRONMENT = {
    "CLAUDE_CONFIG_DIR": "Claude Code's data folders, separated by commas. Without it these are "
    "~/.config/claude and ~/.claude.",
    "SPENDLIGHT_DATA_DIR": "One folder for the ledger, the settings and the cache, in place of the "
    "system's own for each. --data-dir wins.",
    "SPENDLIGHT_MACHINE": "What this machine is called in what it exports.",
    "SPENDLIGHT_DEBUG": "Where it is not 0, unforeseen errors are printed with their details, as "
    "with --debug.",
    "SPENDLIGHT_READER": "Where it is python, logs are read in Python, even if there is the faster "
    "native reader.",
    "NO_COLOR": "Where it is set, nothing is coloured.",
    "FORCE_COLOR": "Where it is set and not 0, output is coloured even if it is no terminal.",
    "COLUMNS": "How wide tables may be.",
    "TZ": "The time zone in which days begin, where none is chosen.",
    "XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME": "Move the folders that are "
    "named below.",
    "XDG_BIN_HOME, PIPX_BIN_DIR, UV_TOOL_BIN_DIR": "Where, beside ~/.local/bin and PATH, the link "
    "to the program is looked for that the menu and the login start.",
}

FILES = {
    "~/.claude/projects, ~/.config/claude/projects": "Claude Code's logs. They are only ever read.",
    "~/.local/share/spendlight/ledger.sqlite3": "The ledger. What it holds of deleted logs exists "
    "nowhere else. It is backed up daily, beside it.",
    "~/.local/share/spendlight/team.json": "The membership in a team. What was taken in of the "
    "team's files is in team.duckdb beside it.",
    "~/.local/share/spendlight/plan": "What Claude Code told its status line of the plan's limits.",
    "~/.config/spendlight/settings.toml": "The settings. They may be edited.",
    "~/.cache/spendlight": "The price list that was fetched last, and the last unforeseen error.",
    "~/.local/state/spendlight": "A temporary ledger, while the real one cannot be used.",
    "~/.config/autostart/spendlight.desktop": "Starts the tray at login, where that was chosen.",
    "~/.local/share/applications/spendlight.desktop": "The entry in the menu, where spendlight "
    "desktop install was asked for one.",
    ".ccusage/ccusage.json": "May say, in a project's folder, how usage is shown there.",
}

EXIT_STATUS = {
    "0": "What was asked for is done.",
    "1": "It failed, or the doctor has found something wrong.",
    "2": "It was asked wrongly.",
    "130": "Ctrl-C ended it.",
}

EXAMPLES = {
    "spendlight": "Start the tray.",
    "spendlight daily --since 2026-03-01 --breakdown": "Usage by day and model from then on.",
    "spendlight blocks --active --json": "The active block, for a script.",
    "spendlight statusline --install": "Become Claude Code's status line, after a question.",
    "spendlight invoice --month 2026-11 --repo engine --html invoice.html": "An invoice to print.",
    "spendlight why --last 7d": "What cost most in the last seven days: branches, tools and so on.",
    "spendlight daily --by branch": "Usage by day and git branch.",
    "spendlight leaks --last 7d": "What cost more than it could have, in the last seven days.",
    "spendlight branch fix/clock": "What a git branch cost.",
    "spendlight team join ~/Sync/spendlight": "Add this machine's usage up with that of others.",
    "spendlight --demo daily": "Any of it on made-up logs.",
}

_MINUS = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
"""An option within a sentence, which must have real hyphens so that it can be copied."""


def man_page(day: date) -> str:
    """Return the manual page.

    Args:
        day: The day of the build.
    """
    return "\n".join([*_head(day), *_verbs(), *_rest()]) + "\n"


def tray_page() -> str:
    """Return the page of ``spendlight-tray``, which refers to the same page."""
    return ".so man1/spendlight.1\n"


def _head(day: date) -> Iterator[str]:
    yield f".Dd {day:%B} {day.day}, {day.year}"
    yield ".Dt SPENDLIGHT 1"
    yield f".Os Spendlight {__version__}"
    yield from (".Sh NAME", ".Nm spendlight ,", ".Nm spendlight-tray")
    yield ".Nd what coding agents cost you, in the tray and in the terminal"
    yield from (".Sh SYNOPSIS", ".Nm spendlight", ".Op Ar options")
    yield from (".Nm spendlight", ".Ar verb", ".Op Ar options", ".Nm spendlight-tray")
    yield ".Sh DESCRIPTION"
    for number, paragraph in enumerate(DESCRIPTION.split("\n\n")):
        if number:
            yield ".Pp"
        yield from _prose(paragraph)
    yield ".Pp"
    yield from _prose("These options go before or after any verb:")
    everywhere = argparse.ArgumentParser(add_help=True)
    add_everywhere(everywhere)
    yield from _options(everywhere._actions)  # noqa: SLF001  # argparse shows them nowhere else


def _verbs() -> Iterator[str]:
    """Yield each verb with its own options."""
    yield ".Sh VERBS"
    everywhere = argparse.ArgumentParser()
    add_everywhere(everywhere)
    known = {name for action in everywhere._actions for name in action.option_strings}  # noqa: SLF001  # likewise
    for verb, (text, parser) in parsers().items():
        own = [
            action
            for action in parser._actions  # noqa: SLF001  # likewise
            if known.isdisjoint(action.option_strings)
            and action.help != argparse.SUPPRESS
            and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001  # likewise
        ]
        yield f".Ss {_escaped(verb)}"
        yield from _prose(f"{text[0].upper()}{text[1:]}.")
        if own:
            yield from _options(own)
        if parser.epilog:
            yield ".Pp"
            yield from _prose(parser.epilog)


def parsers() -> Mapping[str, tuple[str, argparse.ArgumentParser]]:
    """Return the help of each verb, and its parser; after a verb, those of its own verbs."""
    return dict(_parsers_in(parser_of(list(VERBS)), ""))


def _parsers_in(
    parser: argparse.ArgumentParser, before: str
) -> Iterator[tuple[str, tuple[str, argparse.ArgumentParser]]]:
    for action in parser._actions:  # noqa: SLF001  # likewise
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # likewise
            said = {one.dest: one.help or "" for one in action._get_subactions()}  # noqa: SLF001  # likewise
            for verb, made in action.choices.items():
                yield f"{before}{verb}", (said[verb], made)
                yield from _parsers_in(made, f"{before}{verb} ")


def _options(actions: Iterable[argparse.Action]) -> Iterator[str]:
    """Yield a list of options and arguments."""
    yield ".Bl -tag -width Ds"
    for action in actions:
        if action.help == argparse.SUPPRESS:
            continue
        value = "" if action.nargs == 0 else f" Ar \\&{_escaped(str(action.metavar))}"
        if action.option_strings:
            names = (f"Fl {_escaped(name[1:])}" for name in action.option_strings)
            yield f".It {' , '.join(names)}{value}"
        else:
            yield f".It{value}"
        yield from _prose((action.help or "").replace("%%", "%"))
    yield ".El"


def _rest() -> Iterator[str]:
    yield from _table("ENVIRONMENT", ENVIRONMENT, "Ev")
    yield from _table("FILES", FILES, "Pa")
    yield from _table("EXIT STATUS", EXIT_STATUS, "No")
    yield ".Sh EXAMPLES"
    yield ".Bl -tag -width Ds"
    for command, text in EXAMPLES.items():
        yield f".It Li {_escaped(command)}"
        yield from _prose(text)
    yield ".El"


def _table(heading: str, rows: Mapping[str, str], macro: str) -> Iterator[str]:
    yield f".Sh {heading}"
    yield ".Bl -tag -width Ds"
    for name, text in rows.items():
        yield f".It {' , '.join(f'{macro} {_escaped(part)}' for part in name.split(', '))}"
        yield from _prose(text)
    yield ".El"


def _prose(text: str) -> Iterator[str]:
    """Yield a text with at most one sentence per line, as mdoc requires."""
    for sentence in re.split(r"(?<=[.:])\s+(?=[A-Z])", " ".join(text.split())):
        for line in textwrap.wrap(
            sentence, WIDTH - 10, break_long_words=False, break_on_hyphens=False
        ):
            yield _escaped(line)


def _escaped(text: str) -> str:
    """Return a text with mdoc commands escaped."""
    text = text.replace("\\", "\\e")
    text = _MINUS.sub(lambda found: found[0].replace("-", "\\-"), text)
    text = "".join(letter if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in text)
    return f"\\&{text}" if text.startswith((".", "'")) else text
