"""Makes an older version of the program out of this one, to upgrade from."""

from __future__ import annotations

import py_compile
import shutil
from typing import TYPE_CHECKING, Final

from building import ROOT

from spendlight import __version__

if TYPE_CHECKING:
    from pathlib import Path

OLDER: Final = "0.0.9"


def make_older(program: Path) -> None:
    """Let a frozen program say that it is older than it is.

    Raises:
        FileNotFoundError: Its version is not where it was.
    """
    compiled = program / "_internal" / "spendlight" / "__init__.pyc"
    if not compiled.is_file():
        raise FileNotFoundError(compiled)
    source = program / "__init__.py"
    text = (ROOT / "src" / "spendlight" / "__init__.py").read_text("utf-8")
    source.write_text(text.replace(__version__, OLDER), encoding="utf-8")
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(compiled), doraise=True, invalidation_mode=mode)
    source.unlink()


def older_copy(program: Path, target: Path) -> Path:
    """Copy a frozen program, and let the copy say that it is older."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(program, target, symlinks=True)
    make_older(target)
    return target
