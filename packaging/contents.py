"""Selects the files of the frozen program from those that PyInstaller finds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from elf import read_elf, unneeded

if TYPE_CHECKING:
    from collections.abc import Iterable

Entry = tuple[str, str, str]
"""A file that PyInstaller collects: its name in the bundle, its path, and its type."""

EXCLUDED: Final = [
    # unused here; hooks of other packages would add them
    "IPython", "OpenGL", "PIL", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtTest",
    "charset_normalizer", "click", "distributed", "duckdb", "fsspec", "matplotlib", "numpy.random",
    "numpy.testing", "numpy.f2py", "numpy.distutils", "psutil", "pyarrow", "pyqtgraph.examples",
    "pyqtgraph.jupyter", "pyqtgraph.opengl", "pytest", "scipy", "setuptools", "tkinter",
    "trio", "yaml", "lib2to3", "doctest",
    # for source text and Markdown in rich, httpx's command line, and Python's prompt
    "curses", "elftools", "httpx._main", "markdown_it", "mdurl", "pydoc_data", "pygments",
    "readline", "rich.markdown", "rich.syntax", "rich.traceback", "unittest",
]  # fmt: skip

HIDDEN_IMPORTS: Final = [
    # imported without an import statement
    "tzdata",
]  # fmt: skip

_UNUSED_QT: Final = r"""
    plugins/platformthemes/libqgtk3
    plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vnc|vkkhrdisplay)\.
    plugins/platforms/q(minimal|direct2d)\.dll
    plugins/(egldeviceintegrations|qmltooling|sqldrivers|generic|networkinformation|tls)/
    plugins/imageformats/(lib)?q(pdf|tiff|tga|wbmp|webp|gif|icns|jpeg)\.
    plugins/wayland-graphics-integration-server/
    plugins/platforminputcontexts/.*virtualkeyboard
    libQt6(EglFS|Eglfs|Qml|Quick|VirtualKeyboard|WaylandCompositor|WaylandEglCompositor|Pdf)
    Qt/qml/
    Qt/translations/(?!qt(base)?_(de|en)\.qm)
    opengl32sw\.dll
"""
"""Plugins that are never loaded: platforms other than the desktop's, image formats other than PNG
and SVG, QML. Of Qt's own translations those in Spendlight's languages are kept."""

_SYSTEM_LIBRARIES: Final = r"""
    lib(gtk|gdk)-3
    libgdk_pixbuf
    lib(cairo|pango|atk|atspi|epoxy|pixman|harfbuzz|fribidi|graphite|datrie|thai)
    libX(11|au|Au|dmcp|composite|damage|cursor|ext|fixes|i|inerama|randr|render)[.-]
    libxcb\.so
    libX11-xcb
    lib(gcrypt|gpg-error|systemd|mount|blkid|selinux|cap|bsd|md|elogind)\.
    lib(gio|glib|gmodule|gobject|gthread|dbus)-
    lib(fontconfig|freetype|png16|brotli[a-z]+|expat)[.-]
    lib(GL|EGL|GLX|GLdispatch|OpenGL|drm|gbm)[.-]
    lib(stdc\+\+|gcc_s|z)\.
    lib(wayland-[a-z]+|xkbcommon|xkbcommon-x11)\.
    lib(krb5|k5crypto|krb5support|gssapi_krb5|com_err|keyutils|resolv)[.-]
"""
"""Libraries that belong to the system's display: another version of them beside the system's
drivers, fonts and keyboards does more harm than good. The packages depend on them."""

_UNUSED_ELSEWHERE: Final = r"""
    numpy/(.*/)?tests/
    .*\.(pyi|pxd|lib|a)$
    numpy/random/
    pyqtgraph/(examples|jupyter|opengl)/
    pyqtgraph/colors/maps/(?!.*CET-L[0-9])
    setuptools|pip-
    \.dist-info/
    pyqtgraph/icons/peegee/.*\.png
    tzdata/zoneinfo/(right|posix)/
"""


def _patterns(text: str) -> list[re.Pattern[str]]:
    return [re.compile(line.strip()) for line in text.splitlines() if line.strip()]


_UNUSED: Final = _patterns(_UNUSED_QT) + _patterns(_UNUSED_ELSEWHERE)
_OF_SYSTEM: Final = _patterns(_SYSTEM_LIBRARIES)


def is_wanted(name: str) -> bool:
    """Return whether a file belongs into the bundle.

    Args:
        name: Its path in the bundle.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if any(pattern.search(str(path)) for pattern in _UNUSED):
        return False
    if not sys.platform.startswith("linux"):
        return True
    return not any(pattern.match(path.name) for pattern in _OF_SYSTEM)


def chosen(binaries: Iterable[Entry], datas: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the part of what PyInstaller collected that goes into the bundle.

    Besides unwanted files, libraries that only these need and broken links are left out.

    Args:
        binaries: Libraries, programs, extension modules.
        datas: Everything else, and links.
    """
    libraries = [entry for entry in binaries if is_wanted(entry[0])]
    if sys.platform.startswith("linux"):
        read = ((name, read_elf(Path(source))) for name, source, _ in libraries)
        idle = unneeded({name: elf for name, elf in read if elf is not None})
        libraries = [entry for entry in libraries if entry[0] not in idle]
    files = [entry for entry in datas if is_wanted(entry[0])]
    names = {name for name, _, _ in (*libraries, *files)}
    return libraries, [entry for entry in files if entry[2] != "SYMLINK" or _target(entry) in names]


def _target(link: Entry) -> str:
    """Return the target of a link; those that PyInstaller makes lead downwards."""
    return str(PurePosixPath(link[0]).parent / link[1])


def thinned(entry: Entry, work: Path) -> Entry:
    """Return a library without debug symbols.

    Those in ``numpy.libs`` are not changed: `strip` breaks them ("ELF load command address/offset
    not page-aligned").

    Args:
        entry: The collected file.
        work: A folder for the stripped copies.
    """
    name, source, kind = entry
    if not sys.platform.startswith("linux") or "numpy.libs" in name or "PySide6" in name:
        return entry
    copy = work / "stripped" / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, copy)
    subprocess.run(["strip", "--strip-unneeded", copy], check=True)
    return name, str(copy), kind
