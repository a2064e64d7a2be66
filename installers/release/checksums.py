"""Writes or checks SHA256SUMS, the checksums of a release's files in the format of `sha256sum`.

python installers/release/checksums.py dist
python installers/release/checksums.py dist --check
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Final

from project import ReleaseError, run_script

SUMS: Final = "SHA256SUMS"


def sha256(path: Path) -> str:
    """Return the SHA-256 checksum of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path) -> Path:
    """Write the checksums of all files in a folder and return the path of the list.

    Raises:
        ReleaseError: If there are no files.
    """
    files = sorted(path for path in folder.glob("*") if path.is_file() and path.name != SUMS)
    if not files:
        message = f"no file in {folder}, so there is nothing to sum up"
        raise ReleaseError(message)
    target = folder / SUMS
    lines = (f"{sha256(path)}  {path.name}\n" for path in files)
    target.write_text("".join(lines), encoding="utf-8", newline="\n")
    return target


def read_sums(folder: Path) -> dict[str, str]:
    """Return the checksum of each file listed in SHA256SUMS.

    Raises:
        ReleaseError: If it is missing, or a line is not a checksum and a name.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        message = f"{folder / SUMS} cannot be read: {error.strerror}"
        raise ReleaseError(message) from error
    sums = {}
    for line in lines:
        digits, _, name = line.partition("  ")
        if len(digits) != hashlib.sha256().digest_size * 2 or not name or Path(name).name != name:
            message = f"{folder / SUMS} has a line that is no sum of a file: {line!r}"
            raise ReleaseError(message)
        sums[name] = digits
    return sums


def check_sums(folder: Path) -> int:
    """Compare all files with their checksums and return the number of files.

    Raises:
        ReleaseError: If a file is missing or differs.
    """
    sums = read_sums(folder)
    wrong = [name for name, digits in sums.items() if not _has_sum(folder / name, digits)]
    if wrong:
        message = f"not as {SUMS} says: {', '.join(wrong)}"
        raise ReleaseError(message)
    return len(sums)


def _has_sum(path: Path, digits: str) -> bool:
    return path.is_file() and sha256(path) == digits


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    arguments = parser.parse_args()
    if arguments.check:
        print(f"{check_sums(arguments.folder)} files are as {SUMS} says")
    else:
        print(write_sums(arguments.folder))


if __name__ == "__main__":
    run_script(main)
