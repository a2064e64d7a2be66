"""Fills in the manifests with which winget finds the installer of a release.

    python installers/windows/winget.py SETUP [--dist dist/winget] [--date 2026-03-01] [--url URL]

SETUP is the installer exactly as published, so sign it first. The three files are for a pull
request to https://github.com/microsoft/winget-pkgs; check them on Windows with `winget validate`
and `winget install --manifest`.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from spendlight import __version__
from spendlight.build import REPOSITORY

HERE: Final = Path(__file__).resolve().parent
TEMPLATES: Final = HERE / "winget"

_PLACEHOLDER: Final = re.compile(r"@([A-Z0-9]+)@")


def filled(text: str, words: dict[str, str]) -> str:
    """Return a template with its placeholders replaced.

    Args:
        text: The template, with placeholders between at signs.
        words: The value of each placeholder.

    Raises:
        KeyError: If a placeholder has no value.
    """
    return _PLACEHOLDER.sub(lambda match: words[match[1]], text)


def manifests(setup: Path, day: date, url: str = "") -> dict[str, str]:
    """Return the manifests of a release by file name.

    Args:
        setup: The published installer.
        day: The day of publication.
        url: Its address; by default among the releases of the repository.
    """
    words = {
        "VERSION": __version__,
        "DATE": day.isoformat(),
        "REPOSITORY": REPOSITORY,
        "SHA256": hashlib.sha256(setup.read_bytes()).hexdigest().upper(),
        "URL": url or f"{REPOSITORY}/releases/download/v{__version__}/{setup.name}",
    }
    return {
        path.name: filled(path.read_text(encoding="utf-8"), words)
        for path in sorted(TEMPLATES.glob("*.yaml"))
    }


def main() -> None:
    """Write the manifests of the installer named on the command line, and print their folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("setup", type=Path, metavar="SETUP")
    parser.add_argument("--dist", type=Path, default=HERE.parents[1] / "dist" / "winget")
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--url", default="")
    arguments = parser.parse_args()
    if not arguments.setup.is_file():
        sys.exit(f"{arguments.setup} is not there: build it first, with installers/windows/nsis.py")
    arguments.dist.mkdir(parents=True, exist_ok=True)
    for name, text in manifests(arguments.setup, arguments.date, arguments.url).items():
        (arguments.dist / name).write_text(text, encoding="utf-8", newline="\r\n")
        print(arguments.dist / name)


if __name__ == "__main__":
    main()
