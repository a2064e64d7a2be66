"""Finds out whether a program watches a folder; possible on Linux only."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def watches(pid: int, folder: Path) -> bool:
    """Return whether the kernel reports changes in a folder to a program; see ``proc(5)``."""
    if not folder.exists():
        return False
    wanted = f"ino:{folder.stat().st_ino:x} "
    for place in Path(f"/proc/{pid}/fdinfo").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            lines = place.read_text().splitlines()
            if any(line.startswith("inotify ") and wanted in line for line in lines):
                return True
    return False
