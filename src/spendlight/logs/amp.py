"""Amp: a document for each thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent
from spendlight.logs.folders import below_data, named_or_usual
from spendlight.logs.sources import LogKind, LogSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def find_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Amp's data folders: the same on all systems."""
    return named_or_usual(AMP, environ, "AMP_DATA_DIR", below_data(environ, "amp"))


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.amp_threads import parse  # most passes find nothing new

    return parse


AMP: Final = Agent(
    name="amp",
    title="Amp",
    verb="amp",
    roots=find_roots,
    sources=(LogSource("threads", "**/*.json", LogKind.DOCUMENT),),
    session_of=None,
    parser=_parser,
)
