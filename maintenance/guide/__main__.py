"""Writes the pages of ``docs`` that are generated from the code.

    python -m maintenance.guide

from the repository's folder. A test fails if a page differs from what this would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))  # the manual page reads the same parser

from maintenance.guide.pages import pages  # noqa: E402  # needs that path


def main() -> None:
    """Write them all."""
    for name, text in pages(ROOT / "docs").items():
        path = ROOT / "docs" / name
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path)


if __name__ == "__main__":
    main()
