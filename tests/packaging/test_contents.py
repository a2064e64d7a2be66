from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
import xxhash
from contents import Entry, chosen, is_wanted, thinned

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads files of Linux")


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/lib/libQt6OpenGL.so.6",
        "certifi/cacert.pem",
        "tzdata/zoneinfo/Europe/Berlin",
        "spendlight/resources/prices.json",
        "numpy.libs/libscipy_openblas64_-1.so",
        "libxcb-cursor.so.0",
    ],
)
def test_files_that_a_feature_needs_are_kept(name: str) -> None:
    assert is_wanted(name)
    assert is_wanted(name.replace("/", "\\"))


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqlinuxfb.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/translations/qtbase_fr.qm",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "numpy/_core/tests/data/astype_copy.pkl",
        "pyqtgraph/icons/peegee/peegee_512px.png",
        "spendlight-0.1.0.dist-info/direct_url.json",
    ],
)
def test_unused_files_are_left_out(name: str) -> None:
    assert not is_wanted(name)


@linux_only
@pytest.mark.parametrize(
    "name", ["libstdc++.so.6", "libX11.so.6", "libxcb.so.1", "libz.so.1", "libgtk-3.so.0"]
)
def test_libraries_of_the_system_are_left_out(name: str) -> None:
    assert not is_wanted(name)


def test_on_other_systems_no_libraries_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert is_wanted("libz.so.1")


def test_links_to_omitted_files_are_removed(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no library")
    library: Entry = ("PySide6/Qt/lib/libQt6Core.so.6", str(text), "BINARY")
    links: list[Entry] = [
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("libQt6Qml.so.6", "PySide6/Qt/lib/libQt6Qml.so.6", "SYMLINK"),
        ("libgone.so.6", "PySide6/Qt/lib/libgone.so.6", "SYMLINK"),
    ]
    data: Entry = ("certifi/cacert.pem", str(text), "DATA")

    assert chosen([library], [*links, data]) == ([library], [links[0], data])


@linux_only
@pytest.mark.linux_programs("strip")
def test_libraries_are_stripped_of_debug_information(tmp_path: Path) -> None:
    source = Path(xxhash.__file__).with_name(f"_xxhash{EXTENSION_SUFFIXES[0]}")
    name, copy, kind = thinned(("xxhash/_xxhash.so", str(source), "EXTENSION"), tmp_path)

    assert (name, kind) == ("xxhash/_xxhash.so", "EXTENSION")
    assert 0 < Path(copy).stat().st_size <= source.stat().st_size
    assert Path(copy).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["numpy.libs/libgfortran.so.5", "PySide6/QtCore.abi3.so"])
def test_libraries_that_cannot_be_stripped_are_not_changed(name: str, tmp_path: Path) -> None:
    entry = (name, "/nowhere", "BINARY")

    assert thinned(entry, tmp_path) is entry
