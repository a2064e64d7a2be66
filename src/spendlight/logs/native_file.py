"""Where the library of the native reader is (`src/native_reader`)."""

from __future__ import annotations

import os
import sys
from typing import Final

LIBRARY: Final = "native_reader.dll" if sys.platform == "win32" else "native_reader.so"
"""The file name of the library beside the modules that use it most; on macOS, too."""

CHOICE: Final = "SPENDLIGHT_READER"
"""The environment variable that selects the reader: ``python``, or another library, for tests."""

PYTHON: Final = "python"


def library_path() -> str | None:
    """Return the full path of the library, whether it exists or not; None if it is turned off."""
    choice = os.environ.get(CHOICE)
    if choice == PYTHON:
        return None
    return choice or os.path.join(os.path.dirname(__file__), "claude_code", LIBRARY)  # noqa: PTH118, PTH120  # for speed
