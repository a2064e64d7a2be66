"""Packs the portable program for Windows: unpacked anywhere, it runs there.

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
"""What everything is in, so that unpacking it litters nothing."""

_EARLIEST: Final = 315_619_200
"""The beginning of 1980 in seconds; before, a zip has no dates."""


def pack(program: Path, target: Path, *, is_fast: bool = False) -> None:
    """Pack a folder; the same files give the same archive.

    Args:
        program: The frozen program, which is stamped as a portable archive by itself.
        target: The file to make.
        is_fast: Whether to compress little.
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
