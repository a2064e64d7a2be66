"""Fills in the Homebrew cask of a release.

    python installers/macos/cask.py dist --output build/manifests/spendlight.rb

The folder must contain both disk images, for Apple's processors and for Intel's.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dmg import image_name
from information import BUNDLE_ID, MINIMUM

from spendlight import __version__
from spendlight.autostart.launch_agent import AGENT_LABEL
from spendlight.build import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE: Final = Path(__file__).resolve().with_name("spendlight.rb.in")

NAMES: Final = {13: "ventura", 14: "sonoma", 15: "sequoia", 26: "tahoe"}
"""Homebrew's names for releases of macOS."""

_PLACE: Final = re.compile(r"@([A-Z0-9_]+)@")


def values_for(folder: Path, version: str) -> dict[str, str]:
    """Return the values for the template.

    Raises:
        FileNotFoundError: If a disk image is missing from the folder.
    """
    return {
        "AGENT_LABEL": AGENT_LABEL,
        "BUNDLE_ID": BUNDLE_ID,
        "MACOS": NAMES[MINIMUM.major],
        "REPOSITORY": REPOSITORY,
        "SHA256_ARM64": sha256(folder / image_name(version, "arm64")),
        "SHA256_X86_64": sha256(folder / image_name(version, "x86_64")),
        "VERSION": version,
    }


def sha256(path: Path) -> str:
    """Return the SHA-256 checksum of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its placeholders replaced.

    Raises:
        KeyError: If a placeholder has no value.
    """
    return _PLACE.sub(lambda place: values[place[1]], template)


def main() -> None:
    """Write the cask that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds the disk images")
    parser.add_argument("--output", type=Path, help="instead of printing it")
    arguments = parser.parse_args()
    try:
        values = values_for(arguments.folder, __version__)
    except FileNotFoundError as error:
        sys.exit(f"cask.py: {error.filename} is not there")
    cask = filled(TEMPLATE.read_text(encoding="utf-8"), values)
    if arguments.output is None:
        print(cask, end="")
    else:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(cask, encoding="utf-8")
        print(arguments.output)


if __name__ == "__main__":
    main()
