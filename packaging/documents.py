"""Writes the documents of packages: the manual page and completions for shells.

    python packaging/documents.py FOLDER

makes ``man/spendlight.1`` and ``man/spendlight-tray.1`` in the folder, and in its ``completion``
``spendlight.bash``, ``_spendlight`` (zsh), ``spendlight.fish`` and ``spendlight.ps1``.
``SOURCE_DATE_EPOCH`` sets the day on the page.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from man_page import man_page, tray_page

from spendlight.cli.completion import FILES, script_file


def documents() -> dict[str, str]:
    """Return the documents by their paths."""
    built = datetime.fromtimestamp(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time()), UTC)
    pages = {"man/spendlight.1": man_page(built.date()), "man/spendlight-tray.1": tray_page()}
    scripts = {
        f"completion/{name}": script_file(shell).read_text(encoding="utf-8")
        for shell, name in FILES.items()
    }
    return pages | scripts


def main() -> None:
    """Write them all."""
    if len(sys.argv) != 2:
        sys.exit("usage: python packaging/documents.py FOLDER")
    for place, text in documents().items():
        path = Path(sys.argv[1], place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path)


if __name__ == "__main__":
    main()
