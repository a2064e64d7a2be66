"""Prints the minimum versions of the C and C++ libraries that a frozen program needs.

    python packaging/glibc.py FOLDER [--at-most GLIBC_2.36 GLIBCXX_3.4.30]

FOLDER contains the program, as made by `freeze.py` on Linux. It fails if a file in it needs a newer
version than that, and prints the file.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Final, NamedTuple

from elf import Elf, elves_in

_VERSION: Final = re.compile(r"(GLIBC|GLIBCXX|CXXABI|GCC)_(\d+(?:\.\d+)*)")
"""A version in symbols of the C and C++ libraries; ``GLIBC_PRIVATE`` has no order."""


class Demand(NamedTuple):
    """A version that something in the bundle needs."""

    numbers: tuple[int, ...]
    version: str
    path: Path


def version_of(text: str) -> tuple[str, tuple[int, ...]]:
    """Split a version into its family and comparable numbers.

    Raises:
        ValueError: If it is not a version.
    """
    found = _VERSION.fullmatch(text)
    if found is None:
        reason = f"{text!r} is no version such as GLIBC_2.36"
        raise ValueError(reason)
    return found[1], tuple(map(int, found[2].split(".")))


def demands(elves: dict[Path, Elf]) -> dict[str, list[Demand]]:
    """Return by family what is asked of libraries of the system, the newest version first.

    Of each version one file is named; of a library in the bundle the version is what it is.
    """
    bundled = {path.name for path in elves}
    found: dict[str, dict[str, Demand]] = {}
    for path, elf in elves.items():
        for library, version in elf.versions:
            if library not in bundled and _VERSION.fullmatch(version):
                family, numbers = version_of(version)
                demand = Demand(numbers, version, path)
                found.setdefault(family, {}).setdefault(version, demand)
    return {
        family: sorted(versions.values(), reverse=True)
        for family, versions in sorted(found.items())
    }


def main() -> None:
    """Say what the folder on the command line needs, and whether that is too new."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--at-most", type=version_of, nargs="+", default=[], metavar="VERSION")
    arguments = parser.parse_args()
    found = demands(elves_in(arguments.folder))
    if not found:
        sys.exit(f"{arguments.folder} holds no program for Linux")
    for family in found.values():
        print(f"{family[0].version:20}{family[0].path.relative_to(arguments.folder)}")
    too_new = [
        f"{demand.path.relative_to(arguments.folder)} needs {demand.version}"
        for family, limit in arguments.at_most
        for demand in found.get(family, [])
        if demand.numbers > limit
    ]
    if too_new:
        sys.exit("\n".join(["Too new:", *too_new]))


if __name__ == "__main__":
    main()
