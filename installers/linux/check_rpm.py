"""Tests the package for Fedora: installed by rpm, used, upgraded and erased in a clean root.

    python installers/linux/check_rpm.py [--dist FOLDER] [--logs FOLDER [--prices FILE]]

The root is a Debian with the required libraries, which its RPM database does not know; so the
package's requirements are compared with the libraries themselves.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import building
import checking
from building import ROOT
from checking import CHECKS, Protocol, check, made
from clean_root import CleanRoot, demand_root, furnished_root
from linked import debian_packages
from older import OLDER, older_copy
from using import (
    Installed,
    Steps,
    look_at_an_upgrade,
    look_at_what_is_left,
    look_at_what_stays,
)

if TYPE_CHECKING:
    from pathlib import Path

KIND: Final = "rpm"


def look(protocol: Protocol, arguments: argparse.Namespace) -> None:
    """Check the package."""
    package = made(arguments.dist, "spendlight-*.rpm")
    said = checking.complaint("rpm", "--checksig", "--nosignature", str(package))
    protocol.note("its digests are right", holds=said is None, instead=said)
    config = ROOT / "installers" / "linux" / "rpmlint.toml"
    said = checking.complaint("rpmlint", "--strict", "--config", str(config), str(package))
    protocol.note("rpmlint finds nothing", holds=said is None, instead=said)
    documents = _ask("--query", "--package", "--docfiles", str(package)).splitlines()
    checking.look_at_guide(protocol, documents)
    sonames = required_libraries(_ask("--query", "--package", "--requires", str(package)))
    root = furnished_root(KIND, sorted(debian_packages(sonames)))
    known = root.run("ldconfig", "-p", as_user=False)
    missing = [name for name in sonames if f"\t{name} (" not in known]
    protocol.note(
        f"the {len(sonames)} libraries that it requires are all it needs of the system",
        holds=not missing,
        instead=missing,
    )
    before = root.listing()
    _rpm(root, "--initdb")
    _rpm(root, "--nodeps", "--install", str(_older(arguments.frozen)))
    installed = Installed(root, ["spendlight"], ["spendlight-tray"])

    def further() -> None:
        said = _rpm(root, "--verify", "--nodeps", "spendlight")
        protocol.note("all its files are as packed", holds=not said, instead=said)
        doctor = root.run("spendlight", "doctor", check=False)
        protocol.note("doctor names the package", holds="rpm package" in doctor, instead=doctor)

    steps = Steps(
        upgrade=lambda: _rpm(root, "--nodeps", "--upgrade", str(package)),
        remove=lambda: _rpm(root, "--erase", "spendlight"),
        removing="erasing",
        further=further,
    )
    said = look_at_an_upgrade(protocol, installed, steps, arguments)
    look_at_what_is_left(protocol, before, root.listing(), "erasing")
    look_at_what_stays(protocol, root, said)
    root.remove()


def required_libraries(requires: str) -> list[str]:
    """Return the libraries in rpm's list of a package's requirements."""
    return sorted(set(re.findall(r"^([^\s/(]+\.so[.\d]*)\(", requires, re.MULTILINE)))


def _older(frozen: Path) -> Path:
    """Build an older version of the package, with fast compression."""
    program = older_copy(frozen, CHECKS / "older-program")
    dist = CHECKS / "older"
    building.run_script(
        "installers/linux/rpm.py", "--frozen", program, "--dist", dist, "--version", OLDER, "--fast"
    )
    return made(dist, "*.rpm")


def _rpm(root: CleanRoot, *words: str) -> str:
    """Run rpm on a root, with the root's own database, and return its output.

    Raises:
        RuntimeError: If it fails.
    """
    done = subprocess.run(
        [*root.enter(), "rpm", "--root", root.path, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = f"rpm {' '.join(words)}: exit code {done.returncode}\n{done.stdout}"
        raise RuntimeError(reason)
    return done.stdout


def _ask(*words: str) -> str:
    return subprocess.run(["rpm", *words], capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Check, and say what was seen."""
    parser = checking.parser_of(__doc__)
    arguments = parser.parse_args()
    demand_root()
    sys.exit(check(KIND, lambda protocol: look(protocol, arguments)))


if __name__ == "__main__":
    main()
