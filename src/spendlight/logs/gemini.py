"""Gemini CLI: sessions as documents, and since 2026 as logs to which lines are appended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent
from spendlight.logs.folders import below_home, named_or_usual
from spendlight.logs.sources import LogKind, LogSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

DOCUMENTS: Final = "**/*.json"
LINES: Final = "**/*.jsonl"


def find_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Gemini CLI's data folders.

    ``GEMINI_CLI_HOME`` takes the place of the home directory; ``GEMINI_DATA_DIR`` lists the folders
    themselves (like in ccusage).
    """
    home = environ.get("GEMINI_CLI_HOME", "").strip()
    environ = environ | {"HOME": home} if home else environ  # type: ignore[operator]  # a dict
    usual = [below_home(environ, ".gemini", "tmp")]
    return named_or_usual(GEMINI, environ, "GEMINI_DATA_DIR", usual)


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.gemini_chats import parse  # most passes find nothing new

    return parse


GEMINI: Final = Agent(
    name="gemini",
    title="Gemini CLI",
    verb="gemini",
    roots=find_roots,
    sources=(LogSource("", DOCUMENTS, LogKind.DOCUMENT), LogSource("", LINES)),
    session_of=None,
    parser=_parser,
    is_reasoning_beside_output=True,
)
