"""Kimi CLI and its successor Kimi Code: logs of what they say to their user interfaces."""

from __future__ import annotations

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

_HOMES: Final = (("KIMI_SHARE_DIR", ".kimi"), ("KIMI_CODE_HOME", ".kimi-code"))
"""What Kimi CLI and Kimi Code read, and where they keep their data otherwise."""


def find_roots(environ: Mapping[str, str], more: Iterable[str] = ()) -> list[LogRoot]:
    """Return the data folders of Kimi CLI and Kimi Code in effect, whether they exist or not.

    Args:
        environ: The environment; ``KIMI_DATA_DIR`` lists the folders (like in ccusage).
        more: Additional folders.
    """
    named = names_in(environ.get("KIMI_DATA_DIR", ""))
    roots = []
    for variable, usual in _HOMES if not named else ():
        own = environ.get(variable, "").strip()
        folder = below_home(environ, usual)
        if own:
            named.append(own)
        elif folder:
            roots.append(LogRoot(folder, KIMI, is_usual=True))
    roots += [LogRoot(folder_named(name, environ, (SESSIONS,)), KIMI) for name in (*named, *more)]
    return list({root.folder: root for root in roots}.values())


def session_of(path: str) -> SessionName:
    """Return the session of a log.

    It is ``<project>/<session>/wire.jsonl``, or ``<project>/<session>/agents/<agent>/wire.jsonl``.
    """
    folders = path.split("/")[:-1]
    project = folders[0] if len(folders) > 1 else UNKNOWN_PROJECT
    session = folders[min(1, len(folders) - 1)] if folders else "Unknown Session"
    return SessionName(project, project, session)


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.kimi_wires import parse  # most passes find nothing new

    return parse


KIMI: Final = Agent(
    name="kimi",
    title="Kimi",
    verb="kimi",
    roots=find_roots,
    sources=(LogSource(SESSIONS, "**/wire.jsonl"),),
    session_of=session_of,
    parser=_parser,
)
