"""The command-line options of the builders for macOS."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what all of them are told; some of it makes no difference to one."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    dist = ROOT / "dist"
    parser.add_argument(
        "--frozen", type=Path, default=dist / "spendlight", help="PyInstaller's bundle is beside it"
    )
    parser.add_argument("--dist", type=Path, default=dist, help="where what is made is put")
    parser.add_argument("--fast", action="store_true", help="pack loosely, for trials")
    parser.add_argument("--dry-run", action="store_true", help="print what would be run")
    return parser
