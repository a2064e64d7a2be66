"""Prints which system libraries a frozen program needs, and whether each can be expected.

    python packaging/libraries.py FOLDER [--names]

FOLDER contains the program, as made by `freeze.py` on Linux. Packages for Linux depend on what is
listed. It fails if a library is needed that is neither in the folder nor expected everywhere.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Final

from elf import Elf, elves_in

EVERYWHERE: Final = {
    r"ld-linux-.*\.so\.\d": "the C library's loader",
    r"lib(c\.so\.6|m\.so\.6|dl\.so\.2|pthread\.so\.0|rt\.so\.1|resolv\.so\.2)": "the C library",
    r"libz\.so\.1": "compression; the boot loader needs it before it finds that of the bundle",
    r"libexpat\.so\.1": "Python",
    r"lib(gcc_s\.so\.1|stdc\+\+\.so\.6)": "C++, in the version of the graphics drivers",
    r"lib(GL|EGL)\.so\.1": "the graphics drivers",
    r"lib(X11|X11-xcb|xcb|xkbcommon|xkbcommon-x11)\.so\.\d": "X11 and keyboards",
    r"libwayland-(client|cursor|egl)\.so\.\d": "Wayland",
    r"lib(fontconfig\.so\.1|freetype\.so\.6)": "fonts",
    r"lib(glib|gthread)-2\.0\.so\.0": "the event loop of other toolkits",
    r"libdbus-1\.so\.3": "the session's bus",
    r"lib(brotlidec|brotlicommon)\.so\.1": "Qt's network module",
    r"libgssapi_krb5\.so\.2": "Qt's network module",
}
"""What a desktop has, and what must be its own, by patterns of names and who needs it: another
version beside the system's drivers, fonts and keyboards breaks more than it mends."""

_KNOWN: Final = re.compile("|".join(EVERYWHERE))


def asked_of_system(elves: dict[Path, Elf]) -> dict[str, list[Path]]:
    """Return the libraries that are not in the bundle, each with the files that need it.

    A program is started before the folder of its libraries is known, so it loads the system's
    libraries itself, even if the bundle contains them, too.
    """
    bundled = {path.name for path in elves if not elves[path].is_program}
    asked: dict[str, list[Path]] = {}
    for path, elf in elves.items():
        for name in elf.needed:
            if elf.is_program or name not in bundled:
                asked.setdefault(name, []).append(path)
    return dict(sorted(asked.items()))


def is_everywhere(name: str) -> bool:
    """Return whether a library can be expected, or be a dependency of a package."""
    return _KNOWN.fullmatch(name) is not None


def main() -> None:
    """Print what the folder on the command line needs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--names", action="store_true", help="print the names and nothing else")
    arguments = parser.parse_args()
    elves = elves_in(arguments.folder)
    if not elves:
        sys.exit(f"{arguments.folder} holds no program for Linux")
    asked = asked_of_system(elves)
    for name, askers in asked.items():
        example = askers[0].relative_to(arguments.folder)
        print(name if arguments.names else f"{name:26}{len(askers):4} files, as {example}")
    strange = [name for name in asked if not is_everywhere(name)]
    if strange:
        sys.exit(f"Neither in the bundle nor on every system: {', '.join(strange)}")


if __name__ == "__main__":
    main()
