"""Claude Code as an agent: where its data folders are, and which parser reads its logs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import Agent, LogRoot
from spendlight.logs.claude_code.desktop import COWORK, SOURCES, cowork_folders
from spendlight.logs.homes import folder_named, home_folder, names_in
from spendlight.logs.sources import LogSource
from spendlight.metering.entry import CLAUDE_CODE as NAME
from spendlight.metering.session_names import session_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import Parsed, ParsedRange

PROJECTS: Final = "projects"
LOG_SUFFIX: Final = ".jsonl"


def find_roots(environ: Mapping[str, str], more: Iterable[str] = ()) -> list[LogRoot]:
    """Return Claude Code's data folders in effect, whether they exist now or not.

    ``CLAUDE_CONFIG_DIR`` lists them, separated by commas; if it is not set, both the XDG folder and
    the one in the home directory are used. Each may contain virtual machines in ``vms`` (like in
    claude-usage).

    Args:
        environ: The environment.
        more: Additional folders; ``~`` is the home directory.
    """
    value = environ.get("CLAUDE_CONFIG_DIR")
    usual = default_folders(environ) if value is None else []
    names = [*names_in(value or ""), *more]
    folders = usual + [folder_named(name, environ, (PROJECTS,)) for name in names]
    roots = [
        LogRoot(folder, CLAUDE_CODE, is_usual=folder in usual) for folder in dict.fromkeys(folders)
    ]
    return roots + [vm for root in roots for vm in _virtual_machines(root)]


def find_all_roots(environ: Mapping[str, str], more: Iterable[str] = ()) -> list[LogRoot]:
    """Return the data folders of Claude Code in effect, and those of Cowork in Claude's desktop.

    If ``CLAUDE_CONFIG_DIR`` lists the folders, Cowork's are only read if they are among them.

    Args:
        environ: The environment.
        more: Additional folders.
    """
    roots = [
        root._replace(agent=_OF_COWORK) if Path(root.folder).name == COWORK else root
        for root in find_roots(environ, more)
    ]
    if environ.get("CLAUDE_CONFIG_DIR") is None:
        known = {root.folder for root in roots}
        usual = (folder for folder in cowork_folders(environ) if folder not in known)
        roots += [LogRoot(folder, _OF_COWORK, is_usual=True) for folder in usual]
    return roots


def default_folders(environ: Mapping[str, str]) -> list[str]:
    """Return Claude Code's default data folders: the old and the new one."""
    home = home_folder(environ)
    if not home:
        return []
    config = environ.get("XDG_CONFIG_HOME") or str(Path(home, ".config"))
    return [str(Path(config, "claude")), str(Path(home, ".claude"))]


def projects_of(root: LogRoot) -> str:
    """Return the folder that contains the projects of one of Claude Code's data folders."""
    return os.path.join(root.folder, PROJECTS)  # noqa: PTH118  # text


def of_claude_code(roots: Iterable[LogRoot]) -> list[LogRoot]:
    """Return the data folders of Claude Code itself, which contain more than logs."""
    return [root for root in roots if root.agent == CLAUDE_CODE]


def _virtual_machines(root: LogRoot) -> Iterator[LogRoot]:
    try:
        with os.scandir(Path(root.folder, "vms")) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return
    for name in names:
        vm = LogRoot(str(Path(root.folder, "vms", name)), CLAUDE_CODE, name, root.folder)
        if vm.exists:
            yield vm


def _parser() -> Callable[[ReadJob], ParsedRange]:
    from spendlight.logs.claude_code.parser import parse_range  # most passes find nothing new

    return parse_range


def _parser_of_many() -> Callable[[Sequence[ReadJob]], list[Parsed]]:
    from spendlight.logs.claude_code.parser import parse_many  # as above

    return parse_many


CLAUDE_CODE: Final = Agent(
    name=NAME,
    title="Claude Code",
    verb="claude",
    roots=find_all_roots,
    sources=(LogSource(PROJECTS),),
    session_of=session_name,
    parser=_parser,
    is_parted=True,
    parser_of_many=_parser_of_many,
)
_OF_COWORK: Final = CLAUDE_CODE._replace(sources=SOURCES)
