"""What macOS is told of the program: the Info.plist of its bundle."""

from __future__ import annotations

import sys
from typing import Any, Final, NamedTuple

BUNDLE_ID: Final = "io.github.spendlight.Spendlight"
APP: Final = "Spendlight.app"
TRAY: Final = "spendlight-tray"
TERMINAL: Final = "spendlight"


class Release(NamedTuple):
    """A release of macOS."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


MINIMUM: Final = Release(14, 0)
"""The oldest macOS that the bundle runs on: Qt 6.11 asks for 13 (its wheel is ``macosx_13_0``), the
build of numpy that pip chooses on newer systems for 14. `check_app.py` holds it against all that
is bundled."""

LANGUAGES: Final = ("en", "de")
"""Those the program speaks: macOS takes the user's language for Qt's menus from among them."""


def information(version: str) -> dict[str, Any]:
    """Return what goes into Info.plist beside what PyInstaller puts there.

    Args:
        version: The program's; what follows its three numbers is no matter of macOS.
    """
    numbers = ".".join(version.split(".")[:3])
    return {
        "CFBundleIdentifier": BUNDLE_ID,
        "CFBundleName": "Spendlight",
        "CFBundleDisplayName": "Spendlight",
        "CFBundleExecutable": TRAY,
        "CFBundleShortVersionString": numbers,
        "CFBundleVersion": numbers,
        "CFBundlePackageType": "APPL",
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": list(LANGUAGES),
        "LSMinimumSystemVersion": str(MINIMUM),
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        # in the menu bar alone: no picture in the Dock, and none among those of Command-Tab
        "LSUIElement": True,
        # PyInstaller takes the bundle for one without windows, as one of its programs prints
        "LSBackgroundOnly": False,
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSHumanReadableCopyright": "MIT License",
    }


def architecture(machine: str) -> str:
    """Return what packages call a kind of processor.

    Args:
        machine: As `platform.machine` says it.
    """
    return {"aarch64": "arm64", "amd64": "x86_64"}.get(machine.lower(), machine.lower())


def is_macos() -> bool:
    """Tell whether programs of macOS can be started here."""
    return sys.platform == "darwin"
