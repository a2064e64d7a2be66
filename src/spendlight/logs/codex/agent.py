"""Codex as an agent: where its data folder is, and which parser reads its rollouts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent, LogRoot
from spendlight.logs.codex.folders import ARCHIVED, SESSIONS
from spendlight.logs.homes import folder_named, home_folder, names_in
from spendlight.logs.sources import LogSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange
    from spendlight.metering.plan import PlanReading

NAME: Final = "codex"


def find_roots(environ: Mapping[str, str], more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Codex's data folders in effect, whether they exist now or not.

    Codex itself knows one folder, ``CODEX_HOME`` or ``~/.codex``; like in ccusage, the variable may
    list several, separated by commas.

    Args:
        environ: The environment.
        more: Additional folders.
    """
    home = home_folder(environ)
    usual = str(Path(home, ".codex")) if home else ""
    named = names_in(environ.get("CODEX_HOME", ""))
    names = [*(named or [usual]), *more]
    folders = [folder_named(name, environ, (SESSIONS, ARCHIVED)) for name in names if name]
    return [
        LogRoot(folder, CODEX, is_usual=folder == usual and not named)
        for folder in dict.fromkeys(folders)
    ]


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.codex.parser import parse_range  # most passes find nothing new

    return parse_range


def _limits() -> Callable[[LogRoot], tuple[PlanReading, ...]]:
    from spendlight.logs.codex.limits import read_limits  # reports need none

    return read_limits


CODEX: Final = Agent(
    name=NAME,
    title="Codex",
    verb="codex",
    roots=find_roots,
    sources=(LogSource(SESSIONS), LogSource(ARCHIVED)),
    session_of=None,
    parser=_parser,
    models=("gpt-5.4", "gpt-5.5", "gpt-5.6"),
    has_archive=True,
    limits=_limits,
)
