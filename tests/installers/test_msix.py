from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msix
import pytest
from PIL import Image

from spendlight.build import STAMP

PUBLISHER = 'CN="Spendlight & friends", C=DE'
FOUNDATION = "{http://schemas.microsoft.com/appx/manifest/foundation/windows10}"
DESKTOP = "{http://schemas.microsoft.com/appx/manifest/desktop/windows10}"
PROGRAMS = ("spendlight.exe", "spendlight-tray.exe")


@pytest.fixture
def package() -> ET.Element:
    text = msix.manifest("1.Spendlight", PUBLISHER, "Spendlight")
    return ET.fromstring(text)  # noqa: S314  # it is our own


def test_the_identity_is_that_of_the_arguments(package: ET.Element) -> None:
    identity = package.find(f"{FOUNDATION}Identity")

    assert identity is not None
    assert identity.attrib["Publisher"] == PUBLISHER
    assert identity.attrib["Name"] == "1.Spendlight"
    assert re.fullmatch(r"\d+\.\d+\.\d+\.0", identity.attrib["Version"])
    assert not re.search("@[A-Z]+@", ET.tostring(package, encoding="unicode"))


def test_starting_at_login_is_disabled_by_default(package: ET.Element) -> None:
    (task,) = package.iter(f"{DESKTOP}StartupTask")

    assert task.attrib["Enabled"] == "false"


def test_both_programs_can_be_run_from_a_terminal(package: ET.Element) -> None:
    aliases = {alias.attrib["Alias"] for alias in package.iter(f"{DESKTOP}ExecutionAlias")}

    assert aliases == set(PROGRAMS)
    assert {one.attrib["Executable"] for one in package.iter() if "Executable" in one.attrib} == (
        set(PROGRAMS)
    )


def test_the_folder_contains_all_files_of_the_manifest(tmp_path: Path) -> None:
    program, folder = tmp_path / "program", tmp_path / "package"
    stamp = Path("_internal", "spendlight", "resources", STAMP)
    (program / stamp).parent.mkdir(parents=True)
    (program / stamp).write_text('{"channel": "archive", "commit": ""}')
    for name in PROGRAMS:
        (program / name).touch()
    text = msix.manifest("1.Spendlight", PUBLISHER, "Spendlight")

    msix.lay_out(program, folder, text)

    assert '"msix"' in (folder / stamp).read_text()
    pictures = re.findall(r"Assets\\([\w.]+)", text)
    assert pictures
    for picture in pictures:
        size = msix.PICTURES[picture.removesuffix(".png")]
        with Image.open(folder / "Assets" / picture) as image:
            assert image.size == (size, size)
    assert (folder / "AppxManifest.xml").read_text(encoding="utf-8") == text
