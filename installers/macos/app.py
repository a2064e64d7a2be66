"""Prepares Spendlight.app for distribution: stamps, signs and checks it.

    python installers/macos/app.py [--frozen dist/spendlight] [--dist dist]

PyInstaller decides where each file of the frozen program goes in the bundle
(`packaging/spendlight.spec`, BUNDLE): code in Frameworks, everything else in Resources, links
between the two, and no dots in folder names, as codesign requires.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from check_app import problems
from information import APP, is_macos
from mac_options import ROOT, parser_of
from signing import Runner, SigningError, sign

from spendlight.build import Channel

if TYPE_CHECKING:
    from pathlib import Path


def prepare(source: Path, target: Path) -> None:
    """Copy a bundle made by PyInstaller and stamp the copy.

    Args:
        source: The bundle, which is not changed.
        target: The bundle to create; an existing one is replaced.

    Raises:
        FileNotFoundError: If there is no bundle.
        subprocess.CalledProcessError: If it is not a bundle of ours.
    """
    if not (source / "Contents" / "Info.plist").is_file():
        raise FileNotFoundError(source)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, symlinks=True)
    shutil.rmtree(target / "Contents" / "_CodeSignature", ignore_errors=True)
    script = ROOT / "packaging" / "stamp.py"
    subprocess.run([sys.executable, script, target, "--channel", Channel.DMG.value], check=True)


def main() -> None:
    """Make what the command line names."""
    parser = parser_of(__doc__)
    arguments = parser.parse_args()
    if not arguments.dry_run and not is_macos():
        parser.error("only macOS can sign a bundle; --dry-run leaves that out")
    target = arguments.dist / "macos" / APP
    try:
        prepare(arguments.frozen.with_name(APP), target)
        print("#", sign(target, os.environ, Runner(is_dry=arguments.dry_run)))
    except FileNotFoundError as error:
        sys.exit(f"app.py: {error} is no bundle; packaging/freeze.py makes one on macOS")
    except SigningError as error:
        sys.exit(f"app.py: {error}")
    wrong = problems(target)
    if wrong:
        sys.exit("app.py: the bundle is not as it should be:\n" + "\n".join(wrong))
    print(target)


if __name__ == "__main__":
    main()
