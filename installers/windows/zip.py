"""Packs the portable program for Windows, which runs from any folder.

python installers/windows/zip.py [--frozen dist/spendlight] [--dist dist] [--fast]
"""

from __future__ import annotations

import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Final

from nsis import is_for_windows, parser_of

from spendlight import __version__

FOLDER: Final = f"spendlight-{__version__}"
"""The archive's only top-level folder, so that unpacking does not scatter files."""

_EARLIEST: Final = 315_619_200
"""The start of 1980 in seconds: the earliest date in a zip."""


def pack(program: Path, target: Path, *, is_fast: bool = False) -> None:
    """Pack a folder reproducibly: the same files give the same archive.

    Args:
        program: The frozen program, already stamped as a portable archive.
        target: The file to create.
        is_fast: Whether to use weaker but faster compression.
    """
    date_s = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), _EARLIEST)
    moment = time.gmtime(date_s)[:6]
    target.parent.mkdir(parents=True, exist_ok=True)
    level = 1 if is_fast else 9
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for path in sorted(path for path in program.rglob("*") if path.is_file()):
            name = f"{FOLDER}/{path.relative_to(program).as_posix()}"
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100_644 << 16
            archive.writestr(info, path.read_bytes())


def main() -> None:
    """Pack what the command line names, and print what was made."""
    arguments = parser_of(__doc__).parse_args()
    if not is_for_windows(arguments.frozen):
        sys.exit(f"{arguments.frozen} is no program for Windows; it can only be frozen there")
    target = arguments.dist / f"spendlight-{__version__}-windows-x86_64.zip"
    pack(arguments.frozen, target, is_fast=arguments.fast)
    print(target)


if __name__ == "__main__":
    main()
