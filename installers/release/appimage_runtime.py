"""Downloads and verifies the runtime with which `linux/appimage.py` makes an AppImage.

    python installers/release/appimage_runtime.py build/appimage-runtime

It is not in Debian or on PyPI. Its licence is MIT; https://github.com/AppImage/type2-runtime.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from project import ReleaseError, run_script

RELEASE: Final = "https://github.com/AppImage/type2-runtime/releases/download/20251108"
SUMS: Final = {"x86_64": "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d"}
"""The SHA-256 checksum of the runtime for each processor; to be updated with its release."""

_TIMEOUT_S: Final = 60.0
_MOST_BYTES: Final = 16 << 20


def proven(content: bytes, digits: str) -> bytes:
    """Return the downloaded content if its checksum is right.

    Raises:
        ReleaseError: If the checksum is wrong.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != digits:
        message = f"the runtime has the SHA-256 {found}, not {digits}; nothing was written"
        raise ReleaseError(message)
    return content


def download(target: Path, machine: str) -> None:
    """Download the runtime for a processor, unless it has been downloaded already.

    Args:
        target: The file to write.
        machine: As returned by `platform.machine`.

    Raises:
        ReleaseError: If there is none for this processor, or its checksum is wrong.
    """
    digits = SUMS.get(machine)
    if digits is None:
        message = f"the SHA-256 of the runtime for {machine} is not known here"
        raise ReleaseError(message)
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == digits:
        return
    url = f"{RELEASE}/runtime-{machine}"
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310  # ours
            content = answer.read(_MOST_BYTES)
    except (urllib.error.URLError, TimeoutError) as error:
        message = f"{url} cannot be downloaded: {error}"
        raise ReleaseError(message) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(proven(content, digits))


def main() -> None:
    """Download to where the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", type=Path)
    target = parser.parse_args().target
    download(target, platform.machine())
    print(target)


if __name__ == "__main__":
    run_script(main)
