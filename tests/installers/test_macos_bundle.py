"""The bundle for macOS, as far as it can be tested on other systems."""

from __future__ import annotations

import json
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import icnsutil
import pytest
from app import prepare
from check_app import problems
from information import MINIMUM, Release, information
from mach_o import is_mach_o, mach_o_files, oldest_release, required_release
from project import ROOT
from tests.installers.bundles import make_bundle
from tests.installers.mach_o_files import older_mach_o, write_mach_o

from spendlight.assets import resource

SCRIPTS = ROOT / "installers" / "macos"

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="a bundle has symbolic links")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A bundle that is ready to be signed."""
    made = make_bundle(tmp_path / "frozen")
    target = tmp_path / "made" / made.name
    prepare(made, target)
    return target


def test_a_bundle_made_by_pyinstaller_is_correct(app: Path) -> None:
    assert problems(app) == []


def test_a_bundle_without_its_manual_is_reported(app: Path) -> None:
    (app / "Contents" / "Resources" / "documents" / "man" / "spendlight.1").unlink()

    assert problems(app) == [
        "the cask links what is not there: Contents/Resources/documents/man/spendlight.1"
    ]


def test_a_bundle_is_stamped_as_part_of_a_disk_image(app: Path) -> None:
    [stamp] = app.rglob("build.json")

    assert json.loads(stamp.read_bytes()) == {"channel": "dmg", "commit": "abc"}


def test_the_frozen_bundle_is_not_changed(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "frozen")
    prepare(made, tmp_path / "made" / made.name)

    [stamp] = made.rglob("build.json")
    assert json.loads(stamp.read_bytes())["channel"] == "archive"


def test_the_script_prepares_a_bundle_and_says_how_it_would_sign_it(tmp_path: Path) -> None:
    make_bundle(tmp_path / "dist")
    dist = tmp_path / "dist"
    script = SCRIPTS / "app.py"
    ran = subprocess.run(
        [sys.executable, script, "--dry-run", "--frozen", dist / "spendlight", "--dist", dist],
        check=True,
        capture_output=True,
        text=True,
    )

    assert ran.stdout.splitlines()[-1] == str(tmp_path / "dist" / "macos" / "Spendlight.app")
    assert "codesign --verify --deep --strict" in ran.stderr


def test_anything_but_a_bundle_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        prepare(tmp_path, tmp_path / "made")


Spoil = Callable[[Path], object]

SPOILT: dict[str, Spoil] = {
    "Contents/MacOS lacks spendlight": lambda c: (c / "MacOS" / "spendlight").unlink(),
    "Contents/MacOS holds readme": lambda c: (c / "MacOS" / "readme").touch(),
    "Contents/MacOS/spendlight is no program": lambda c: (c / "MacOS" / "spendlight").chmod(0o644),
    "code among the resources": lambda c: write_mach_o(c / "Resources" / "a.so"),
    "data among the code": lambda c: (c / "Frameworks" / "numpy" / "a.txt").touch(),
    "a folder with a dot": lambda c: (c / "Frameworks" / "numpy.libs").mkdir(),
    "a link leads nowhere": lambda c: (c / "Resources" / "lost").symlink_to("gone"),
    "a link leads out of": lambda c: (c / "Resources" / "out").symlink_to("/etc/passwd"),
    "an icon that is not there": lambda c: (c / "Resources" / "spendlight.icns").unlink(),
    "Frameworks/new.dylib needs 99.1": lambda c: write_mach_o(
        c / "Frameworks" / "new.dylib", 99, 1
    ),
    "Info.plist cannot be read": lambda c: (c / "Info.plist").write_bytes(b"<plist>"),
    "its stamp says []": lambda c: shutil.rmtree(c / "Resources" / "spendlight"),
}


@pytest.mark.parametrize("complaint", SPOILT)
def test_errors_in_a_bundle_are_reported(app: Path, complaint: str) -> None:
    SPOILT[complaint](app / "Contents")

    assert any(complaint in problem for problem in problems(app))


def test_the_bundle_is_an_application_with_windows() -> None:
    plist = information("1.2.3")

    assert plist["LSUIElement"] is True
    assert (
        plist["LSBackgroundOnly"] is False
    )  # as PyInstaller writes it if one program uses the terminal


def test_the_versions_are_three_numbers() -> None:
    plist = information("1.2.3.dev4")

    assert (plist["CFBundleVersion"], plist["CFBundleShortVersionString"]) == ("1.2.3", "1.2.3")


def test_the_plist_can_be_written_and_read(tmp_path: Path) -> None:
    file = tmp_path / "Info.plist"
    file.write_bytes(plistlib.dumps(information("1.2.3")))

    assert plistlib.loads(file.read_bytes())["CFBundleExecutable"] == "spendlight-tray"


def test_the_icon_has_the_format_of_macos() -> None:
    assert list(icnsutil.IcnsFile.verify(str(resource("icons", "app", "spendlight.icns")))) == []


def test_the_required_release_is_the_highest_of_all_files(app: Path) -> None:
    release, path = required_release(app)

    assert (release, path.name) == (Release(14, 0), "libopenblas.dylib")
    assert release <= MINIMUM


def test_the_older_form_of_a_required_release_is_read(tmp_path: Path) -> None:
    file = tmp_path / "older"
    file.write_bytes(older_mach_o(10, 13))

    assert oldest_release(file) == Release(10, 13)


@pytest.mark.parametrize("content", [b"", b"\xcf", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe\0\0\0\x34"])
def test_texts_and_java_classes_are_not_programs(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    assert not is_mach_o(file)


def test_programs_are_found_from_the_inside_out(app: Path) -> None:
    depths = [len(path.parts) for path in mach_o_files(app)]

    assert depths == sorted(depths, reverse=True)
    assert len(depths) == 5
