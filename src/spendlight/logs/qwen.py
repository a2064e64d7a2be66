"""Qwen Code: logs to which lines are appended, and in its first versions Gemini CLI's documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent
from spendlight.logs.folders import below_home, named_or_usual
from spendlight.logs.sources import LogKind, LogSource
from spendlight.metering.entry import SessionName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_OWN_VARIABLES: Final = ("QWEN_RUNTIME_DIR", "QWEN_HOME")
"""What Qwen Code itself reads, the first one that is set."""


def find_roots(environ: Mapping[str, str], _more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Qwen Code's data folders; ``QWEN_DATA_DIR`` lists them (like in ccusage)."""
    own = next((name for name in _OWN_VARIABLES if environ.get(name, "").strip()), "")
    usual = [below_home(environ, ".qwen")]
    variable = own if own and not environ.get("QWEN_DATA_DIR", "").strip() else "QWEN_DATA_DIR"
    return named_or_usual(QWEN, environ, variable, usual)


def session_of(path: str) -> SessionName:
    """Return the session of a log: ``<project>/chats/<session>.jsonl``."""
    project, _, rest = path.partition("/")
    return SessionName(project, project, rest.rpartition("/")[2].rpartition(".")[0] or project)


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.qwen_chats import parse  # most passes find nothing new

    return parse


QWEN: Final = Agent(
    name="qwen",
    title="Qwen Code",
    verb="qwen",
    roots=find_roots,
    sources=(LogSource("projects"), LogSource("tmp", "**/*.json", LogKind.DOCUMENT)),
    session_of=session_of,
    parser=_parser,
    is_reasoning_beside_output=True,
)
