"""Lists the folders of projects, to offer their names quickly."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from spendlight.logs.claude_code.agent import find_roots, projects_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def project_folders(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the folders in ``projects``, without reading logs or the ledger."""
    names: set[str] = set()
    for root in find_roots(environ):
        with suppress(OSError), os.scandir(projects_of(root)) as entries:
            names.update(entry.name for entry in entries if entry.is_dir())
    return sorted(names)
