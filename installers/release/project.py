"""What the scripts of a release know of the project, and how they end when something is wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[2]


class ReleaseError(Exception):
    """A release cannot go on; the message says why, and what to do."""


def version() -> str:
    """Return the program's version, without importing it: containers have no newer Python."""
    text = (ROOT / "src" / "spendlight" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        message = "src/spendlight/__init__.py names no __version__"
        raise ReleaseError(message)
    return found[1]


def run_script(main: Callable[[], None]) -> None:
    """Run a script, and say in one sentence why it could not do its work."""
    try:
        main()
    except ReleaseError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")
