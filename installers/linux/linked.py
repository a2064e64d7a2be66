"""Determines a frozen program's system dependencies, as Debian and RPM packages."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from building import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

LOADED_BY_NAME: Final = ("libdbus-1.so.3", "libXcursor.so.1")
"""Libraries that Qt loads at run time, so that no file names them: for the message bus of the
tray's icon, and for cursors in the desktop's size."""

_ELF: Final = b"\x7fELF"


class Needs(NamedTuple):
    """The system dependencies of a program.

    Attributes:
        sonames: Libraries, sorted.
        glibc: The version of the C library, as in ``2.34``.
    """

    sonames: tuple[str, ...]
    glibc: str


def needs_of(program: Path) -> Needs:
    """Return the system dependencies of a frozen program.

    Raises:
        SystemExit: If it needs something that cannot be expected, or is not a program.
    """
    names = _answer("libraries.py", program, "--names").split()
    return Needs(tuple(sorted({*names, *LOADED_BY_NAME})), glibc_in(_answer("glibc.py", program)))


def glibc_in(answer: str) -> str:
    """Return the version of the C library in the output of ``packaging/glibc.py``.

    Raises:
        ValueError: If there is none.
    """
    found = re.search(r"^GLIBC_(\d+(?:\.\d+)+)\b", answer, re.MULTILINE)
    if found is None:
        reason = f"No version of the C library is named in {answer!r}"
        raise ValueError(reason)
    return found[1]


def debian_depends(program: Path, needs: Needs) -> str:
    """Return the packages that a program needs, in the versions that Debian's own tool finds.

    Raises:
        SystemExit: A library of this system belongs to no package.
    """
    files = [path for path in sorted(program.rglob("*")) if _is_elf(path)]
    places = sorted({path.parent for path in files if ".so" in path.name})
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder, "debian", "control")
        control.parent.mkdir()
        control.write_text("Source: spendlight\n\nPackage: spendlight\nArchitecture: any\n")
        found = _output(
            [
                "dpkg-shlibdeps", "-O", "--ignore-missing-info",
                *(f"-l{place}" for place in places),
                *(f"-e{path}" for path in files),
            ],
            Path(folder),
        )  # fmt: skip
    return debian_list(found, debian_packages(needs.sonames), needs.glibc)


def debian_list(found: str, packages: Iterable[str], glibc: str) -> str:
    """Return the list of packages for a control file, each once, sorted.

    Of a library that is bundled and known to this system as well, Debian's tool names the package;
    such ones are left out. Of what is opened by name it knows nothing.

    Args:
        found: What ``dpkg-shlibdeps -O`` prints.
        packages: Those that hold what is needed.
        glibc: The version of the C library, which goes by the program's own files.
    """
    depends = found.strip().removeprefix("shlibs:Depends=").split(", ")
    versioned = {each.split()[0]: each for each in depends if each}
    versioned["libc6"] = f"libc6 (>= {glibc})"
    return ", ".join(sorted(versioned.get(name, name) for name in packages))


def debian_packages(sonames: Iterable[str]) -> set[str]:
    """Return the Debian packages that hold libraries of this system.

    Raises:
        SystemExit: A library belongs to none.
    """
    wanted = {name for name in sonames if not name.startswith("ld-linux")}
    patterns = [f"*/{platform.machine()}-linux-gnu/{name}" for name in sorted(wanted)]
    command = ["dpkg-query", "--search", *patterns]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    holders = {}
    for line in done.stdout.splitlines():
        package, _, path = line.partition(": ")
        if not package.startswith("diversion "):
            holders[Path(path).name] = package.partition(":")[0]
    if missing := sorted(wanted - holders.keys()):
        sys.exit(f"No Debian package that is installed here holds {', '.join(missing)}.")
    return set(holders.values())


def rpm_requires(needs: Needs) -> list[str]:
    """Return what a program needs, as rpm's own generator would name it."""
    return [
        f"{name}({f'GLIBC_{needs.glibc}' if name == 'libc.so.6' else ''})(64bit)"
        for name in needs.sonames
        if not name.startswith("ld-linux")
    ]


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ELF)) == _ELF


def _answer(script: str, *arguments: str | Path) -> str:
    return _output([sys.executable, ROOT / "packaging" / script, *arguments], ROOT)


def _output(command: list[str | Path], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}{command[0]} failed: exit code {done.returncode}.")
    return done.stdout
