from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path

import nsis
import pytest
import zip as portable

from spendlight.autostart.run_key import APPROVED_KEY, RUN_KEY
from spendlight.build import STAMP

SCRIPTS = Path(nsis.__file__).parent

needs_makensis = pytest.mark.linux_programs("makensis")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder like that of the frozen program on Windows."""
    folder = tmp_path / "spendlight"
    for name, text in {
        "spendlight.exe": "MZ",
        "spendlight-tray.exe": "MZ",
        f"_internal/spendlight/resources/{STAMP}": '{"channel": "archive", "commit": "abc"}',
        "_internal/with blank/ümläut.txt": "",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the compiler, with its input."""
    monkeypatch.setattr(nsis, "WORK", tmp_path / "work")
    return tmp_path / "work" / "Spendlight-setup"


@needs_makensis
@pytest.mark.slow  # compiles
def test_the_installer_compiles_without_a_warning_is_signed_and_lists_its_files(
    program: Path, work: Path
) -> None:
    place = work.parents[1]
    told, script, target = place / "signed", place / "sign.sh", place / "Spendlight-setup.exe"
    script.write_text(f'#!/bin/sh\necho "$1" >> "{told}"\n')
    script.chmod(0o755)

    nsis.build_installer(program, target, is_fast=True, sign=str(script))

    assert target.read_bytes()[:2] == b"MZ"
    uninstaller, installer = told.read_text().splitlines()
    assert Path(installer) == target
    assert Path(uninstaller) != target
    payload = work / "payload"
    stamp = payload / "_internal" / "spendlight" / "resources" / STAMP
    assert json.loads(stamp.read_bytes()) == {"channel": "nsis", "commit": "abc"}
    assert '"archive"' in (program / stamp.relative_to(payload)).read_text()
    lines = (payload / nsis.LIST).read_bytes().decode("utf-16-le").splitlines()
    top = ["=_internal", "=spendlight-tray.exe", "=spendlight.exe", "=uninstall.exe"]
    assert lines[:4] == top
    assert set(lines[4:]) == {
        "_internal\\installed-files.txt",
        f"_internal\\spendlight\\resources\\{STAMP}",
        "_internal\\with blank\\ümläut.txt",
        "spendlight-tray.exe",
        "spendlight.exe",
        "uninstall.exe",
    }


@needs_makensis
@pytest.mark.slow  # compiles
def test_an_installer_that_cannot_be_signed_is_not_created(program: Path, work: Path) -> None:
    target = work.parents[1] / "Spendlight-setup.exe"

    with pytest.raises(subprocess.CalledProcessError):
        nsis.build_installer(program, target, is_fast=True, sign="false")


@pytest.mark.parametrize("name", ["$INSTDIR.txt", "a`b", "long/" * 30 + "name"])
@pytest.mark.usefixtures("work")
def test_a_file_name_that_cannot_be_installed_is_rejected(program: Path, name: str) -> None:
    path = program / "_internal" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()

    with pytest.raises(ValueError, match="cannot hold a file of this name"):
        nsis.build_installer(program, program.parent / "Spendlight-setup.exe")


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("1.2.3", "1.2.3.0"),
        ("0.1", "0.1.0.0"),
        ("2", "2.0.0.0"),
        ("1.2.3-rc.1", "1.2.3.0"),
        ("1.2.3rc1", "1.2.3.0"),
        ("1.2.3+abc", "1.2.3.0"),
    ],
)
def test_a_version_for_windows_has_four_numbers(version: str, numbers: str) -> None:
    assert nsis.numeric_version(version) == numbers


def test_starting_at_login_uses_the_programs_registry_key() -> None:
    script = (SCRIPTS / "spendlight.nsi").read_text(encoding="utf-8")

    defined = dict(re.findall(r'^!define (\w+) "(.*)"$', script, re.MULTILINE))

    assert (defined["KEY_RUN"], defined["KEY_APPROVED"]) == (RUN_KEY, APPROVED_KEY)


def test_the_portable_archive_is_one_folder_and_reproducible(program: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    portable.pack(program, first)
    (program / "spendlight.exe").touch()
    portable.pack(program, second)

    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert {name.partition("/")[0] for name in names} == {portable.FOLDER}
    assert f"{portable.FOLDER}/_internal/with blank/ümläut.txt" in names
