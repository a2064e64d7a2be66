"""Puts into the wheel what is made when it is built: the native reader, manual page, completions.

Hatchling runs it with each wheel, wherever one is built, with nothing but Python there.

SPENDLIGHT_PLATFORM names the platform that a wheel is for, a tag of `build_reader.PLATFORMS`; "any"
makes the wheel without the native reader. Otherwise it is for this machine, with the native reader
if there is a C compiler.

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
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
import build_reader

PLATFORM: Final = "SPENDLIGHT_PLATFORM"
ANY: Final = "any"

PLACES = {
    "man/spendlight.1": "share/man/man1/spendlight.1",
    "man/spendlight-tray.1": "share/man/man1/spendlight-tray.1",
    "completion/spendlight.bash": "share/bash-completion/completions/spendlight",
    "completion/_spendlight": "share/zsh/site-functions/_spendlight",
    "completion/spendlight.fish": "share/fish/vendor_completions.d/spendlight.fish",
}
"""Where each document goes, below the place that the program is installed in."""


class BuildHook(BuildHookInterface[BuilderConfig]):
    """Has all of it made, and tells the wheel of it."""

    _folder: str = ""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make it; for an editable install only the native reader, in the source."""
        if version == "editable":
            library = build_reader.library_of(sys.platform)
            if not build_reader.is_up_to_date(library):
                self._build(library)
            return
        self._folder = tempfile.mkdtemp()
        self._add_reader(build_data)
        root = Path(self.root)
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

    def _add_reader(self, build_data: dict[str, Any]) -> None:
        """Add the native reader, and say for which platform the wheel is.

        Raises:
            NoCompilerError: There is no compiler for a platform that was named.
            CompilerError: It fails.
        """
        platform = os.environ.get(PLATFORM, "")
        if platform == ANY:
            return
        if platform and platform not in build_reader.PLATFORMS:
            known = ", ".join([ANY, *build_reader.PLATFORMS])
            message = f"{PLATFORM} is {platform!r}, which is none of {known}"
            raise ValueError(message)
        place = build_reader.library_of(platform or sys.platform)
        library = Path(self._folder, place.name)
        if platform:
            build_reader.build(library, platform)
        elif not self._build(library):
            return
        inside = place.relative_to(build_reader.ROOT / "src")
        build_data["force_include"][str(library)] = inside.as_posix()
        build_data["tag"] = f"py3-none-{platform or build_reader.platform_of(library)}"
        build_data["pure_python"] = False

    def _build(self, library: Path) -> bool:
        """Compile the native reader for this machine; return whether that is possible."""
        try:
            build_reader.build(library)
        except (build_reader.NoCompilerError, build_reader.CompilerError) as error:
            self.app.display_warning(f"No native reader: {error}; logs are read in Python.")
            return False
        return True
