"""Texts about a newer version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.updates.releases import cut_short

if TYPE_CHECKING:
    from spendlight.updates.releases import Release

NOTES_LETTERS: Final = 240
"""Windows shows 256 characters of a notification."""


class UpdateTexts(NamedTuple):
    """Texts about a newer version.

    Attributes:
        row: In the menu.
        title: The title of the notification.
        body: What changed, as far as it fits.
        button: The label of the button that shows all of it.
    """

    row: str
    title: str
    body: str
    button: str


def update_texts(release: Release, running: str) -> UpdateTexts:
    """Return the texts about a release for users of an older version."""
    version = str(release.version)
    notes = cut_short(release.notes, NOTES_LETTERS)
    return UpdateTexts(
        _tr("Version {version} is available").format(version=version),
        _tr("Spendlight {version} is available").format(version=version),
        notes or _tr("You have version {version}.").format(version=running),
        _tr("Release notes"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)
