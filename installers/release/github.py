"""Calls GitHub's command-line tool, which gets its permissions from the environment."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from project import ReleaseError

if TYPE_CHECKING:
    from pathlib import Path


def gh(*arguments: str | Path) -> str:
    """Run `gh` and return its output.

    Raises:
        ReleaseError: If it is missing or fails; the message contains its output.
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
