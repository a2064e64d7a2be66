"""Pi, and Oh My Pi, which is made of it: one log for each session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent, LogRoot
from spendlight.logs.folders import below_home
from spendlight.logs.homes import folder_named, names_in
from spendlight.logs.sources import LogSource
from spendlight.metering.entry import SessionName
from spendlight.metering.session_names import UNKNOWN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

SESSIONS: Final = "sessions"

_SESSION_VARIABLES: Final = ("PI_AGENT_DIR", "PI_CODING_AGENT_SESSION_DIR")
"""Name folders of logs: the first one like in ccusage, the second one like Pi itself."""


def find_roots(environ: Mapping[str, str], more: Iterable[str] = ()) -> list[LogRoot]:
    """Return the data folders of Pi and Oh My Pi in effect, whether they exist now or not.

    Pi's is ``PI_CODING_AGENT_DIR`` or ``~/.pi/agent``; Oh My Pi's is ``OMP_CODING_AGENT_DIR`` or
    ``~/.omp/agent``, and one for each of its profiles. Their logs are in ``sessions`` there, unless
    a variable names another folder for Pi's.

    Args:
        environ: The environment.
        more: Additional folders.
    """
    logs = [
        _root_of_logs(name, environ)
        for variable in _SESSION_VARIABLES
        for name in names_in(environ.get(variable, ""))
    ]
    own = names_in(environ.get("PI_CODING_AGENT_DIR", ""))
    of_fork = names_in(environ.get("OMP_CODING_AGENT_DIR", ""))
    usual = [] if own or logs else [below_home(environ, ".pi", "agent")]
    if not of_fork:
        usual.append(below_home(environ, ".omp", "agent"))
    roots = logs + [
        LogRoot(folder_named(name, environ, (SESSIONS,)), PI) for name in (*own, *of_fork, *more)
    ]
    roots += [LogRoot(folder, PI, is_usual=True) for folder in usual if folder]
    profiles = below_home(environ, ".omp", "profiles")
    if profiles and not of_fork:
        roots.append(LogRoot(profiles, _PROFILES, is_usual=True))
    return list({root.folder: root for root in reversed(roots)}.values())[::-1]


def session_of(path: str) -> SessionName:
    """Return the session of a log: ``<project>/<time>_<session>.jsonl``.

    Oh My Pi keeps the logs of a session's subagents in a folder named like the session's log.
    """
    parts = path.removesuffix(".jsonl").split("/")
    project = parts[0] if len(parts) > 1 else UNKNOWN_PROJECT
    name = parts[min(1, len(parts) - 1)]
    return SessionName(project, project, name.partition("_")[2] or name)


def _root_of_logs(name: str, environ: Mapping[str, str]) -> LogRoot:
    """Return the data folder that a folder of logs is in, or that folder if it has another name."""
    folder = folder_named(name, environ)
    parent, own_name = os.path.split(folder)
    return LogRoot(parent, PI) if own_name == SESSIONS else LogRoot(folder, _WITHOUT_DATA_FOLDER)


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.pi_sessions import parse  # most passes find nothing new

    return parse


PI: Final = Agent(
    name="pi",
    title="Pi",
    verb="pi",
    roots=find_roots,
    sources=(LogSource(SESSIONS),),
    session_of=session_of,
    parser=_parser,
)
_WITHOUT_DATA_FOLDER: Final = PI._replace(sources=(LogSource(""),))
_PROFILES: Final = PI._replace(
    sources=(LogSource(os.path.join("*", "agent", SESSIONS)),)  # noqa: PTH118  # text
)
