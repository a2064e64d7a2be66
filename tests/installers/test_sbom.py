"""The list of bundled software."""

from __future__ import annotations

from typing import Any

import sbom

from spendlight import __version__

BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"bom-ref": "root", "name": "spendlight"}, "tools": {}},
    "components": [
        {"bom-ref": name, "name": name} for name in ("httpx", "h11", "pyinstaller", "altgraph")
    ],
    "dependencies": [
        {"ref": "root", "dependsOn": ["httpx"]},
        {"ref": "httpx", "dependsOn": ["h11"]},
        {"ref": "h11", "dependsOn": ["httpx"]},
        {"ref": "pyinstaller", "dependsOn": ["altgraph"]},
        {"ref": "altgraph"},
    ],
}
PYTHON = {"bom-ref": "cpython==3.13.1", "name": "cpython", "version": "3.13.1"}


def test_build_tools_are_not_listed() -> None:
    kept = sbom.needed_only(BOM)

    assert [one["name"] for one in kept["components"]] == ["httpx", "h11"]
    assert [one["ref"] for one in kept["dependencies"]] == ["root", "httpx", "h11"]


def test_the_program_depends_on_software_that_is_not_a_package() -> None:
    whole = sbom.complete(sbom.needed_only(BOM), [PYTHON])

    assert whole["components"][-1] == PYTHON
    assert whole["dependencies"][0] == {"ref": "root", "dependsOn": ["cpython==3.13.1", "httpx"]}
    assert whole["dependencies"][-1] == {"ref": "cpython==3.13.1"}
    assert whole["metadata"]["component"]["version"] == __version__


def test_the_given_list_is_not_modified() -> None:
    sbom.complete(BOM, [PYTHON])

    assert len(BOM["components"]) == 4
    assert BOM["dependencies"][0] == {"ref": "root", "dependsOn": ["httpx"]}


def test_a_list_is_named_for_its_system() -> None:
    names = [sbom.file_name(*which) for which in (("Darwin", "arm64"), ("Windows", "AMD64"))]

    assert names == [
        f"spendlight-{__version__}-macos-arm64.cdx.json",
        f"spendlight-{__version__}-windows-x86_64.cdx.json",
    ]
