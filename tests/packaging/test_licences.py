from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import licences
import pytest
from licences import Entry, NoLicenceError, Work, as_text, works

from spendlight import __version__

PLAIN: list[Entry] = [
    ("httpx/__init__.pyc", "", "DATA"),
    ("json/decoder.pyc", "", "DATA"),
    ("spendlight/cli/main.pyc", "", "DATA"),
]


def bundled(*entries: Entry) -> list[Work]:
    """PyInstaller is not installed for tests, so pytest takes the place of the boot loader."""
    return works(entries, boot_loader="pytest")


def names(*entries: Entry) -> set[str]:
    return {work.name for work in bundled(*entries)}


def test_bundled_software_is_listed_with_version_licence_and_text() -> None:
    text = as_text(bundled(*PLAIN))

    assert text.startswith(f"Spendlight {__version__} is free software under the MIT License.")
    assert re.search(r"^  httpx \d\S+ +BSD-3-Clause$", text, re.MULTILINE)
    assert re.search(r"^  Python 3\.\d+\.\S+ +PSF-2\.0$", text, re.MULTILINE)
    assert "Encode OSS Ltd" in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text
    assert "Berri AI" in text


def test_software_that_is_not_bundled_is_not_listed() -> None:
    assert names(*PLAIN) == {"LiteLLM's list of prices", "Python", "httpx", "pytest"}


def test_qt_is_listed_under_the_lgpl_with_the_address_of_its_source() -> None:
    (qt,) = (
        work
        for work in bundled(("PySide6/QtCore.abi3.so", "", "EXTENSION"))
        if "Qt" in "".join(work.texts)
    )

    assert "GNU LESSER GENERAL PUBLIC LICENSE" in qt.texts[1]
    assert "https://download.qt.io/official_releases/qt/" in qt.texts[0]


def test_a_shared_licence_text_is_printed_once() -> None:
    qt: list[Entry] = [("PySide6/a.so", "", "BINARY"), ("shiboken6/b.so", "", "BINARY")]

    assert as_text(bundled(*qt)).count("GNU LESSER GENERAL PUBLIC LICENSE") == 1


def test_libraries_in_a_package_belong_to_it() -> None:
    assert "numpy" in names(("numpy.libs/libgfortran.so.5", "", "BINARY"))


def test_a_licence_in_several_files_is_printed_completely() -> None:
    (orjson,) = (
        work for work in bundled(("orjson/x.so", "", "EXTENSION")) if work.name == "orjson"
    )

    assert any("Mozilla Public License" in text for text in orjson.texts)
    assert any("Permission is hereby granted" in text for text in orjson.texts)


def test_unknown_files_fail_and_are_all_named(tmp_path: Path) -> None:
    strange: list[Entry] = [
        (name, str(tmp_path / name), "BINARY") for name in ("libone.so.1", "libtwo.so.2")
    ]

    with pytest.raises(NoLicenceError, match=r"(?s)libone\.so\.1.*libtwo\.so\.2"):
        bundled(*PLAIN, *strange)


def test_a_package_without_the_text_of_its_licence_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "SUPPLIED", {})

    with pytest.raises(NoLicenceError, match="shiboken6 comes without"):
        bundled(("shiboken6/Shiboken.abi3.so", "", "EXTENSION"))


def test_links_are_not_listed() -> None:
    assert names(("libone.so.1", "gone", "SYMLINK")) == names()


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="for Debian and its kin")
def test_a_library_of_debian_is_known_by_its_package() -> None:
    libc = next(Path("/lib").glob("*-linux-gnu/libc.so.6"))

    assert "libc6" in names(("libc.so.6", str(libc), "BINARY"))


def test_a_library_from_pythons_installer_belongs_to_python() -> None:
    library = Path(sys.base_prefix) / "no" / "package" / "libssl-of-python.dll"

    assert "Python" in names(("libssl-of-python.dll", str(library), "BINARY"))


def test_licences_contain_no_control_characters() -> None:
    text = as_text(bundled(*PLAIN, ("PySide6/a.so", "", "BINARY")))

    assert all(line.isprintable() for line in text.split("\n"))


def test_software_compiled_into_the_native_reader_is_listed() -> None:
    (xxhash,) = (
        work
        for work in bundled(
            ("spendlight/logs/claude_code/native_reader.so", "/b/native_reader.so", "BINARY")
        )
        if work.name == "xxHash"
    )

    assert xxhash.version.startswith("0.8.")
    assert "BSD 2-Clause License" in xxhash.texts[0]
