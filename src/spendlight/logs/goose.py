"""Goose: a database with the sums of each session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent
from spendlight.logs.folders import below_data, below_home, below_roaming, named_or_usual
from spendlight.logs.sources import LogKind, LogSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def find_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Goose's data folders, in the folders that ``GOOSE_PATH_ROOT`` names or the usual ones.

    On Windows, and in some versions on macOS, these are where applications keep their data.
    """
    usual = (
        *below_data(environ, "goose"),
        below_home(environ, "Library", "Application Support", "goose"),
        below_roaming(environ, "Block", "goose", "data"),
    )
    roots = named_or_usual(GOOSE, environ, "GOOSE_PATH_ROOT", usual)
    return [
        root if root.is_usual else root._replace(folder=os.path.join(root.folder, "data"))  # noqa: PTH118  # text
        for root in roots
    ]


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.goose_sessions import parse  # most passes find nothing new

    return parse


GOOSE: Final = Agent(
    name="goose",
    title="Goose",
    verb="goose",
    roots=find_roots,
    sources=(LogSource("sessions", "sessions.db", LogKind.DATABASE),),
    session_of=None,
    parser=_parser,
    is_reasoning_beside_output=True,
)
