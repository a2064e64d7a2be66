"""The page of the command line, generated from the parser."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from man_page import ENVIRONMENT, EXAMPLES, EXIT_STATUS, parsers

from spendlight.cli.verb_arguments import add_everywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

INTRODUCTION = """\
# The command line

`spendlight VERB [OPTIONS]` answers in the terminal; `spendlight` without a verb starts the tray.
`spendlight VERB --help` shows the same as this page. `man spendlight` does too, where a package
installed it.

Amounts are US dollars at list prices. Days are local days, see `--timezone`. A default stands in
parentheses at the end of an option's text. `settings.toml` can set other defaults; see
[settings.md](settings.md).

A report reads what is new in the logs before it answers. `--json` prints JSON; see
[json.md](json.md).
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "## Examples\n"
    for command, text in EXAMPLES.items():
        yield f"{text}\n\n```\n{command}\n```\n"
    everywhere = argparse.ArgumentParser(add_help=True)
    add_everywhere(everywhere)
    yield "## Options of every verb\n"
    yield "They go before or after the verb.\n"
    yield from _table(_rows(everywhere._actions), "option")  # noqa: SLF001  # argparse shows them nowhere else
    known = {name for action in everywhere._actions for name in action.option_strings}  # noqa: SLF001  # likewise
    for verb, (text, parser) in parsers().items():
        own = [action for action in parser._actions if known.isdisjoint(action.option_strings)]  # noqa: SLF001  # likewise
        yield f"## {verb}\n"
        yield f"{_escaped(text[0].upper() + text[1:])}.\n"
        if rows := list(_rows(own)):
            yield from _table(rows, "option")
        if parser.epilog:
            yield f"{_escaped(' '.join(parser.epilog.split()))}\n"
    yield "## Exit codes\n"
    yield from _table(((f"`{code}`", text) for code, text in EXIT_STATUS.items()), "code")
    yield "## Environment variables\n"
    yield from _environment(ENVIRONMENT)


def _environment(variables: Mapping[str, str]) -> Iterator[str]:
    rows = (
        (", ".join(f"`{name}`" for name in names.split(", ")), text)
        for names, text in variables.items()
    )
    yield from _table(rows, "variable")


def _rows(actions: Iterable[argparse.Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # argparse shows them nowhere else
            continue
        value = "" if action.nargs == 0 else str(action.metavar)
        names = [f"{name} {value}".rstrip() for name in action.option_strings] or [value]
        told = ", ".join("`" + name.replace("|", r"\|") + "`" for name in names)
        yield told, (action.help or "").replace("%%", "%")


def _table(rows: Iterable[tuple[str, str]], heading: str) -> Iterator[str]:
    yield f"| {heading} | meaning |\n|---|---|"
    yield from (f"| {first} | {_escaped(second)} |" for first, second in rows)
    yield ""


def _escaped(text: str) -> str:
    """Return a text with Markdown escaped."""
    for sign in "\\*_<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
