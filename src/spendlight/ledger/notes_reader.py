"""The part of the reader of a ledger that tells what is known of sessions and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.checking import translated_errors
from spendlight.ledger.opening import reading
from spendlight.ledger.root_reader import RootReader

if TYPE_CHECKING:
    from collections.abc import Collection

    from spendlight.ledger.machines import Scope
    from spendlight.metering.session_notes import SessionNotes


class NotesReader(RootReader):
    """Tells titles and pull requests of sessions, and repositories of folders."""

    def session_notes(self, scope: Scope, sessions: Collection[str] | None = None) -> SessionNotes:
        """Return what is known of sessions beside their usage.

        Args:
            scope: Which roots.
            sessions: Only sessions with these ids.
        """
        from spendlight.ledger.session_notes import notes_of  # most reports have no sessions

        with translated_errors(self._path), reading(self._db):
            return notes_of(self._db, scope, sessions)

    def repositories(self, folders: Collection[str]) -> dict[str, str]:
        """Return the main checkout to which each folder belongs; "" if that is not known."""
        from spendlight.ledger.attributions import Names  # few reports need it

        with translated_errors(self._path), reading(self._db):
            names = Names(self._db)
            return {folder: names.repository(folder) for folder in folders}
