"""The tray's interface to checks for newer releases; it loads the rest on demand."""

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
"""The word for which `spendlight.__main__` runs `looking.look_here`."""

FOLDER: Final = "updates"
"""The folder of stored results, beside the ledger."""


class Lookout(NamedTuple):
    """Checks for newer releases in a long-lived program; never raises.

    Attributes:
        folder: Where results are stored.
        apart: Runs a process that calls `looking.look_here`, and waits for its end; may raise
            `ErrandError`. None for a program that must not go online.
        is_usual: Whether to check by default.
    """

    folder: Path
    apart: Callable[[], None] | None
    is_usual: bool = True

    def known(self) -> Known:
        """Return what is known."""
        from spendlight.updates import kept

        return kept.read(self.folder)

    def look(self) -> Known:
        """Make another process check if that is due, and return what is known then."""
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
        """Return whether this process is the one to announce a release."""
        from spendlight.updates import kept

        try:
            return kept.claim_telling(self.folder, release.version)
        except OSError as error:
            log.info("A newer version was not announced: %s", error)
            return False
