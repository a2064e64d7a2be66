"""Checks a Spendlight.app for errors; runs on any system.

python installers/macos/check_app.py dist/macos/Spendlight.app
"""

from __future__ import annotations

import argparse
import json
import os
import plistlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from information import MINIMUM, TERMINAL, TRAY, information
from mach_o import is_mach_o, mach_o_files, required_release

from spendlight import __version__
from spendlight.build import STAMP, Channel

if TYPE_CHECKING:
    from collections.abc import Iterator


def problems(app: Path) -> list[str]:
    """Return the errors in a bundle, one sentence each."""
    return [
        *_in_plist(app),
        *_in_programs(app),
        *_in_documents(app),
        *_in_links(app),
        *_in_code(app),
        *_in_stamp(app),
    ]


def _in_plist(app: Path) -> Iterator[str]:
    try:
        plist: dict[str, Any] = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    except (OSError, ValueError, ExpatError) as error:
        yield f"Info.plist cannot be read: {error}"
        return
    for key, value in information(__version__).items():
        if plist.get(key) != value:
            yield f"Info.plist: {key} is {plist.get(key)!r}, not {value!r}"
    icon = app / "Contents" / "Resources" / str(plist.get("CFBundleIconFile"))
    if not icon.is_file():
        yield f"Info.plist names an icon that is not there: {icon.name}"
    try:
        needed, path = required_release(app)
    except ValueError as error:
        yield str(error)
        return
    if needed > MINIMUM:
        yield f"it says that it runs on macOS {MINIMUM}, and {path.relative_to(app)} needs {needed}"


def _in_programs(app: Path) -> Iterator[str]:
    folder = app / "Contents" / "MacOS"
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(there ^ {TERMINAL, TRAY}):
        yield f"Contents/MacOS {'holds' if name in there else 'lacks'} {name}"
    for name in sorted(there & {TERMINAL, TRAY}):
        if not is_mach_o(folder / name) or not os.access(folder / name, os.X_OK):
            yield f"Contents/MacOS/{name} is no program"


def _in_documents(app: Path) -> Iterator[str]:
    """Check the command-line program, manual and completions, to which the cask makes links."""
    cask = Path(__file__).with_name("spendlight.rb.in").read_text(encoding="utf-8")
    for place in re.findall(r'"#\{appdir\}/Spendlight\.app/([^"]+)"', cask):
        if not (app / place).is_file():
            yield f"the cask links what is not there: {place}"


def _in_links(app: Path) -> Iterator[str]:
    for path in sorted(app.rglob("*")):
        if path.is_symlink() and not path.exists():
            yield f"a link leads nowhere: {path.relative_to(app)}"
        elif path.is_symlink() and not path.resolve().is_relative_to(app.resolve()):
            yield f"a link leads out of the bundle: {path.relative_to(app)}"


def _in_code(app: Path) -> Iterator[str]:
    """Check that code is in Frameworks and data in Resources; a signature requires it."""
    for path in mach_o_files(app / "Contents" / "Resources"):
        yield f"code among the resources: {path.relative_to(app)}"
    frameworks = app / "Contents" / "Frameworks"
    for path in sorted(frameworks.rglob("*")):
        inside = path.relative_to(frameworks).parts
        if any(part.endswith(".framework") for part in inside) or path.is_symlink():
            continue
        if path.is_file() and not is_mach_o(path):
            yield f"data among the code: {path.relative_to(app)}"
        elif path.is_dir() and "." in path.name:
            yield f"a folder with a dot among the code: {path.relative_to(app)}"


def _in_stamp(app: Path) -> Iterator[str]:
    stamps = [path for path in app.rglob(STAMP) if path.parent.name == "resources"]
    channels = {json.loads(path.read_bytes())["channel"] for path in stamps}
    if channels != {Channel.DMG.value}:
        yield f"its stamp says {sorted(channels)}, not {Channel.DMG.value}"


def main() -> None:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("app", type=Path)
    app = parser.parse_args().app
    wrong = problems(app)
    print("\n".join(wrong) or f"{app} is as it should be")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
