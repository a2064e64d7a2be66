"""Says whether a program watches a folder already, as only Linux tells of others."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def watches(pid: int, folder: Path) -> bool:
    """Whether the kernel tells a program of changes in a folder, as ``proc(5)`` describes it."""
    if not folder.exists():
        return False
    wanted = f"ino:{folder.stat().st_ino:x} "
    for place in Path(f"/proc/{pid}/fdinfo").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            lines = place.read_text().splitlines()
            if any(line.startswith("inotify ") and wanted in line for line in lines):
                return True
    return False
