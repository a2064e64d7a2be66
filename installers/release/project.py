"""The project's facts and the error handling that the release scripts share."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[2]


class ReleaseError(Exception):
    """Raised when a release cannot continue; the message says why and what to do."""


def version() -> str:
    """Return the program's version without importing it: containers may have an older Python."""
    text = (ROOT / "src" / "spendlight" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        message = "src/spendlight/__init__.py names no __version__"
        raise ReleaseError(message)
    return found[1]


def run_script(main: Callable[[], None]) -> None:
    """Run a script; if it fails, print the reason in one sentence."""
    try:
        main()
    except ReleaseError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")
