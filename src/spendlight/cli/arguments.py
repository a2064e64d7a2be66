"""The verbs and options of the command line, as ccusage's users know them."""

from __future__ import annotations

import argparse
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from spendlight.cli.agent_arguments import (
    about_agent,
    add_options_of,
    agent_of,
    command_of,
    demand_report_of,
    has_report,
)
from spendlight.cli.configuration import Configured, configured
from spendlight.cli.dimension_arguments import BY_AGENT
from spendlight.cli.namespace import Arguments
from spendlight.cli.reports import FIRST_REPORT, REPORTS
from spendlight.cli.statusline_arguments import add_statusline
from spendlight.cli.terminal import complain
from spendlight.cli.verb_arguments import (
    add_completion,
    add_desktop,
    add_doctor,
    add_everywhere,
    add_live,
    add_prices,
    add_quit,
    add_stats,
    add_unhook,
)
from spendlight.errors import UsageError
from spendlight.names import name, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["VERBS", "Arguments", "Parser", "Verb", "parse", "parser_of"]


class Verb(StrEnum):
    """The verbs other than reports."""

    LIVE = "live"
    STATUSLINE = "statusline"
    STATS = "stats"
    WHY = "why"
    LEAKS = "leaks"
    BRANCH = "branch"
    INVOICE = "invoice"
    DOCTOR = "doctor"
    PRICES = "prices"
    TEAM = "team"
    PROFILE = "profile"
    EXPORT = "export"
    IMPORT = "import"
    UNHOOK = "unhook"
    QUIT = "quit"
    DESKTOP = "desktop"
    COMPLETION = "completion"


_CONFIGURED_VERBS = frozenset({*REPORTS, Verb.STATUSLINE})
"""The verbs that ccusage has, too, so that its configuration applies to them."""


_ABOUT_ALL = (
    "Shows what coding agents cost you, in the tray and in the terminal. Without a command, it "
    "starts the tray. Costs are estimates from list prices, not a bill."
)
_ABOUT_EACH = (
    "'spendlight claude daily', 'spendlight codex session' and so on are reports of one agent, "
    "with the same JSON as ccusage's."
)

_ONLY_TYPED = frozenset({"then", "install", "chain", "replace", "undo", "yes"})
"""Options that no configuration file can set."""

_ABOUT = frozenset({"-h", "--help", "-v", "--version", "--licenses"})
"""Options about the program and not about usage."""


class _RefusedError(Exception):
    """A configuration file has invalid options."""


class Parser(argparse.ArgumentParser):
    """A parser whose error messages are one sentence, and one on what to do.

    Attributes:
        is_strict: Whether a usage error ends the program; otherwise it raises an exception.
    """

    def __init__(self, **settings: object) -> None:
        self.is_strict = True
        super().__init__(
            argument_default=argparse.SUPPRESS,
            allow_abbrev=False,
            formatter_class=_narrow_formatter,
            **settings,  # type: ignore[arg-type]  # passed to argparse
        )

    def format_help(self) -> str:
        """Return the help, wrapped to the terminal's width."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the arguments, and exit with code 2.

        Raises:
            _RefusedError: If they are from a project's file.
        """
        if not self.is_strict:
            raise _RefusedError(message)
        self.exit(2, f"spendlight: {shown(shortened(message, 500))}. Try '{self.prog} --help'.\n")


def parse(argv: Sequence[str]) -> Arguments:
    """Parse the command line, and complete it from a configuration file.

    Raises:
        SystemExit: After --help and --version, and on usage errors.
        NoReportOfAgentError: If there is no such report of an agent.
        BadConfigurationError: If the configuration file cannot be used.
    """
    words = list(argv)
    of_agent, verb_of_agent = agent_of(words, VERBS), ""
    if of_agent:
        verb_of_agent = words.pop(0)
        if not _names_a_verb(words):
            words.insert(0, FIRST_REPORT)
        demand_report_of(of_agent, next((word for word in words if word in VERBS), FIRST_REPORT))
    verb = words[0] if words and words[0] in VERBS else None
    parser = parser_of(words, of_agent) if verb is None else _verb_parser(verb, of_agent)
    if verb is None:
        arguments = parser.parse_args(words, namespace=Arguments())
    else:
        arguments = Arguments(verb=verb, **vars(parser.parse_args(words[1:])))
    if of_agent:
        arguments.of_agent = of_agent
    if of_agent and "agent" in vars(arguments):
        parser.error(
            f"--agent cannot be combined with '{verb_of_agent}', which says whose usage it is"
        )
    if arguments.by == BY_AGENT:
        arguments.by, arguments.by_agent = None, True
    if "timezone" in vars(arguments):  # typed, so for this report only
        arguments.keeps_days = False
    if arguments.verb in _CONFIGURED_VERBS:
        before = [] if verb is not None else [arguments.verb or ""]
        _take_over(arguments, parser, before, verb_of_agent or "claude")
    return arguments


def _take_over(arguments: Arguments, parser: Parser, before: list[str], section: str) -> None:
    """Complete the arguments from a configuration file.

    Args:
        arguments: The arguments as typed.
        parser: The parser they were parsed with.
        before: The words that it expects before any option.
        section: The agent's section of the file.
    """
    said = configured(arguments.config, arguments.verb or "", section)
    known: dict[str, object] = {}
    if said.is_project:
        refused = [*said.reserved]
        for word in said.words:
            try:
                known |= _understood(parser, [*before, word])
            except (_RefusedError, UsageError):
                refused.append(word.removeprefix("--"))
        if arguments.verb != Verb.STATUSLINE:  # nobody would see it there
            _tell_of_project(said, refused)
    elif said.words:
        try:
            known = _understood(parser, [*before, *said.words])
        except _RefusedError as error:
            complain(f"This comes from the configuration file {said.path}.")
            parser.error(str(error))
    for option, value in known.items():
        if option not in vars(arguments) and option not in _ONLY_TYPED:
            setattr(arguments, option, value)


def _understood(parser: Parser, words: Sequence[str]) -> dict[str, object]:
    """Return the options in a configuration file that apply to the verb.

    Raises:
        _RefusedError: If one is invalid.
        UsageError: Likewise.
    """
    parser.is_strict = False
    try:
        return vars(parser.parse_known_args(words, namespace=Arguments())[0])
    finally:
        parser.is_strict = True


def _tell_of_project(said: Configured, refused: Sequence[str]) -> None:
    """Warn about what is ignored in a project's file."""
    if said.problem:
        complain(f"The project's {said.path} is ignored: {said.problem}.")
    if refused:
        complain(
            f"The project's {said.path} may only set how usage is shown, so these options in it "
            f"are ignored: {', '.join(map(name, refused))}. Use them on the command line, or load "
            "the file with --config."
        )


def _names_a_verb(words: Sequence[str]) -> bool:
    """Whether a verb follows that of an agent, or is meant to; the default is `daily`."""
    if not words:
        return False
    is_option = words[0].startswith("-") and words[0] not in _ABOUT
    return not is_option or not VERBS.keys().isdisjoint(words)


def _narrow_formatter(prog: str) -> argparse.HelpFormatter:
    """Make a formatter for checking options, without the slow query of the terminal's width."""
    return argparse.HelpFormatter(prog, width=80)


def _verb_parser(verb: str, of_agent: str) -> Parser:
    """Return a parser for what follows a verb, the usual case."""
    text, add_options = VERBS[verb]
    parser = Parser(
        prog=f"{command_of(of_agent)} {verb}",
        description=f"{text[0].upper()}{text[1:]}.",
        parents=[_common()],
    )
    add_options(parser)
    add_options_of(of_agent, parser)
    return parser


def parser_of(words: Sequence[str], of_agent: str = "") -> Parser:
    """Return a parser for a command line that does not begin with a verb, but of an agent may.

    Only the options of verbs that were typed are added: adding all of them takes as long as a
    short report.
    """
    everywhere = _common()
    parser = Parser(
        prog=command_of(of_agent),
        description=about_agent(of_agent) if of_agent else _ABOUT_ALL,
        epilog=None if of_agent else _ABOUT_EACH,
        parents=[everywhere],
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    for verb, (text, add_options) in VERBS.items():
        if of_agent and not has_report(of_agent, verb):
            continue
        if verb in words:
            description = f"{text[0].upper()}{text[1:]}."
            one = verbs.add_parser(verb, help=text, description=description, parents=[everywhere])
            add_options(one)
            add_options_of(of_agent, one)
        else:
            verbs.add_parser(verb, help=text, add_help=False)
    return parser


def _add_export(export: Parser) -> None:
    from spendlight.cli.export_arguments import add_export  # most verbs export nothing

    add_export(export)


def _add_import(taking_in: Parser) -> None:
    from spendlight.cli.export_arguments import add_import  # most verbs import nothing

    add_import(taking_in)


def _add_why(why: Parser) -> None:
    from spendlight.cli.why_arguments import add_why  # rarely needed

    add_why(why)


def _add_leaks(leaks: Parser) -> None:
    from spendlight.cli.leaks_arguments import add_leaks  # rarely needed

    add_leaks(leaks)


def _add_branch(branch: Parser) -> None:
    from spendlight.cli.invoice_arguments import add_branch  # rarely needed

    add_branch(branch)


def _add_invoice(invoice: Parser) -> None:
    from spendlight.cli.invoice_arguments import add_invoice  # rarely needed

    add_invoice(invoice)


def _add_team(team: Parser) -> None:
    from spendlight.cli.team_arguments import add_team  # most have no team

    add_team(team)


def _add_profile(profile: Parser) -> None:
    from spendlight.cli.profile_arguments import add_profile  # rarely needed

    add_profile(profile)


def _common() -> Parser:
    """Return the options that go before and after any verb."""
    common = Parser(add_help=False)
    add_everywhere(common)
    return common


_OTHERS: Mapping[Verb, tuple[str, Callable[[Parser], None]]] = {
    Verb.LIVE: ("the active block, updated as you work", add_live),
    Verb.STATUSLINE: ("one line for Claude Code's status line", add_statusline),
    Verb.STATS: (
        "totals, averages, peaks, and days still covered by the logs",
        add_stats,
    ),
    Verb.WHY: (
        "what cost most: by repository, branch, subagent, skill, tool and so on, on one screen",
        _add_why,
    ),
    Verb.LEAKS: ("what cost more than it could have, and how that is computed", _add_leaks),
    Verb.BRANCH: ("what a git branch cost, by model and person-day", _add_branch),
    Verb.INVOICE: (
        "an invoice for a project, a repository or a branch, to print or as CSV",
        _add_invoice,
    ),
    Verb.DOCTOR: (
        "data folders, ledger, prices and status line, and what was skipped and why",
        add_doctor,
    ),
    Verb.PRICES: ("show the price list in use, and update it if due", add_prices),
    Verb.EXPORT: ("export entries or a report, for other machines and programs", _add_export),
    Verb.IMPORT: ("import usage exported on another machine", _add_import),
    Verb.TEAM: ("usage of all machines of a team, each answer once", _add_team),
    Verb.PROFILE: (
        "what a folder contains, and which logs Claude Code will delete next",
        _add_profile,
    ),
    Verb.UNHOOK: (
        "undo everything Spendlight changed in Claude Code's settings",
        add_unhook,
    ),
    Verb.QUIT: ("quit the running tray, and wait until it has exited", add_quit),
    Verb.DESKTOP: (
        "manage the application menu entry, if installed with pip, pipx or uv",
        add_desktop,
    ),
    Verb.COMPLETION: (
        "print a script that completes commands in your shell",
        add_completion,
    ),
}
"""The verbs other than reports: the help text of each, and the function that adds its options."""

VERBS: Mapping[str, tuple[str, Callable[[Parser], None]]] = {
    **{verb: (report.text, report.add_all_options) for verb, report in REPORTS.items()},
    **{verb.value: told for verb, told in _OTHERS.items()},
}
"""All verbs, in the same form."""
