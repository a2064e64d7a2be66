"""Finds links that lead to logs and are not followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from spendlight.logs.sources import is_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_ENTRIES: Final = 10_000
"""At most this many entries behind a link are checked; a folder with more is assumed to have
logs."""


def leading_to_logs(links: Iterable[str], searched: Iterable[str], names: str) -> list[str]:
    """Return the links that lead to logs that are not found otherwise.

    Args:
        links: Full paths of links.
        searched: Folders that are searched for logs, except for links in them.
        names: The names of the logs; see `LogSource`.
    """
    inside = tuple(os.path.join(os.path.realpath(folder), "") for folder in searched)  # noqa: PTH118  # with a trailing slash
    is_log = is_named(names)
    found = []
    for link in sorted(links):
        target = os.path.realpath(link)
        if not os.path.join(target, "").startswith(inside) and _has_logs(link, target, is_log):  # noqa: PTH118  # as above
            found.append(link)
    return found


def _has_logs(link: str, target: str, is_log: Callable[[str], bool]) -> bool:
    if os.path.isfile(target):  # noqa: PTH113  # text
        return is_log(os.path.basename(link))  # noqa: PTH119  # text
    folders, left = [target], MOST_ENTRIES
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif is_log(entry.name) and entry.is_file(follow_symlinks=False):
                        return True
                    left -= 1
                    if not left:
                        return True
        except OSError:  # gone or no access
            continue
    return False
