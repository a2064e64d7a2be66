"""Collects the licences of everything in a frozen program into one text, without gaps.

`freeze.py` writes it to the program's resources; `spendlight --licenses` prints it.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from spendlight import __version__
from spendlight.build import LICENCES, REPOSITORY

ROOT: Final = Path(__file__).resolve().parents[1]
TEXTS: Final = ROOT / "packaging" / "texts"
VENDOR: Final = ROOT / "src" / "native_reader" / "vendor"

Entry = tuple[str, str, str]
"""A bundled file: its name in the bundle, its origin, and PyInstaller's type."""

_TEXT_NAME: Final = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
_CODE_SUFFIXES: Final = {".c", ".h", ".json", ".py", ".pyc", ".pyi"}
SUPPLIED: Final = {
    "pyside6-essentials": ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
}
"""Licence texts of packages that have none, by their names."""

_TERMS: Final = {"pyinstaller": "GPL-2.0-or-later, with an exception for what it builds"}
"""The terms of packages whose metadata says too much or too little."""

_DEBIAN_DOC: Final = Path("/usr/share/doc")
_RPM_LICENCES: Final = Path("/usr/share/licenses")
_RULE: Final = "=" * 100


class Work(NamedTuple):
    """A bundled work by others."""

    name: str
    version: str
    terms: str
    """Its licence in a word or two, from its metadata."""
    home: str
    texts: tuple[str, ...]


class NoLicenceError(Exception):
    """The licence of a bundled work is unknown."""


def works(entries: Iterable[Entry], boot_loader: str = "pyinstaller") -> list[Work]:
    """Return the bundled works by others, in alphabetical order.

    Args:
        entries: All files of the bundle.
        boot_loader: The package that its executables come from.

    Raises:
        NoLicenceError: If some have no licence; it lists all of them.
    """
    found = {boot_loader: _distribution(boot_loader), "prices": _prices()}
    strange: list[str] = []
    for name, source, kind in entries:
        if kind == "SYMLINK":
            continue
        try:
            for key, make in _makers(name, Path(source)).items():
                if key not in found:
                    found[key] = make()
        except NoLicenceError as error:
            strange.append(f"{name}: {error}")
    if strange:
        raise NoLicenceError("\n".join(sorted(set(strange))))
    return sorted(found.values(), key=lambda work: work.name.lower())


def as_text(bundled: Iterable[Work]) -> str:
    """Return the text for people: first a list, then the licences, each once."""
    told = list(bundled)
    texts: dict[str, list[Work]] = {}
    for work in told:
        for text in work.texts:
            texts.setdefault(text, []).append(work)
    width = max(len(_title(work)) for work in told)
    listed = (
        f"  {_title(work):{width}}  {work.terms}\n  {'':{width}}  {work.home}" for work in told
    )
    blocks = (
        f"{_RULE}\n{', '.join(map(_title, users))}\n{_RULE}\n\n{text}"
        for text, users in texts.items()
    )
    opening = (
        f"Spendlight {__version__} is free software under the MIT License.\n{REPOSITORY}\n\n"
        f"{_clean((ROOT / 'LICENSE').read_text(encoding='utf-8'))}\n\n"
        "This program holds, or is made with, the following works by others, on these terms:\n\n"
    )
    closing = (
        "Where a text refers to /usr/share/common-licenses, it means the licences at\n"
        "https://www.gnu.org/licenses/ and https://www.apache.org/licenses/ .\n"
    )
    return "\n\n".join([opening + "\n".join(listed), closing, *blocks]) + "\n"


def _title(work: Work) -> str:
    return f"{work.name} {work.version}".rstrip()


def write_licences(entries: Iterable[Entry], resources: Path) -> None:
    """Write the text for the bundled files.

    Args:
        entries: All files of the bundle.
        resources: The program's folder of resources.

    Raises:
        NoLicenceError: Something has none.
    """
    resources.mkdir(parents=True, exist_ok=True)
    (resources / LICENCES).write_text(as_text(works(entries)), encoding="utf-8", newline="\n")


def _makers(name: str, source: Path) -> Mapping[str, Callable[[], Work]]:
    """Return the works that a file belongs to, each with a function that returns details.

    Raises:
        NoLicenceError: If it is unknown.
    """
    top = PurePosixPath(name.replace("\\", "/")).parts[0]
    module = top.partition(".")[0]
    if module == "spendlight":
        return {"xxHash": _xxhash} if source.stem == "native_reader" else {}
    if module.startswith(("pyi_rth", "pyimod", "_pyi_rth", "pyiboot")):
        return {}  # of the boot loader, which is always listed
    if (
        module in sys.stdlib_module_names
        or re.match(r"(lib)?python\d", top, re.IGNORECASE)
        or top == "base_library.zip"
        or module.startswith("_sysconfigdata")
    ):
        return {"Python": _python}
    owners = _owners().get(module)
    if owners:
        return {owner: lambda owner=owner: _distribution(owner) for owner in owners}  # type: ignore[misc]  # a default of its own
    return _makers_of_library(source)


def _makers_of_library(source: Path) -> Mapping[str, Callable[[], Work]]:
    """Return the works that a library of the system, or of Python's installer, belongs to.

    Raises:
        NoLicenceError: If it is unknown.
    """
    package = _debian_package(source)
    if package is not None:
        return {package: lambda: _from_system(package, _DEBIAN_DOC / package, ["copyright"])}
    package = _rpm_package(source)
    if package is not None:
        return {package: lambda: _from_system(package, _RPM_LICENCES / package, ["*"])}
    if source.is_relative_to(sys.base_prefix):
        return {"Python": _python}  # whose licence includes those of its libraries
    reason = f"{source} belongs to no package that is known here"
    raise NoLicenceError(reason)


@cache
def _owners() -> Mapping[str, list[str]]:
    """Return the packages to which each importable name, or folder of libraries, belongs."""
    owners = importlib.metadata.packages_distributions()
    return {name: sorted(set(found)) for name, found in owners.items()}


def _distribution(name: str) -> Work:
    """Return a Python package as a work.

    Raises:
        NoLicenceError: If it has no licence.
    """
    distribution = importlib.metadata.distribution(name)
    about = distribution.metadata
    listed = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    said = [_TERMS.get(name), *about.get_all("License-Expression", [])]
    said += [terms for terms in about.get_all("License", []) if len(terms) < len(_RULE)]
    terms = next(filter(None, said), ", ".join(listed))  # others contain the whole text
    files = [path for path in distribution.files or [] if _is_text(Path(path))]
    texts = [Path(str(distribution.locate_file(path))) for path in sorted(files)]
    texts += [TEXTS / text for text in SUPPLIED.get(about["Name"].lower().replace("_", "-"), ())]
    if not texts:
        reason = f"the package {name} comes without the text of its licence"
        raise NoLicenceError(reason)
    links = [line.partition(", ") for line in about.get_all("Project-URL", [])]
    labelled = {label.lower(): link for label, _, link in links}
    homes = [labelled.get(label) for label in ("homepage", "source", "repository")]
    homes += [*about.get_all("Home-page", []), f"https://pypi.org/project/{name}/"]
    return _work(about["Name"], distribution.version, terms, next(filter(None, homes)), texts)


def _is_text(path: Path) -> bool:
    is_named_so = _TEXT_NAME.search(path.name) is not None or "licenses" in path.parts
    return is_named_so and path.suffix.lower() not in _CODE_SUFFIXES


def _python() -> Work:
    """Return the bundled Python as a work.

    Raises:
        NoLicenceError: If its licence text is missing.
    """
    library = Path(sysconfig.get_path("stdlib"))
    places = (library, Path(sys.base_prefix), library.parents[1])
    found = next(
        (
            place / name
            for place in places
            for name in ("LICENSE.txt", "LICENSE")
            if (place / name).is_file()
        ),
        None,
    )
    if found is None:
        reason = f"the text of Python's licence is in none of {', '.join(map(str, places))}"
        raise NoLicenceError(reason)
    version, home = platform.python_version(), "https://www.python.org"
    return _work("Python", version, "PSF-2.0", home, [found])


def _prices() -> Work:
    return _work(
        "LiteLLM's list of prices",
        "",
        "MIT",
        "https://github.com/BerriAI/litellm",
        [TEXTS / "LiteLLM.txt"],
    )


def _xxhash_version() -> str:
    """Return the version of xxHash that is compiled into the native reader."""
    header = (VENDOR / "xxhash.h").read_text(encoding="utf-8")
    numbers = re.findall(
        r"^#define XXH_VERSION_(?:MAJOR|MINOR|RELEASE) +(\d+)$", header, re.MULTILINE
    )
    return ".".join(numbers)


def _xxhash() -> Work:
    home = "https://xxhash.com"
    return _work("xxHash", _xxhash_version(), "BSD-2-Clause", home, [VENDOR / "LICENSE.xxhash"])


def _from_system(package: str, folder: Path, patterns: Iterable[str]) -> Work:
    """Return a package of the system as a work.

    Raises:
        NoLicenceError: If it has no licence.
    """
    texts = sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())
    if not texts:
        reason = f"the system's package {package} has no text of a licence in {folder}"
        raise NoLicenceError(reason)
    if folder.is_relative_to(_DEBIAN_DOC):
        version = _output(["dpkg-query", "--show", "--showformat", "${Version}\n", package])
        home = f"https://tracker.debian.org/pkg/{package}"
    else:
        version = _output(["rpm", "-q", "--queryformat", "%{VERSION}\n", package])
        home = "the system's package of that name"
    return _work(package, version.splitlines()[0], "see below", home, texts)


@cache
def _debian_package(source: Path) -> str | None:
    """Return the Debian package that a file belongs to."""
    if shutil.which("dpkg-query") is None:
        return None
    real = source.resolve()
    for path in (source, real, Path("/", *real.parts[2:]) if real.parts[1] == "usr" else real):
        found = _output(["dpkg-query", "--search", str(path)])
        if found:
            return found.partition(":")[0]
    return None


@cache
def _rpm_package(source: Path) -> str | None:
    """Return the RPM package that a file belongs to."""
    if shutil.which("rpm") is None:
        return None
    return _output(["rpm", "-q", "--queryformat", "%{NAME}\n", "-f", str(source.resolve())]) or None


def _output(command: list[str]) -> str:
    """Return the output of a program, or nothing if it fails."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _work(name: str, version: str, terms: str, home: str, texts: Iterable[Path]) -> Work:
    read = [_clean(path.read_text(encoding="utf-8", errors="replace")) for path in texts]
    unique = tuple(dict.fromkeys(filter(None, read)))
    return Work(name, version, " ".join(terms.split()) or "see below", home, unique)


def _clean(text: str) -> str:
    """Return a text without control characters."""
    lines = text.replace("\f", "\n").expandtabs().splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")
