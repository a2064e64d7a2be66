"""Reads property lists of macOS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spendlight.autostart.entry import read_file

if TYPE_CHECKING:
    from pathlib import Path


def read_property_list(path: Path) -> dict[str, Any] | None:
    """Return the contents of a list; empty if it is damaged, None if it does not exist."""
    import plistlib  # only macOS has them

    data = read_file(path)
    if not data:
        return None
    try:
        content = plistlib.loads(data)
    except (plistlib.InvalidFileException, ValueError, OverflowError, SyntaxError):
        return {}
    except Exception as error:  # expat's own errors have no common base with the others
        if type(error).__name__ == "ExpatError":
            return {}
        raise
    return content if isinstance(content, dict) else {}
