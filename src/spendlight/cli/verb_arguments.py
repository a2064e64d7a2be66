"""Options of all verbs, and of the verbs that have few of their own."""

from __future__ import annotations

from argparse import Action
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from spendlight import __version__
from spendlight.cli.report_arguments import add_agents, add_project, add_token_limit, add_usage

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

DESKTOP_STATUS: Final = "status"
DESKTOP_ACTIONS: Final = ("install", "uninstall", DESKTOP_STATUS)

SHELLS: Final = ("bash", "zsh", "fish", "powershell")
"""The shells for which there is completion."""

COMPLETION_ADVICE: Final = (
    "Bash: add 'source <(spendlight completion bash)' to ~/.bashrc. Zsh: add 'source "
    "<(spendlight completion zsh)' to ~/.zshrc, after compinit. Fish: run 'spendlight completion "
    "fish > ~/.config/fish/completions/spendlight.fish'. PowerShell: add 'spendlight completion "
    "powershell | Out-String | Invoke-Expression' to your $PROFILE."
)
"""How to use the script in each shell."""


class _TellLicences(Action):
    """Prints the licences, and exits."""

    def __call__(
        self,
        parser: ArgumentParser,
        _namespace: Namespace,
        _values: object,
        _option: str | None = None,
    ) -> NoReturn:
        """Print the licences, and exit.

        Raises:
            SystemExit: Always.
        """
        from spendlight.cli import licences  # rarely needed

        licences.tell()
        parser.exit()


def add_everywhere(parser: ArgumentParser) -> None:
    """Add the options that may precede or follow any verb."""
    group = parser.add_argument_group("everywhere")
    group.add_argument("--demo", action="store_true", help="use made-up logs instead of yours")
    group.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="the folder of the usage ledger"
    )
    group.add_argument(
        "--prices",
        type=Path,
        metavar="FILE",
        help="a price list in LiteLLM's format; its prices take precedence",
    )
    group.add_argument(
        "--config", type=Path, metavar="FILE", help="a configuration file in ccusage's format"
    )
    group.add_argument(
        "-O",
        "--offline",
        action="store_true",
        help="never go online, neither for newer prices nor for updates",
    )
    group.add_argument(
        "--no-offline",
        action="store_false",
        dest="offline",
        help="check for a newer price list",
    )
    group.add_argument(
        "--exclude-vms", action="store_true", help="leave out virtual machines under 'vms'"
    )
    group.add_argument(
        "--color", action="store_true", help="use colour even if the output is not a terminal"
    )
    group.add_argument("--no-color", action="store_false", dest="color", help="do not use colour")
    group.add_argument("--single-thread", action="store_true", help="use one thread only")
    group.add_argument(
        "-d",
        "--debug",
        action="store_true",
        help="print details on stderr, including those of unexpected errors",
    )
    group.add_argument(
        "-v",
        "--version",
        action="version",
        version=f"spendlight {__version__}",
        help="print the version",
    )
    group.add_argument(
        "--licenses",
        action=_TellLicences,
        nargs=0,
        help="print the licences of the program and of bundled software",
    )


def add_live(live: ArgumentParser) -> None:
    """Add the options of the live view."""
    live.add_argument("--snapshot", action="store_true", help="print the block once and exit")
    live.add_argument("-j", "--json", action="store_true", help="print JSON; needs --snapshot")
    add_token_limit(live)


def add_stats(stats: ArgumentParser) -> None:
    """Add the options of totals and averages."""
    stats.add_argument("-j", "--json", action="store_true", help="print JSON")
    add_usage(stats)
    add_agents(stats)
    add_project(stats)


def add_doctor(doctor: ArgumentParser) -> None:
    """Add the options of `doctor`."""
    doctor.add_argument("-j", "--json", action="store_true", help="print JSON")
    doctor.add_argument("--all", action="store_true", help="list every skipped line")
    doctor.add_argument(
        "--verify", action="store_true", help="read all logs again and compare the ledger with them"
    )


def add_prices(prices: ArgumentParser) -> None:
    """Add the options of `prices`."""
    prices.add_argument(
        "--history", metavar="MODEL", help="show what a model has cost, from which day on"
    )
    prices.add_argument("-j", "--json", action="store_true", help="print JSON")


def add_unhook(unhook: ArgumentParser) -> None:
    """Add the options of `unhook`."""
    unhook.add_argument("-y", "--yes", action="store_true", help="do not ask for confirmation")
    unhook.add_argument("-j", "--json", action="store_true", help="print JSON; needs --yes")


def add_quit(ending: ArgumentParser) -> None:
    """Add the options of `quit`."""
    ending.add_argument(
        "--all",
        action="store_true",
        help="quit all your trays, including demos and those of other data folders",
    )


def add_desktop(desktop: ArgumentParser) -> None:
    """Add the actions on the menu entry."""
    desktop.add_argument(
        "action",
        nargs="?",
        choices=DESKTOP_ACTIONS,
        default=DESKTOP_STATUS,
        metavar="ACTION",
        help="install: add a menu entry and its icon; uninstall: remove them; status: show what "
        "is installed, and whether it starts this program (status)",
    )
    desktop.add_argument(
        "--autostart", action="store_true", help="with install: also start at login"
    )
    desktop.add_argument("-j", "--json", action="store_true", help="print JSON")


def add_completion(completion: ArgumentParser) -> None:
    """Add the shell, with instructions for each."""
    completion.epilog = COMPLETION_ADVICE
    completion.add_argument(
        "shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}"
    )
