"""Options from a configuration file, in ccusage's format; the command line takes precedence.

A file that was named may set every option. The one in the working directory may be anybody's, as
whoever enters a repository runs a status line there: it may only set how usage is shown. Where data
is, which prices count and what is sent is decided by the command line, the environment and the
user's own settings.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.errors import BadArgumentError
from spendlight.regular_files import read_regular
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOCAL_FILE = Path(".ccusage/ccusage.json")
"""The file that ccusage reads in the working directory if none is named."""

MOST_BYTES: Final = 1 << 20
"""A larger file is not a configuration."""

_HUMP = r"(?<=[a-z])(?=[A-Z])"

_PRESENTATION: Final = frozenset(
    {
        "active",
        "agent",
        "agent-type",
        "branch",
        "breakdown",
        "by",
        "by-agent",
        "by-machine",
        "cache",
        "claude-version",
        "color",
        "compact",
        "context-low-threshold",
        "context-medium-threshold",
        "debug",
        "debug-samples",
        "effort",
        "entrypoint",
        "folder",
        "id",
        "instances",
        "json",
        "last",
        "limit",
        "mcp",
        "no-cache",
        "no-color",
        "no-cost",
        "order",
        "plugin",
        "project",
        "project-aliases",
        "recent",
        "refresh-interval",
        "repo",
        "sections",
        "session-length",
        "since",
        "single-thread",
        "skill",
        "start-of-week",
        "tier",
        "timezone",
        "token-limit",
        "tool",
        "until",
        "visual-burn-rate",
    }
)
"""What a project's file may set: which usage is shown, and how."""

_RESERVED: Final = frozenset(
    {
        "config",
        "cost-source",
        "data-dir",
        "demo",
        "exclude-vms",
        "machine",
        "mode",
        "no-offline",
        "offline",
        "prices",
        "pricing-overrides",
    }
)
"""What it may not set, with the name for the user's warning. Other names are unknown to us."""

_NOTHING_SAID: Final = {"cost-source": "auto", "mode": "auto"}
"""Values without effect, which ccusage's own example contains."""


class Configured(NamedTuple):
    """The options in a configuration file.

    Attributes:
        path: The file.
        words: Its options as if they had been typed, a word for each.
        reserved: The options that a project's file may not set, by their names in it.
        is_project: Whether it is the one in the working directory.
        problem: Why a project's file cannot be used, or "".
    """

    path: Path
    words: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    is_project: bool = False
    problem: str = ""


class BadConfigurationError(BadArgumentError):
    """A configuration file that cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The configuration file {path} cannot be used: {reason}",
            (
                "It must be a JSON object in ccusage's format. Correct it, or choose another "
                "file with --config."
            ),
        )
        self.reason = reason


class FileNotThereError(BadConfigurationError):
    """The file does not exist."""


def configured(path: Path | None, verb: str, agent: str = "claude") -> Configured:
    """Read the options in a configuration file.

    Args:
        path: The file; None means the one in the working directory, which need not exist.
        verb: The verb. Each may have its own section, for an agent or for all of them.
        agent: The agent's section.

    Raises:
        BadConfigurationError: If the file named cannot be read, or is not a JSON object.
    """
    if path is not None:
        return Configured(path, tuple(_words(_options(_read(path), verb, agent))))
    try:
        options = _options(_read(LOCAL_FILE), verb, agent)
    except FileNotThereError:
        return Configured(LOCAL_FILE, is_project=True)
    except BadConfigurationError as error:
        return Configured(LOCAL_FILE, is_project=True, problem=error.reason)
    shown = {key: value for key, value in options.items() if _option(key) in _PRESENTATION}
    reserved = (key for key, value in options.items() if _is_reserved(_option(key), value))
    return Configured(LOCAL_FILE, tuple(_words(shown)), tuple(reserved), is_project=True)


def _is_reserved(option: str, value: object) -> bool:
    return option in _RESERVED and bool(value) and _NOTHING_SAID.get(option) != value


def _options(content: Mapping[str, object], verb: str, agent: str) -> Mapping[str, object]:
    """Return the options of a verb; later sections take precedence."""
    of_agent = _section(content, agent)
    overrides = "pricingOverrides"
    merged = {overrides: content[overrides]} if overrides in content else {}
    for section in (
        _section(content, "defaults"),
        _section(_section(content, "commands"), verb),
        _section(of_agent, "defaults"),
        _section(_section(of_agent, "commands"), verb),
    ):
        merged.update(section)
    return merged


def _read(path: Path) -> Mapping[str, object]:
    try:
        content = json.loads(read_regular(path, MOST_BYTES))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotThereError(path, error.strerror or str(error)) from None
    except OSError as error:
        raise BadConfigurationError(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadConfigurationError(path, f"it is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadConfigurationError(path, "it is not a JSON object")
    return content


def _section(content: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = content.get(name)
    return section if isinstance(section, dict) else {}


def _option(key: str) -> str:
    """Return the name of an option on the command line."""
    return re.sub(_HUMP, "-", key).lower()


def _words(options: Mapping[str, object]) -> Iterator[str]:
    for key, value in options.items():
        option = f"--{_option(key)}"
        if value is True:
            yield option
        elif isinstance(value, str | int | float) and value is not False:
            yield f"{option}={value}"
        elif isinstance(value, dict) and key == "projectAliases":
            yield f"{option}={','.join(f'{folder}={name}' for folder, name in value.items())}"
