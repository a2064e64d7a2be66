"""Writes into a frozen program with which kind of package it is distributed.

    python packaging/stamp.py FOLDER --channel deb

FOLDER contains the program, or is a macOS bundle.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

from spendlight.build import STAMP, Channel

ROOT = Path(__file__).resolve().parents[1]


def write_stamp(resources: Path, channel: Channel, commit: str) -> None:
    """Write the stamp that `spendlight.build.read_build` reads.

    Args:
        resources: The program's folder of resources.
        channel: The kind of package.
        commit: The commit it was built from; empty if unknown.
    """
    resources.mkdir(parents=True, exist_ok=True)
    stamp = {"channel": channel.value, "commit": commit}
    (resources / STAMP).write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def restamp(program: Path, channel: Channel) -> None:
    """Change the kind of package of a frozen program; its commit stays.

    Raises:
        FileNotFoundError: If it has no stamp.
    """
    stamps = [path for path in program.rglob(STAMP) if path.parent.name == "resources"]
    if not stamps:
        raise FileNotFoundError(program / "…" / STAMP)
    for path in stamps:
        commit = json.loads(path.read_bytes())["commit"]
        write_stamp(path.parent, channel, commit)


def commit_here() -> str:
    """Return the commit of this checkout; empty outside one, or if files differ from it."""
    try:
        state = _git("status", "--porcelain", "--untracked-files=no")
        return "" if state else _git("rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    ran = subprocess.run(
        ["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def main() -> None:
    """Stamp what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("program", type=Path, metavar="FOLDER")
    parser.add_argument("--channel", type=Channel, required=True, choices=list(Channel))
    arguments = parser.parse_args()
    restamp(arguments.program, arguments.channel)


if __name__ == "__main__":
    main()
