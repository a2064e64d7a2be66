from __future__ import annotations

import subprocess
import sys

IMPORTS = """
import linecache, os
from spendlight.desktop.plain_import import read_no_sources
read_no_sources()
import PySide6.QtWidgets, spendlight.desktop.words, wave
ours = os.path.dirname(spendlight.__file__) + os.sep
read = [name for name in linecache.cache if name.startswith(ours) or name == wave.__file__]
assert not read, read
"""


def test_qt_does_not_read_the_source_of_imported_modules() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
