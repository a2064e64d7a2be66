"""Makes a bundle with PyInstaller's layout and hardly any files."""

from __future__ import annotations

import plistlib
from pathlib import Path

from documents import documents
from information import APP, information
from stamp import write_stamp
from tests.installers.mach_o_files import write_mach_o

from spendlight import __version__
from spendlight.build import Channel


def make_bundle(folder: Path) -> Path:
    """Make a bundle that is stamped as an archive."""
    app = folder / APP
    contents = app / "Contents"
    for name in ("spendlight", "spendlight-tray"):
        write_mach_o(contents / "MacOS" / name)
    frameworks, resources = contents / "Frameworks", contents / "Resources"
    write_stamp(resources / "spendlight" / "resources", Channel.ARCHIVE, "abc")
    for name, text in documents().items():
        path = resources / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (resources / "spendlight.icns").write_bytes(b"icns")
    (resources / "spendlight" / "__init__.pyc").write_bytes(b"code of Python is data")
    write_mach_o(frameworks / "numpy" / "__dot__dylibs" / "libopenblas.dylib", 14)
    (frameworks / "numpy" / ".dylibs").symlink_to("__dot__dylibs")
    write_mach_o(frameworks / "orjson.abi3.so", 11)
    qt = frameworks / "PySide6" / "Qt" / "lib" / "QtCore.framework"
    write_mach_o(qt / "Versions" / "A" / "QtCore")
    (qt / "Versions" / "A" / "Resources").mkdir()
    (qt / "Versions" / "A" / "Resources" / "Info.plist").write_bytes(plistlib.dumps({}))
    (qt / "Versions" / "Current").symlink_to("A")
    (qt / "QtCore").symlink_to("Versions/Current/QtCore")
    (frameworks / "spendlight").symlink_to("../Resources/spendlight")
    (resources / "orjson.abi3.so").symlink_to("../Frameworks/orjson.abi3.so")
    plist = information(__version__) | {"CFBundleIconFile": "spendlight.icns"}
    (contents / "Info.plist").write_bytes(plistlib.dumps(plist))
    return app
