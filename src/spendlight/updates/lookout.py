"""What the tray holds to look for newer releases; loaded at its start, it loads the rest late."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from spendlight.updates.kept import Known
    from spendlight.updates.releases import Release

log = logging.getLogger(__name__)

LOOK: Final = "__look-for-updates"
"""The word that `spendlight.__main__` runs `looking.look_here` for."""

FOLDER: Final = "updates"
"""Where all that is kept lies, beside the ledger."""


class Lookout(NamedTuple):
    """What a program that goes on all day needs to look now and then; it never raises.

    Attributes:
        folder: Where it is kept.
        apart: Runs a process that calls `looking.look_here`, and waits for its end; may raise
            `ErrandError`. None is for a program that must not go online.
        is_usual: Whether to look where the user has chosen nothing.
    """

    folder: Path
    apart: Callable[[], None] | None
    is_usual: bool = True

    def known(self) -> Known:
        """Return what is known already."""
        from spendlight.updates import kept

        return kept.read(self.folder)

    def look(self) -> Known:
        """Have another process look if that is due, and return what is known then."""
        from datetime import UTC, datetime

        from spendlight.errands import ErrandError
        from spendlight.updates.looking import is_due

        known = self.known()
        if self.apart is None or not is_due(self.folder, known, datetime.now(UTC)):
            return known
        try:
            self.apart()
        except ErrandError as error:
            log.info("No check for a newer version: %s", error)
        return self.known()

    def claim(self, release: Release) -> bool:
        """Return whether this process is the one to tell of a release."""
        from spendlight.updates import kept

        try:
            return kept.claim_telling(self.folder, release.version)
        except OSError as error:
            log.info("A newer version was not announced: %s", error)
            return False
