"""Records the results of a check of a package: a line for each claim, and whether it holds."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from building import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

CHECKS: Final = ROOT / "build" / "package-check"
"""Clean systems, packages installed into them, and screenshots."""


class Seen(NamedTuple):
    """A claim about a package."""

    claim: str
    holds: bool


class Protocol:
    """The results for one package.

    Attributes:
        kind: The name of the package in the output.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._seen: list[Seen] = []

    def note(self, claim: str, *, holds: bool, instead: object = "") -> None:
        """Record whether a claim holds.

        Args:
            claim: The claim, in words.
            holds: Whether it does.
            instead: What was seen instead, if it does not.
        """
        self._seen.append(Seen(claim, holds))
        print(f"{'ok  ' if holds else 'FAIL'}  {self.kind:<9}{claim}", flush=True)
        text = str(instead).strip()
        if not holds and text:
            print("\n".join(f"          {line}" for line in text.splitlines()[-20:]), flush=True)

    def conclude(self) -> int:
        """Return the exit code: 0 if every claim holds."""
        return 0 if self._seen and all(seen.holds for seen in self._seen) else 1


def check(kind: str, look: Callable[[Protocol], None]) -> int:
    """Check a package, and return the exit code.

    Args:
        kind: The name of the package in the output.
        look: Records claims, and raises if it cannot continue.
    """
    CHECKS.mkdir(parents=True, exist_ok=True)
    protocol = Protocol(kind)
    try:
        look(protocol)
    except Exception as error:  # any error means that the check failed
        protocol.note("the check came to its end", holds=False, instead=repr(error))
        if "--debug" in sys.argv:
            raise
    return protocol.conclude()


def made(dist: Path, pattern: str) -> Path:
    """Return the only package of a kind.

    Raises:
        FileNotFoundError: If it was not built, or there are several.
    """
    found = sorted(dist.glob(pattern))
    if len(found) != 1:
        reason = f"{dist / pattern}: {len(found)} packages, where one is to be checked"
        raise FileNotFoundError(reason)
    return found[0]


def look_at_entries(protocol: Protocol, share: Path) -> None:
    """Run the desktops' checkers on the menu entry and the metainfo."""
    (entry,) = share.glob("applications/*.desktop")
    said = complaint("desktop-file-validate", str(entry))
    protocol.note("desktop-file-validate finds nothing", holds=said is None, instead=said)
    (metainfo,) = share.glob("metainfo/*.metainfo.xml")
    said = complaint("appstreamcli", "validate", "--no-net", str(metainfo))
    protocol.note("appstreamcli finds nothing", holds=said is None, instead=said)


def look_at_guide(protocol: Protocol, documents: Collection[str]) -> None:
    """Note whether the package's documents include the whole guide, given their paths."""
    folder = ROOT / "docs"
    files = [*folder.rglob("*.md"), *folder.rglob("*.json")]
    expected = {f"/usr/share/doc/spendlight/{path.relative_to(folder)}" for path in files}
    missing = sorted(expected.difference(documents))
    protocol.note("the guide is among its documents", holds=not missing, instead=missing)


def complaint(*command: str) -> str | None:
    """Return the output of a checker, or None if it finds nothing."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return None if done.returncode == 0 else done.stdout


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the common options of all checks."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where the packages are")
    frozen = ROOT / "dist" / "spendlight"
    parser.add_argument("--frozen", type=Path, default=frozen, help="the program that is packed")
    parser.add_argument("--logs", type=Path, help="a data folder of Claude Code to report on, too")
    parser.add_argument("--prices", type=Path, help="the price list for those logs")
    parser.add_argument("--debug", action="store_true", help="show the traceback of what fails")
    return parser
