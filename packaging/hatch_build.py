"""Puts the manual page and the completions into the wheel, where pip and pipx look for them.

Hatchling runs it with each wheel, wherever one is built; `documents.py` needs nothing but Python.
The user guide is not in the wheel: pip and pipx install it nowhere where users would find it, and
the page on PyPI links to it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACES = {
    "man/spendlight.1": "share/man/man1/spendlight.1",
    "man/spendlight-tray.1": "share/man/man1/spendlight-tray.1",
    "completion/spendlight.bash": "share/bash-completion/completions/spendlight",
    "completion/_spendlight": "share/zsh/site-functions/_spendlight",
    "completion/spendlight.fish": "share/fish/vendor_completions.d/spendlight.fish",
}
"""Where each document goes, below the place that the program is installed in."""


class DocumentsHook(BuildHookInterface[BuilderConfig]):
    """Has the documents written, and tells the wheel of them."""

    _folder: str = ""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write them, except for an editable install, which can use the parser itself."""
        if version == "editable":
            return
        root = Path(self.root)
        self._folder = tempfile.mkdtemp()
        subprocess.run(
            [sys.executable, root / "packaging" / "documents.py", self._folder],
            env={**os.environ, "PYTHONPATH": str(root / "src")},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        for name, place in PLACES.items():
            build_data["shared_data"][str(Path(self._folder, name))] = place

    def finalize(self, *_made: object) -> None:
        """Remove what was written."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
