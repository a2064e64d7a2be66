"""Droid, the agent of Factory: beside each session's log a document with its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent
from spendlight.logs.folders import below_home, named_or_usual
from spendlight.logs.sources import LogKind, LogSource
from spendlight.metering.entry import SessionName
from spendlight.metering.session_names import UNKNOWN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_SUFFIX: Final = ".settings.json"


def find_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Droid's folders of sessions."""
    usual = [below_home(environ, ".factory", "sessions")]
    return named_or_usual(DROID, environ, "DROID_SESSIONS_DIR", usual)


def session_of(path: str) -> SessionName:
    """Return the session of a document: ``<project>/<session>.settings.json``."""
    folder, _, name = path.rpartition("/")
    project = folder.partition("/")[0] or UNKNOWN_PROJECT
    return SessionName(project, folder or project, name.removesuffix(_SUFFIX))


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.droid_sessions import parse  # most passes find nothing new

    return parse


DROID: Final = Agent(
    name="droid",
    title="Droid",
    verb="droid",
    roots=find_roots,
    sources=(LogSource("", f"**/*{_SUFFIX}", LogKind.DOCUMENT),),
    session_of=session_of,
    parser=_parser,
    is_reasoning_beside_output=True,
)
