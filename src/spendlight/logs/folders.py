"""Where agents keep their data, judged by the environment, like they do it themselves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from spendlight.logs.agent import LogRoot
from spendlight.logs.homes import folder_named, home_folder, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spendlight.logs.agent import Agent


def named_or_usual(
    agent: Agent, environ: Mapping[str, str], variable: str, usual: Iterable[str]
) -> list[LogRoot]:
    """Return an agent's data folders in effect, whether they exist or not.

    Args:
        agent: The agent.
        environ: The environment.
        variable: The environment variable that lists the folders, separated by commas.
        usual: The default folders if it is not set; "" is none.
    """
    named = names_in(environ.get(variable, ""))
    folders = [folder_named(name, environ) for name in named]
    if folders:
        return [LogRoot(folder, agent) for folder in dict.fromkeys(folders)]
    return [LogRoot(folder, agent, is_usual=True) for folder in dict.fromkeys(usual) if folder]


def below_home(environ: Mapping[str, str], *parts: str) -> str:
    """Return a folder in the home directory; "" if there is none."""
    home = home_folder(environ)
    return os.path.join(home, *parts) if home else ""  # noqa: PTH118  # text


def below_data(environ: Mapping[str, str], *parts: str) -> list[str]:
    """Return a folder in ``XDG_DATA_HOME``, which some agents use on all systems, and its default.

    Both count: the variable may have been set later, or only where the agent does not run.
    """
    homes = environ.get("XDG_DATA_HOME", ""), below_home(environ, ".local", "share")
    return [os.path.join(data, *parts) for data in homes if data]  # noqa: PTH118  # text


def below_roaming(environ: Mapping[str, str], *parts: str) -> str:
    """Return a folder of application data on Windows; "" elsewhere."""
    data = environ.get("APPDATA", "")
    return os.path.join(data, *parts) if data else ""  # noqa: PTH118  # text
