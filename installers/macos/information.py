"""The Info.plist of the bundle, which describes the program to macOS."""

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
"""The oldest macOS that the bundle supports: Qt 6.11 requires 13 (its wheel is ``macosx_13_0``),
and the build of numpy that pip chooses on newer systems requires 14. `check_app.py` compares it
with all bundled files."""

LANGUAGES: Final = ("en", "de")
"""The program's languages, from which macOS chooses the language of Qt's menus."""


def information(version: str) -> dict[str, Any]:
    """Return the entries of Info.plist that PyInstaller does not write.

    Args:
        version: The program's version; only its three numbers are used.
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
        # menu bar only: no icon in the Dock or in the Command-Tab switcher
        "LSUIElement": True,
        # PyInstaller assumes no windows, because one of the bundle's programs is a console program
        "LSBackgroundOnly": False,
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSHumanReadableCopyright": "MIT License",
    }


def architecture(machine: str) -> str:
    """Return a processor's name as packages write it.

    Args:
        machine: As returned by `platform.machine`.
    """
    return {"aarch64": "arm64", "amd64": "x86_64"}.get(machine.lower(), machine.lower())


def is_macos() -> bool:
    """Return whether this system is macOS."""
    return sys.platform == "darwin"
