from __future__ import annotations

import subprocess
import sys

IMPORTS = """
import linecache
from spendlight.desktop.plain_import import read_no_sources
read_no_sources()
import PySide6.QtWidgets, spendlight.desktop.words, wave
read = [name for name in linecache.cache if "spendlight" in name or "wave" in name]
assert not read, read
"""


def test_qt_does_not_read_the_source_of_what_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
