"""Copilot CLI as an agent: where its data folder is, and which parser reads its logs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent, LogRoot
from spendlight.logs.copilot.folders import EVENTS, NO_PROJECT, SESSIONS, TELEMETRY
from spendlight.logs.folders import below_home
from spendlight.logs.homes import folder_named, names_in
from spendlight.logs.sources import LogSource
from spendlight.metering.entry import SessionName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

NAME: Final = "copilot"


def find_roots(environ: Mapping[str, str], more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Copilot CLI's data folders in effect, whether they exist now or not.

    It knows one, ``COPILOT_HOME`` or ``~/.copilot``; like in ccusage, the variable may list
    several, separated by commas. ``COPILOT_OTEL_FILE_EXPORTER_PATH`` names its OpenTelemetry file,
    which may be in any other folder.

    Args:
        environ: The environment.
        more: Additional folders.
    """
    named = names_in(environ.get("COPILOT_HOME", ""))
    usual = "" if named else below_home(environ, ".copilot")
    roots = [LogRoot(usual, COPILOT, is_usual=True)] if usual else []
    roots += [
        LogRoot(folder_named(name, environ, (SESSIONS, TELEMETRY)), COPILOT)
        for name in (*named, *more)
    ]
    file = environ.get("COPILOT_OTEL_FILE_EXPORTER_PATH", "").strip()
    if file:
        folder, name = os.path.split(folder_named(file, environ))
        if not any(root.found(os.path.join(folder, name)) for root in roots):  # noqa: PTH118  # text
            roots.append(LogRoot(folder, COPILOT._replace(sources=(LogSource("", name),))))
    return list({root.folder: root for root in roots}.values())


def session_of(path: str) -> SessionName:
    """Return the session of a log: ``<session>/events.jsonl``, or once ``<session>.jsonl``."""
    folder, _, name = path.rpartition("/")
    session = folder.rpartition("/")[2] if name == EVENTS else name.removesuffix(".jsonl")
    return SessionName(NO_PROJECT, NO_PROJECT, session)


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.copilot.parser import parse  # most passes find nothing new

    return parse


COPILOT: Final = Agent(
    name=NAME,
    title="Copilot CLI",
    verb="copilot",
    roots=find_roots,
    sources=(
        LogSource(SESSIONS, f"**/{EVENTS}"),
        LogSource(SESSIONS, "*.jsonl"),
        LogSource(TELEMETRY),
    ),
    session_of=session_of,
    parser=_parser,
)
