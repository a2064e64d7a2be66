"""OpenCode, and Kilo, which is made of it: a database, and the documents that came before it.

Since version 1.2 all messages are in ``opencode.db``; before, each was a document below
``storage/message``, and the documents stayed when the database was made of them.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.agent import Agent
from spendlight.logs.folders import below_data, named_or_usual
from spendlight.logs.sources import LogKind, LogSource
from spendlight.metering.entry import SessionName
from spendlight.metering.session_names import UNKNOWN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def find_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return OpenCode's data folders: the same on all systems."""
    usual = below_data(environ, "opencode")
    return named_or_usual(OPENCODE, environ, "OPENCODE_DATA_DIR", usual)


def find_kilo_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Kilo's data folders."""
    return named_or_usual(KILO, environ, "KILO_DATA_DIR", below_data(environ, "kilo"))


def session_of(path: str) -> SessionName:
    """Return the session of a document; of a database, each of its sessions has a log."""
    folder, _, name = path.rpartition("/")
    session = name.rpartition(".")[0] if name.startswith("ses_") else folder.rpartition("/")[2]
    return SessionName(UNKNOWN_PROJECT, UNKNOWN_PROJECT, session or name.rpartition(".")[0])


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.opencode_messages import parse  # most passes find nothing new

    return parse


def _sources(name: str) -> tuple[LogSource, ...]:
    documents: Any = partial(os.path.join, "storage")
    return (
        LogSource("", f"{name}.db", LogKind.DATABASE),
        LogSource("", f"{name}-*.db", LogKind.DATABASE),  # one for each other channel of releases
        LogSource(documents("message"), "**/*.json", LogKind.DOCUMENT),
        LogSource(documents("session"), "**/ses_*.json", LogKind.DOCUMENT),
    )


OPENCODE: Final = Agent(
    name="opencode",
    title="OpenCode",
    verb="opencode",
    roots=find_roots,
    sources=_sources("opencode"),
    session_of=session_of,
    parser=_parser,
    is_reasoning_beside_output=True,
)
KILO: Final = Agent(
    name="kilo",
    title="Kilo",
    verb="kilo",
    roots=find_kilo_roots,
    sources=_sources("kilo"),
    session_of=session_of,
    parser=_parser,
    is_reasoning_beside_output=True,
)
