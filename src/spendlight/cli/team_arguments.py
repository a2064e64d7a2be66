"""Options of teams: what can be done with one, and what can be asked about it."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from spendlight.cli import argument_types as types
from spendlight.cli.report_arguments import add_project, add_usage
from spendlight.cli.reports import REPORTS
from spendlight.cli.verb_arguments import add_everywhere

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable


class By(StrEnum):
    """By what the rows of a report about a team are grouped."""

    MACHINE = "machine"
    PERSON = "person"


class Hideable(StrEnum):
    """The names that can be hidden from a team."""

    PROJECTS = "projects"
    BRANCHES = "branches"


NOTHING: Final = "none"
STATUS: Final = "status"
PERIODS: Final = ("daily", "weekly", "monthly")
SHARES: Final = {
    "projects": "project",
    "models": "model",
    "machines": "machine",
    "people": "person",
}
"""The reports by something other than time: the verb of each, and what its rows are."""


def hideable(text: str) -> tuple[Hideable, ...]:
    """Parse names that can be hidden, separated by commas; "none" means none."""
    if text == NOTHING:
        return ()
    return tuple(map(types.one_of(Hideable), filter(None, text.split(","))))


def add_team(parser: ArgumentParser) -> None:
    """Add what can be done with a team."""
    verbs = parser.add_subparsers(dest="team_verb", metavar="ACTION")
    for name, (text, add_options) in _VERBS.items():
        everywhere = type(parser)(add_help=False)
        add_everywhere(everywhere)
        verb = verbs.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            parents=[everywhere],
        )
        add_options(verb)


def _add_join(join: ArgumentParser) -> None:
    join.add_argument(
        "url",
        metavar="URL",
        help="a folder, or sftp://, s3://, gs:// or abfs:// with a folder; an empty one becomes a "
        "new team",
    )
    join.add_argument(
        "--as",
        dest="machine_name",
        type=types.name,
        metavar="NAME",
        help="what this machine is called in the team (its name here)",
    )
    join.add_argument(
        "--person", type=types.name, metavar="NAME", help="whose machine it is (your user name)"
    )
    join.add_argument(
        "--hide",
        type=hideable,
        metavar="projects,branches",
        help="publish keyed hashes instead of these names; the key stays on this machine. "
        "Branches: the folders of git worktrees, which are usually named after them",
    )

    join.add_argument(
        "--keep-entries",
        action=BooleanOptionalAction,
        default=None,
        help="also take the entries of the other machines into this machine's ledger, so that "
        "ordinary reports include them",
    )


def _add_publish(publish: ArgumentParser) -> None:
    publish.add_argument("-j", "--json", action="store_true", help="print JSON")


def _add_scan(scan: ArgumentParser) -> None:
    scan.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="the cluster's scheduler (tcp://host:8786)",
    )


def _add_pull(pull: ArgumentParser) -> None:
    pull.add_argument(
        "hosts",
        nargs="+",
        metavar="HOST",
        help="a host as ssh knows it: host, user@host, or a name in ~/.ssh/config",
    )


def _add_status(status: ArgumentParser) -> None:
    status.add_argument("-j", "--json", action="store_true", help="print JSON")


def _add_periods(verb: str) -> Callable[[ArgumentParser], None]:
    def add(report: ArgumentParser) -> None:
        REPORTS[verb].add_options(report)
        _add_by(report)
        _add_scheduler(report)

    return add


def _add_by(report: ArgumentParser) -> None:
    report.add_argument(
        "--by", type=types.one_of(By), metavar="machine|person", help="group by machine or person"
    )


def _add_shares(report: ArgumentParser) -> None:
    report.add_argument("-j", "--json", action="store_true", help="print JSON")
    add_usage(report)
    report.add_argument("--last", "--limit", type=types.count, metavar="N", help="the last N days")
    _add_by(report)
    add_project(report)
    report.add_argument("-b", "--breakdown", action="store_true", help="show a row for each model")
    report.add_argument(
        "--compact", action="store_true", help="show only the most important columns"
    )
    report.add_argument("--no-cost", action="store_true", help="do not show costs")
    _add_scheduler(report)


def _add_scheduler(report: ArgumentParser) -> None:
    report.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="compute everything again on the workers of a Dask cluster with this scheduler "
        "(tcp://host:8786); 'threads' or 'here' does it on this machine",
    )


_VERBS: Final[dict[str, tuple[str, Callable[[ArgumentParser], None]]]] = {
    "join": ("publish this machine's usage to a team, or create one", _add_join),
    "leave": ("stop publishing; what was published stays", lambda _: None),
    STATUS: ("the team's machines, and what is wrong", _add_status),
    "publish": ("publish what is new", _add_publish),
    "scan": ("have each host of a Dask cluster publish the usage in its own logs", _add_scan),
    "pull": ("publish the usage of machines that cannot do it themselves, over ssh", _add_pull),
    **{verb: (f"the team's {REPORTS[verb].text}", _add_periods(verb)) for verb in PERIODS},
    **{
        verb: (f"the team's usage by {of}, most expensive first", _add_shares)
        for verb, of in SHARES.items()
    },
}
"""What can be done with a team: the help text of each, and the function that adds its options."""
