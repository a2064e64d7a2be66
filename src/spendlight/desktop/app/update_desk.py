"""Checks for newer versions while the tray runs, announces each once, and opens its notes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from spendlight import __version__

if TYPE_CHECKING:
    from spendlight.desktop.notifications import Notifier
    from spendlight.desktop.words.updates import UpdateTexts
    from spendlight.desktop.workers import TaskPool
    from spendlight.settings import Settings
    from spendlight.updates.kept import Known
    from spendlight.updates.lookout import Lookout
    from spendlight.updates.releases import Release

log = logging.getLogger(__name__)

SETTLE_MS: Final = 300_000
"""The delay before the first check, as a session that has just begun is busy."""

AGAIN_MS: Final = 3_600_000
"""How often to check whether a check is due, which is once a day."""

KEY: Final = "update"


class UpdateDesk(QObject):
    """Runs a process that checks for newer versions, if the user wants that.

    Signals:
        found: There is a newer version, or none any more; carries the text for the menu, or "".
    """

    found = Signal(str)

    def __init__(
        self,
        lookout: Lookout | None,
        notifier: Notifier,
        pool: TaskPool,
        may_tell: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """Do not check anything yet.

        Args:
            lookout: Whether and how to check; None means not at all.
            notifier: Shows notifications.
            pool: For work that may wait for the network.
            may_tell: Returns whether a notification may be shown now; otherwise it waits.
            parent: The owner.
        """
        super().__init__(parent)
        self._lookout = lookout
        self._notifier = notifier
        self._pool = pool
        self._may_tell = may_tell
        self._release: Release | None = None
        self._is_wanted = False
        self._has_begun = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time)
        notifier.activated.connect(self._on_activated)

    @property
    def is_usual(self) -> bool:
        """Whether checks are made by default."""
        return self._lookout is None or self._lookout.is_usual

    def obey(self, settings: Settings) -> None:
        """Apply the settings."""
        chosen, lookout = settings.check_for_updates, self._lookout
        is_wanted = not settings.is_offline and (self.is_usual if chosen is None else chosen)
        if lookout is None or lookout.apart is None or is_wanted == self._is_wanted:
            return
        self._is_wanted = is_wanted
        if not is_wanted:
            self._timer.stop()
            self._show(None)
        elif self._has_begun:
            self.begin()

    def begin(self) -> None:
        """Show what is known, and check later; called once the start is complete."""
        self._has_begun = True
        if self._lookout is not None and self._is_wanted:
            self._timer.start(SETTLE_MS)
            self._pool.run(self._lookout.known, self._on_known, self._on_failed)

    def look(self) -> None:
        """Check if that is due, and announce what was not announced yet."""
        if self._lookout is not None and self._is_wanted:
            self._pool.run(self._lookout.look, self._on_looked, self._on_failed)

    def open_notes(self) -> None:
        """Open the page of the newer version in the browser."""
        if self._release is not None:
            QDesktopServices.openUrl(QUrl(self._release.page))

    def shut_down(self) -> None:
        """Stop checking."""
        self._timer.stop()

    def _on_time(self) -> None:
        self._timer.setInterval(AGAIN_MS)
        self.look()

    def _on_known(self, known: Known) -> None:
        from spendlight.updates.releases import newer  # loaded already

        if self._is_wanted:  # may have been turned off meanwhile
            self._show(newer(known.latest, __version__))

    def _on_looked(self, known: Known) -> None:
        self._on_known(known)
        lookout, release = self._lookout, self._release
        if lookout is not None and release is not None and self._may_tell():
            self._pool.run(
                lambda: lookout.claim(release),
                lambda is_ours: self._tell(release) if is_ours else None,
                self._on_failed,
            )

    def _on_failed(self, error: Exception) -> None:
        log.info("No check for a newer version: %s", error)

    def _show(self, release: Release | None) -> None:
        if release != self._release:
            self._release = release
            self.found.emit("" if release is None else _texts(release).row)

    def _tell(self, release: Release) -> None:
        texts = _texts(release)
        self._notifier.notify(
            KEY,
            texts.title,
            texts.body,
            is_critical=False,
            replaces_key=KEY,
            button=texts.button,
            can_mute=False,
        )

    def _on_activated(self, key: str) -> None:
        if key == KEY:
            self.open_notes()


def _texts(release: Release) -> UpdateTexts:
    from spendlight.desktop.words.updates import update_texts  # rarely needed

    return update_texts(release, __version__)
