"""Deletes what processes that were killed have left half-written in a team's folder."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from spendlight.team.shared_folder import SharedFolderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.team.listing import Listed
    from spendlight.team.shared_folder import SharedFolder

MOST_AGE_S: Final = 86_400.0
"""Older ones are deleted: the machine may have a clone that is writing now."""

_NAME: Final = re.compile(r"\.(?:parquet|json)\.\d+-[0-9a-f]{8}\.part$")
"""How the names of our files end before they are complete; see `SharedFolder`."""


def delete_leftovers(shared: SharedFolder, files: Iterable[Listed]) -> None:
    """Delete half-written files that are a day old; if that fails now, it may work the next time.

    Args:
        shared: The team's folder.
        files: Files of a machine whose usage is published here.
    """
    for one in files:
        if _NAME.search(one.path) and _is_old(one.modified):
            with suppress(SharedFolderError):
                shared.delete(one.path)


def _is_old(modified: str) -> bool:
    """Whether a file was modified more than a day ago, if that is known."""
    if modified.isdecimal():
        at_s = int(modified) / 1e9
    else:
        try:
            at = datetime.fromisoformat(modified)
        except ValueError:
            return False
        at_s = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return time.time() - at_s > MOST_AGE_S
