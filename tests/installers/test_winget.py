from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import winget

from spendlight import __version__
from spendlight.build import REPOSITORY

DAY = date(2026, 3, 1)
KINDS = {
    "Spendlight.Spendlight.yaml": "version",
    "Spendlight.Spendlight.installer.yaml": "installer",
    "Spendlight.Spendlight.locale.en-US.yaml": "defaultLocale",
}

REQUIRED = {
    "version": {"DefaultLocale"},
    "installer": {"Installers"},
    "defaultLocale": {
        "PackageLocale",
        "Publisher",
        "PackageName",
        "License",
        "ShortDescription",
    },
}
"""What https://aka.ms/winget-manifest.KIND.1.10.0.schema.json requires, except common ones."""

RESPONSES = {
    "cancelledByUser",
    "systemNotSupported",
    "installInProgress",
    "packageInUseByApplication",
}


@pytest.fixture
def setup(tmp_path: Path) -> Path:
    path = tmp_path / f"Spendlight-{__version__}-setup.exe"
    path.write_bytes(b"MZ")
    return path


@pytest.fixture
def said(setup: Path) -> dict[str, Any]:
    """The contents of the manifests, by kind."""
    yaml = pytest.importorskip("ruamel.yaml").YAML(typ="safe")
    texts = winget.manifests(setup, DAY)
    return {KINDS[name]: yaml.load(text) for name, text in texts.items()}


def test_no_placeholder_is_left(setup: Path) -> None:
    texts = winget.manifests(setup, DAY)

    assert texts.keys() == KINDS.keys()
    assert not [text for text in texts.values() if re.search("@[A-Z0-9]+@", text)]


def test_the_installer_is_named_with_its_address_and_hash(setup: Path) -> None:
    text = winget.manifests(setup, DAY)["Spendlight.Spendlight.installer.yaml"]
    digest = hashlib.sha256(b"MZ").hexdigest().upper()

    address = f"{REPOSITORY}/releases/download/v{__version__}/{setup.name}"
    assert f'InstallerUrl: "{address}"' in text
    assert f'InstallerSha256: "{digest}"' in text
    other = winget.manifests(setup, DAY, "https://elsewhere/x.exe")
    assert "https://elsewhere/x.exe" in other["Spendlight.Spendlight.installer.yaml"]


def test_an_unknown_placeholder_is_rejected() -> None:
    with pytest.raises(KeyError):
        winget.filled("a: @NOTHING@", {})


def test_each_manifest_has_the_fields_required_by_its_schema(said: dict[str, Any]) -> None:
    for kind, manifest in said.items():
        assert REQUIRED[kind] <= manifest.keys()
        assert manifest["PackageIdentifier"] == "Spendlight.Spendlight"
        assert manifest["PackageVersion"] == __version__
        assert manifest["ManifestType"] == kind
        assert manifest["ManifestVersion"] == "1.10.0"
    locale = said["defaultLocale"]
    assert said["version"]["DefaultLocale"] == locale["PackageLocale"]
    assert 3 <= len(locale["ShortDescription"]) <= 256
    assert 3 <= len(locale["Description"]) <= 10_000
    assert len(locale["Tags"]) <= 16
    assert all(1 <= len(tag) <= 40 for tag in locale["Tags"])


def test_the_installer_is_described_correctly(said: dict[str, Any]) -> None:
    installer = said["installer"]

    assert installer["InstallerType"] == "nullsoft"
    assert installer["Scope"] == "user"
    assert installer["ReleaseDate"] in {DAY, DAY.isoformat()}
    assert re.fullmatch(r"\d+(\.\d+){3}", installer["MinimumOSVersion"])
    (one,) = installer["Installers"]
    assert one["Architecture"] == "x64"
    assert re.fullmatch("[0-9A-F]{64}", one["InstallerSha256"])
    script = (Path(winget.__file__).parent / "spendlight.nsi").read_text(encoding="utf-8")
    assert installer["ProductCode"] in re.findall(r"Uninstall\\(\w+)", script)
    codes = {code["InstallerReturnCode"] for code in installer["ExpectedReturnCodes"]}
    assert {code["ReturnResponse"] for code in installer["ExpectedReturnCodes"]} == RESPONSES
    assert codes == {1, 3, 4, 5}
    assert {int(code) for code in re.findall(r"(?:STOP|SetErrorLevel) (\d)", script)} == codes
