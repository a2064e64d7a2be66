"""What projects are called: their folders' names without what all of them begin with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOME: Final = re.compile(r"^(?:[A-Za-z]-)?-?(?:home|Users)-[^-]+(?=-)|^-root(?=-)")

_NO_LETTER: Final = re.compile(r"[^A-Za-z0-9]")


def project_names(slugs: Iterable[str]) -> dict[str, str]:
    """Return display names of projects: their folders' names without the common prefix.

    Claude Code writes a path with dashes, so only a comparison can tell where a folder ends.

    >>> project_names(["-home-ada-code-kettle", "-home-ada-code-moss-garden"])
    {'-home-ada-code-kettle': 'kettle', '-home-ada-code-moss-garden': 'moss-garden'}
    """
    known = list(dict.fromkeys(slugs))
    bare = {slug: _HOME.sub("", slug).strip("-") or slug for slug in known}
    paths = [name.split("-") for name in bare.values()]
    common = 0
    if len(paths) > 1:
        while all(len(path) > common + 1 for path in paths) and (
            len({path[common] for path in paths}) == 1
        ):
            common += 1
    return {slug: "-".join(name.split("-")[common:]) for slug, name in bare.items()}


def project_of(folder: str) -> str:
    """Return the name that Claude Code gives to the project in a folder, for all agents to share.

    >>> project_of("/home/ada/moss.garden")
    '-home-ada-moss-garden'
    """
    return _NO_LETTER.sub("-", folder)
