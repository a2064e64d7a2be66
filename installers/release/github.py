"""Asks GitHub, by its own command line tool, which brings who may do what from its surroundings."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from project import ReleaseError

if TYPE_CHECKING:
    from pathlib import Path


def gh(*arguments: str | Path) -> str:
    """Run `gh` and return what it printed.

    Raises:
        ReleaseError: It is not there, or failed; with its own words.
    """
    words = [str(argument) for argument in arguments]
    try:
        ran = subprocess.run(["gh", *words], capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        message = "gh is not installed; see https://cli.github.com"
        raise ReleaseError(message) from error
    except subprocess.CalledProcessError as error:
        message = f"gh {' '.join(words[:2])} failed: {error.stderr.strip()}"
        raise ReleaseError(message) from error
    return ran.stdout
