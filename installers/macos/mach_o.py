"""Finds the programs and libraries in a bundle and the oldest macOS that they support."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

from information import Release

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGICS: Final = {
    b"\xcf\xfa\xed\xfe",  # 64-bit
    b"\xce\xfa\xed\xfe",  # 32-bit
    b"\xca\xfe\xba\xbe",  # universal: several in one file
    b"\xca\xfe\xba\xbf",
}

_VERSION_COMMANDS: Final = {"LC_BUILD_VERSION": "minos", "LC_VERSION_MIN_MACOSX": "version"}


def is_mach_o(path: Path) -> bool:
    """Return whether a file is a program or library for macOS.

    Java class files begin with the same bytes as universal files; where a universal file has a
    small number, they have a version.
    """
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] not in _MAGICS or len(head) < 8:
        return False
    many: int = struct.unpack(">I", head[4:])[0]
    return not head.startswith(b"\xca\xfe") or many < 20


def mach_o_files(folder: Path) -> Iterator[Path]:
    """Yield the programs and libraries below a folder, deepest first, without following links."""
    found = []
    for place, _, names in os.walk(folder):
        found += [path for path in (Path(place, name) for name in names) if is_mach_o(path)]
    yield from sorted(found, key=lambda path: (-len(path.parts), str(path)))


def oldest_release(path: Path) -> Release | None:
    """Return the oldest macOS that a program or library says it runs on; None where it says none.

    For a universal file, the newest of the required releases counts.
    """
    from macholib.mach_o import LC_NAMES
    from macholib.MachO import MachO

    found = []
    for header in MachO(str(path)).headers:
        for command, content, _ in header.commands:
            field = _VERSION_COMMANDS.get(LC_NAMES.get(command.cmd, ""))
            if field is not None:
                packed = int(getattr(content, field))
                found.append(Release(packed >> 16, packed >> 8 & 0xFF))
    return max(found, default=None)


def required_release(folder: Path) -> tuple[Release, Path]:
    """Return the oldest macOS on which all below a folder runs, and what asks for it.

    Raises:
        ValueError: If no file names a release.
    """
    found = [
        (release, path)
        for path in mach_o_files(folder)
        if (release := oldest_release(path)) is not None
    ]
    if not found:
        message = f"nothing in {folder} says which macOS it needs"
        raise ValueError(message)
    return max(found, key=lambda one: one[0])
