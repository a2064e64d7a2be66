"""How this program was built and came to the user: from source, or in which kind of package."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Final, NamedTuple

from spendlight.assets import resource

REPOSITORY: Final = "https://github.com/spendlight/spendlight"
"""Where the program's source, releases and issues are."""

STAMP: Final = "build.json"
"""The file among the program's resources that says how it was built; source has none."""

LICENCES: Final = "licenses.txt"
"""The file among them that holds the licences of what is bundled; source bundles nothing."""


class Channel(StrEnum):
    """By what a program came to the user."""

    SOURCE = "source"
    """A checkout, or a wheel that pip, pipx or uv installed."""
    ARCHIVE = "archive"
    """A portable archive: ``.tar.xz`` or ``.zip``."""
    DEB = "deb"
    RPM = "rpm"
    APPIMAGE = "appimage"
    NSIS = "nsis"
    MSIX = "msix"
    DMG = "dmg"
    DISTRIBUTION = "distribution"
    """A package that a distribution makes itself."""


class Build(NamedTuple):
    """How a program was built."""

    channel: Channel
    commit: str
    """The commit it was built from; empty where that is not known."""
    is_frozen: bool
    """Whether it is a PyInstaller bundle, which needs no Python."""

    @property
    def is_updated_by_system(self) -> bool:
        """Whether the system's package manager is what brings newer versions."""
        return self.channel in {Channel.DEB, Channel.RPM, Channel.MSIX, Channel.DISTRIBUTION}


def read_build() -> Build:
    """Return how this program was built; a stamp that cannot be read says nothing."""
    is_frozen = bool(getattr(sys, "frozen", False))
    unstamped = Channel.ARCHIVE if is_frozen else Channel.SOURCE
    try:
        stamp = json.loads(resource(STAMP).read_bytes())
        return Build(Channel(stamp["channel"]), str(stamp.get("commit", "")), is_frozen)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Build(unstamped, "", is_frozen)
