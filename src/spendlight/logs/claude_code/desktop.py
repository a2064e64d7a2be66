"""Where Claude's desktop keeps the sessions of Cowork: Claude Code's logs, in a folder for each.

<Claude's application data>/local-agent-mode-sessions/<account>/<organization>/local_<id>/
audit.jsonl                     a copy without final figures, which is not read
.claude/projects/<project>/<session>.jsonl
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from spendlight.logs.homes import home_folder
from spendlight.logs.sources import LogSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COWORK: Final = "local-agent-mode-sessions"

_PROGRAMS: Final = ("Claude", "Claude-3p")
_FROM_STORE: Final = ("Packages", "Claude_pzs8sxrjxfjjc", "LocalCache", "Roaming", "Claude")
"""Where Windows keeps what an app from the store takes for its roaming application data."""

_SESSION: Final = ("local_*", ".claude", "projects")

SOURCES: Final = tuple(
    LogSource(os.path.join("*", "*", *folders, *_SESSION))  # noqa: PTH118  # text
    for folders in ((), ("agent",))
)


def cowork_folders(environ: Mapping[str, str], platform: str = sys.platform) -> Iterator[str]:
    """Yield the folders in which Cowork may keep its sessions, whether they exist or not."""
    join, home = os.path.join, home_folder(environ)
    if platform == "win32":
        roaming, local = environ.get("APPDATA", ""), environ.get("LOCALAPPDATA", "")
        bases = [(roaming, _PROGRAMS), (local, (*_PROGRAMS, join(*_FROM_STORE)))]
    elif platform == "darwin":
        bases = [(home and join(home, "Library", "Application Support"), _PROGRAMS)]
    else:
        bases = [(environ.get("XDG_CONFIG_HOME") or (home and join(home, ".config")), _PROGRAMS)]
    for base, names in bases:
        yield from (join(base, name, COWORK) for name in names if base)
