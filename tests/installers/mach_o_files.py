"""Makes macOS programs that only contain the required version of the system."""

from __future__ import annotations

import struct
from pathlib import Path

MAGIC_64 = 0xFEEDFACF
ARM64 = 0x0100000C
EXECUTE = 2
BUILD_VERSION = 0x32
VERSION_MIN_MACOSX = 0x24
MACOS = 1


def mach_o(major: int = 13, minor: int = 0) -> bytes:
    """Return a program that requires a release of macOS."""
    release = major << 16 | minor << 8
    command = struct.pack("<6I", BUILD_VERSION, 24, MACOS, release, release, 0)
    return struct.pack("<8I", MAGIC_64, ARM64, 0, EXECUTE, 1, len(command), 0, 0) + command


def older_mach_o(major: int, minor: int) -> bytes:
    """Return a program in the form that linkers wrote before macOS 10.14."""
    command = struct.pack("<4I", VERSION_MIN_MACOSX, 16, major << 16 | minor << 8, 0)
    return struct.pack("<8I", MAGIC_64, ARM64, 0, EXECUTE, 1, len(command), 0, 0) + command


def write_mach_o(path: Path, major: int = 13, minor: int = 0) -> Path:
    """Write an executable program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mach_o(major, minor))
    path.chmod(0o755)
    return path
