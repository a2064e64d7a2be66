"""Common code of the builders of Linux packages: options, and how the program is laid out."""

from __future__ import annotations

import argparse
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.build import Channel

ROOT: Final = Path(__file__).resolve().parents[2]
WORK: Final = ROOT / "build" / "linux"

SUMMARY: Final = "What Claude Code costs you, in the tray and in the terminal"
DESCRIPTION: Final = (
    (
        "Spendlight reads the logs that Claude Code writes, keeps what they say of tokens for ever"
        " in a ledger, and shows what it cost: today, this five-hour block, by project and by"
        " model. It sits in the tray, opens a window with charts, and prints reports in the"
        " terminal."
    ),
    "Tokens are exact. Money is the list price of the tokens, not a bill.",
)
"""The description of the package, in paragraphs."""


class Order(NamedTuple):
    """The order for a builder.

    Attributes:
        frozen: The folder of the frozen program, which is not changed.
        dist: The output folder.
        version: The version of the package. Checks build older ones of the same program.
        is_fast: Whether to use fast compression, for trials.
        date_s: The time of all packed files, in seconds since 1970, so that the same source gives
            the same package.
    """

    frozen: Path
    dist: Path
    version: str
    is_fast: bool
    date_s: int


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the common options of all builders."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    dist = ROOT / "dist"
    parser.add_argument("--frozen", type=Path, default=dist / "spendlight", help="what is packed")
    parser.add_argument("--dist", type=Path, default=dist, help="where the package is put")
    parser.add_argument("--fast", action="store_true", help="pack loosely, for trials")
    parser.add_argument("--version", default=__version__, help="call it so, for trials of upgrades")
    return parser


def order_of(arguments: argparse.Namespace) -> Order:
    """Return the order on the command line.

    Raises:
        SystemExit: If there is no frozen program.
    """
    frozen: Path = arguments.frozen.resolve()
    if not (frozen / "spendlight-tray").is_file():
        sys.exit(f"There is no frozen program in {frozen}: make it with `make frozen`.")
    arguments.dist.mkdir(parents=True, exist_ok=True)
    return Order(
        frozen, arguments.dist.resolve(), arguments.version, arguments.fast, _source_date_s()
    )


def _source_date_s() -> int:
    """Return when the source was last changed; outside a checkout, now."""
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named:
        return int(named)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return int(time.time())


def empty(folder: Path) -> Path:
    """Return an empty folder, deleting an existing one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_program(order: Order, target: Path, channel: Channel) -> None:
    """Copy the frozen program, and stamp the copy with the kind of package."""
    shutil.copytree(order.frozen, target, symlinks=True)
    run_script("packaging/stamp.py", target, "--channel", channel.value)
    programs = {target / "spendlight", target / "spendlight-tray"}
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            is_open = path.is_dir() or path in programs
            path.chmod(0o755 if is_open else 0o644)


def write(path: Path, text: str | bytes, mode: int = 0o644) -> Path:
    """Write a file that is to be packed, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def link(path: Path, leads_to: str) -> None:
    """Make a symbolic link that is to be packed, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(leads_to)


def date_all(tree: Path, date_s: int) -> None:
    """Give everything in a tree the same date, and folders the usual permissions."""
    for path in (tree, *tree.rglob("*")):
        if stat.S_ISDIR(path.lstat().st_mode):
            path.chmod(0o755)
        os.utime(path, (date_s, date_s), follow_symlinks=False)


def installed_kb(tree: Path) -> int:
    """Return the size of a tree in units of 1024 bytes, as counted by package managers."""
    total = 0
    for path in tree.rglob("*"):
        status = path.lstat()
        total += -(-status.st_size // 1024) if stat.S_ISREG(status.st_mode) else 1
    return total


def run_script(script: str, *arguments: str | Path, **environ: str) -> None:
    """Run another script of this repository, and show its output only if it fails.

    Raises:
        SystemExit: If it fails.
    """
    run([sys.executable, ROOT / script, *arguments], **environ)


def run(command: Sequence[str | Path], **environ: str) -> None:
    """Run a program of the system, and show its output only if it fails.

    Raises:
        SystemExit: If it fails, or is missing.
    """
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        sys.exit(f"{command[0]} is missing: maintenance/debian_packages.sh package installs it.")
    if done.returncode:
        sys.exit(f"{done.stdout}{command[0]} failed with exit code {done.returncode}.")
