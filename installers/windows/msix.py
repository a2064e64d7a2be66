r"""Lays out the package for Microsoft's Store, and packs it with Windows' SDK.

    python installers/windows/msix.py [--publisher "CN=…"] [--identity NAME]
                                      [--publisher-name NAME] [--pack] [--sign COMMAND]
                                      [--frozen dist/spendlight] [--dist dist] [--fast]

The folder dist\msix is the input of `makeappx pack /d dist\msix /p Spendlight.msix`; --pack runs
this command, too. The Store signs packages itself; a package distributed in any other way must be
signed with a certificate whose subject is the publisher.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from nsis import ICONS, is_for_windows, numeric_version, parser_of, stamp
from winget import filled

from spendlight import __version__
from spendlight.build import Channel

HERE: Final = Path(__file__).resolve().parent
TEMPLATE: Final = HERE / "msix" / "AppxManifest.xml"

PICTURES: Final = {"StoreLogo": 50, "Square44x44Logo": 44, "Square150x150Logo": 150}
"""The pictures that Windows requires, with their sizes in pixels."""


def manifest(identity: str, publisher: str, publisher_name: str) -> str:
    """Return the package's manifest.

    Args:
        identity: The package's name, as reserved in the Store.
        publisher: The subject of the certificate that signs it.
        publisher_name: The publisher's name as shown to users.
    """
    words = {
        "IDENTITY": identity,
        "PUBLISHER": publisher,
        "PUBLISHERNAME": publisher_name,
        "NUMERICVERSION": numeric_version(__version__),
    }
    quoted = {name: escape(word, {'"': "&quot;"}) for name, word in words.items()}
    return filled(TEMPLATE.read_text(encoding="utf-8"), quoted)


def lay_out(program: Path, folder: Path, text: str) -> None:
    """Fill the folder that becomes the package.

    Args:
        program: The frozen program, which is not changed.
        folder: The folder to create; an existing one is replaced.
        text: The manifest.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(program, folder)
    stamp(folder, Channel.MSIX)
    (folder / "AppxManifest.xml").write_text(text, encoding="utf-8")
    _paint(folder / "Assets")


def _paint(folder: Path) -> None:
    from PIL import Image

    folder.mkdir()
    icon = Image.open(ICONS / "spendlight-512.png")
    for name, size in PICTURES.items():
        icon.resize((size, size), Image.Resampling.LANCZOS).save(folder / f"{name}.png")


def _makeappx() -> str | None:
    """Return the path of the newest packer among the installed SDKs."""
    kits = Path(os.environ.get("ProgramFiles(x86)", ""), "Windows Kits", "10", "bin")  # noqa: SIM112  # its real name
    found = sorted(kits.glob("10.*/x64/makeappx.exe"))
    return str(found[-1]) if found else shutil.which("makeappx")


def main() -> None:
    """Make the package as the command line says, and print the path of the result."""
    parser = parser_of(__doc__)
    parser.add_argument("--publisher", default="CN=Spendlight", metavar="SUBJECT")
    parser.add_argument("--identity", default="Spendlight.Spendlight", metavar="NAME")
    parser.add_argument("--publisher-name", default="Spendlight", metavar="NAME")
    parser.add_argument("--pack", action="store_true", help="run makeappx of Windows' SDK")
    parser.add_argument("--sign", default="", metavar="COMMAND")
    arguments = parser.parse_args()
    if not is_for_windows(arguments.frozen):
        sys.exit(f"{arguments.frozen} is no program for Windows; it can only be frozen there")
    folder = arguments.dist / "msix"
    text = manifest(arguments.identity, arguments.publisher, arguments.publisher_name)
    lay_out(arguments.frozen, folder, text)
    print(folder)
    if not arguments.pack:
        return
    packer = _makeappx()
    if packer is None:
        sys.exit("makeappx is missing: it comes with Windows' SDK")
    target = arguments.dist / f"Spendlight-{__version__}-x86_64.msix"
    how = ["/nc"] if arguments.fast else []
    told = [packer, "pack", "/o", *how, "/d", str(folder), "/p", str(target)]
    subprocess.run(told, check=True, stdout=subprocess.DEVNULL)
    if arguments.sign:
        subprocess.run([*shlex.split(arguments.sign), target], check=True)
    print(target)


if __name__ == "__main__":
    main()
