"""How this program was built and installed: from source, or from which kind of package."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Final, NamedTuple

from spendlight.assets import resource

REPOSITORY: Final = "https://github.com/spendlight/spendlight"
"""Where the program's source, releases and issues are."""

STAMP: Final = "build.json"
"""The resource that says how the program was built; missing in source."""

LICENCES: Final = "licenses.txt"
"""The resource with the licences of bundled packages; missing in source."""


class Channel(StrEnum):
    """How a program was installed."""

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
    """A package made by a distribution."""


class Build(NamedTuple):
    """How a program was built."""

    channel: Channel
    commit: str
    """The commit it was built from; empty if unknown."""
    is_frozen: bool
    """Whether it is a PyInstaller bundle, which needs no Python."""

    @property
    def is_updated_by_system(self) -> bool:
        """Whether the system's package manager installs newer versions."""
        return self.channel in {Channel.DEB, Channel.RPM, Channel.MSIX, Channel.DISTRIBUTION}


def read_build() -> Build:
    """Return how this program was built; an unreadable file is ignored."""
    is_frozen = bool(getattr(sys, "frozen", False))
    unstamped = Channel.ARCHIVE if is_frozen else Channel.SOURCE
    try:
        stamp = json.loads(resource(STAMP).read_bytes())
        return Build(Channel(stamp["channel"]), str(stamp.get("commit", "")), is_frozen)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Build(unstamped, "", is_frozen)
