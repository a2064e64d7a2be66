"""Reads from Linux programs and libraries what they require of others when they are loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

_MAGIC: Final = b"\x7fELF"
_LIBRARY: Final = re.compile(r"lib.+\.so(\.\d+)*$")


class Elf(NamedTuple):
    """What a program or library says about itself."""

    is_program: bool
    """Whether it is started and not loaded; the boot loader of the frozen program is."""
    needed: tuple[str, ...]
    """The names of the libraries that are loaded with it, as in ``libc.so.6``."""
    versions: tuple[tuple[str, str], ...]
    """Library and version of the symbols it uses, as in ``("libc.so.6", "GLIBC_2.34")``."""


def read_elf(path: Path) -> Elf | None:
    """Return what a file requires, or None if it is neither a program nor a library.

    Raises:
        OSError: It cannot be read.
        elftools.common.exceptions.ELFError: It is damaged.
    """
    from elftools.elf.dynamic import DynamicSection  # only systems with such files have it
    from elftools.elf.elffile import ELFFile
    from elftools.elf.gnuversions import GNUVerNeedSection

    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return None
        elf = ELFFile(file)
        dynamic = elf.get_section_by_name(".dynamic")
        needed = dynamic.iter_tags("DT_NEEDED") if isinstance(dynamic, DynamicSection) else ()
        wanted = elf.get_section_by_name(".gnu.version_r")
        versions = wanted.iter_versions() if isinstance(wanted, GNUVerNeedSection) else ()
        return Elf(
            is_program=elf.get_section_by_name(".interp") is not None and not is_library(path.name),
            needed=tuple(str(vars(tag)["needed"]) for tag in needed),
            versions=tuple(
                (str(library.name), str(version.name))
                for library, found in versions
                for version in found
            ),
        )


def elves_in(folder: Path) -> dict[Path, Elf]:
    """Return the programs and libraries in a folder, each once, in the order of their paths."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    read = ((path, read_elf(path)) for path in files)
    return {path: elf for path, elf in read if elf is not None}


def is_library(name: str) -> bool:
    """Tell whether a file is loaded because another one needs it, going by its name.

    Python loads modules and Qt loads plugins by name, so those are asked for by nobody.

    Args:
        name: Its name, or its path in the bundle.
    """
    return _LIBRARY.match(Path(name).name) is not None and "/plugins/" not in name


def unneeded(elves: dict[str, Elf]) -> set[str]:
    """Return the libraries that nothing asks for, directly or in a roundabout way.

    Args:
        elves: What is to be bundled, by its path in the bundle.
    """
    places: dict[str, list[str]] = {}
    for path in elves:
        places.setdefault(Path(path).name, []).append(path)
    waiting = [path for path in elves if not is_library(path) or _is_python(path)]
    reached = set(waiting)
    while waiting:
        asked = [place for name in elves[waiting.pop()].needed for place in places.get(name, [])]
        waiting += set(asked) - reached
        reached.update(asked)
    return elves.keys() - reached


def _is_python(path: str) -> bool:
    """The boot loader loads it by its name."""
    return Path(path).name.startswith("libpython")
