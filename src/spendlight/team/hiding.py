"""Replaces names by keyed hashes before they leave the machine."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from spendlight.metering.entry import SessionName

if TYPE_CHECKING:
    from collections.abc import Collection

    from spendlight.team.segments import TeamCopy

PROJECTS: Final = "projects"
BRANCHES: Final = "branches"
KINDS: Final = (PROJECTS, BRANCHES)
"""What can be hidden."""

_WORKTREE: Final = re.compile(r"(?<=worktrees[-/\\])[^/\\]+?(?=[/\\]|\.jsonl$|$)", re.IGNORECASE)
"""What follows ``worktrees`` in a path or in a project's folder, where Claude Code has replaced
separators by hyphens: the folder of a worktree, which is usually named after its branch, such as
``.claude/worktrees/NAME``. No other part of a segment contains branches."""

_ID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""The id of a session; any other name of one may be a folder's or a file's."""

SECRET_BYTES: Final = 32
_HASH_BYTES: Final = 8


class NameHider:
    """Hides the names in copies.

    Args:
        secret: The key; it never leaves the machine.
        kinds: What to hide.
    """

    def __init__(self, secret: bytes, kinds: Collection[str]) -> None:
        self._secret = secret
        self._hides_projects = PROJECTS in kinds
        self._hides_branches = BRANCHES in kinds
        self._known: dict[tuple[str, str], str] = {}

    def hidden(self, copy: TeamCopy) -> TeamCopy:
        """Return a copy without the names that are to be hidden.

        The paths of the data folder and of the log contain the project's, so they are hidden, too.
        """
        if not self._hides_projects:
            return self._without_branches(copy) if self._hides_branches else copy
        project, project_path, session = copy.session
        return copy._replace(
            root=self._hash("folder", copy.root),
            path=f"{self._hash('log', copy.path)}.jsonl",
            session=SessionName(
                self._hash("project", project),
                self._hash("project", project_path),
                session if _ID.fullmatch(session) else self._hash("session", session),
            ),
        )

    def _without_branches(self, copy: TeamCopy) -> TeamCopy:
        return copy._replace(
            root=self._without_branch(copy.root),
            path=self._without_branch(copy.path),
            session=SessionName(*map(self._without_branch, copy.session)),
        )

    def _without_branch(self, text: str) -> str:
        """Return a path or a name in which folders of worktrees are replaced by hashes."""
        return _WORKTREE.sub(lambda found: self._hash("branch", found[0]), text)

    def _hash(self, kind: str, name: str) -> str:
        key = (kind, name)
        if key not in self._known:
            made = blake2b(
                f"{kind}:{name}".encode("utf-8", "surrogatepass"),
                key=self._secret,
                digest_size=_HASH_BYTES,
            )
            self._known[key] = f"{kind}-{made.hexdigest()}"
        return self._known[key]
