"""Replaces names by keyed hashes before they leave the machine."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from spendlight.metering.entry import SessionName

if TYPE_CHECKING:
    from collections.abc import Collection

    from spendlight.team.segments import TeamCopy

PROJECTS: Final = "projects"
BRANCHES: Final = "branches"
KINDS: Final = (PROJECTS, BRANCHES)
"""What can be hidden. No version publishes branches yet; whoever hides them stays safe later."""

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
        self._known: dict[tuple[str, str], str] = {}

    def hidden(self, copy: TeamCopy) -> TeamCopy:
        """Return a copy without the names that are to be hidden.

        The paths of the data folder and of the log contain the project's, so they are hidden, too.
        """
        if not self._hides_projects:
            return copy
        project, project_path, session = copy.session
        return copy._replace(
            root=self._hash("folder", copy.root),
            path=f"{self._hash('log', copy.path)}.jsonl",
            session=SessionName(
                self._hash("project", project),
                self._hash("project", project_path),
                self._hash("session", session) if session in {project, project_path} else session,
            ),
        )

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
