"""Writes a CycloneDX list of the frozen program's components: Python packages and C libraries.

    .venv-build/bin/python installers/release/sbom.py dist

Writes `spendlight-VERSION-SYSTEM-PROCESSOR.cdx.json` into the folder. Run it with the Python that
froze the program: it lists the packages of that environment, without those that only build or
test the program.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import re
import sqlite3
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from project import ROOT, ReleaseError, run_script, version

SPECIFICATION: Final = "1.6"


def list_packages() -> dict[str, Any]:
    """Return all packages of this environment and their dependencies, in CycloneDX format.

    Raises:
        ReleaseError: If they cannot be listed.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "all.json"
        command: list[str | Path] = [
            sys.executable, "-m", "cyclonedx_py", "environment",
            "--pyproject", ROOT / "pyproject.toml", "--mc-type", "application",
            "--sv", SPECIFICATION, "--of", "JSON", "--output-reproducible",
            "--output-file", target, sys.executable,
        ]  # fmt: skip
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            message = f"cyclonedx-py failed; make .venv-build/.build installs it: {ran.stderr}"
            raise ReleaseError(message)
        listed: dict[str, Any] = json.loads(target.read_bytes())
    return listed


def needed_only(bom: Mapping[str, Any]) -> dict[str, Any]:
    """Return a list reduced to the program's direct and indirect dependencies."""
    root = bom["metadata"]["component"]["bom-ref"]
    needs = {one["ref"]: one.get("dependsOn", []) for one in bom["dependencies"]}
    found: set[str] = set()
    waiting = [root]
    while waiting:
        reference = waiting.pop()
        if reference not in found:
            found.add(reference)
            waiting += needs.get(reference, [])
    return {
        **bom,
        "components": [one for one in bom["components"] if one["bom-ref"] in found],
        "dependencies": [one for one in bom["dependencies"] if one["ref"] in found],
    }


def native_components() -> list[dict[str, str]]:
    """Return the C libraries in the frozen program that have security advisories of their own."""
    openssl = ssl.OPENSSL_VERSION.split()[1]
    found = [
        _component("cpython", platform.python_version(), "python"),
        _component("openssl", openssl, "openssl"),
        _component("sqlite", sqlite3.sqlite_version, "sqlite"),
        _component("xxhash", _xxhash_version(), "cyan4973"),
    ]
    for package, name, vendor in (
        ("PySide6_Essentials", "qt", "qt"),
        ("pyinstaller", "pyinstaller-bootloader", "pyinstaller"),
    ):
        try:
            found.append(_component(name, importlib.metadata.version(package), vendor))
        except importlib.metadata.PackageNotFoundError as error:
            message = f"{package} is not installed; run this with the Python of .venv-build"
            raise ReleaseError(message) from error
    return found


def _xxhash_version() -> str:
    """Return the version of xxHash that is compiled into the native reader."""
    header = ROOT / "src" / "native_reader" / "vendor" / "xxhash.h"
    pattern = r"^#define XXH_VERSION_(?:MAJOR|MINOR|RELEASE) +(\d+)$"
    return ".".join(re.findall(pattern, header.read_text(encoding="utf-8"), re.MULTILINE))


def _component(name: str, number: str, vendor: str) -> dict[str, str]:
    return {
        "type": "library",
        "bom-ref": f"{name}=={number}",
        "name": name,
        "version": number,
        "cpe": f"cpe:2.3:a:{vendor}:{name}:{number}:*:*:*:*:*:*:*",
        "purl": f"pkg:generic/{name}@{number}",
    }


def complete(bom: Mapping[str, Any], natives: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Add the program's version and the components that are not Python packages to a list."""
    component = {**bom["metadata"]["component"], "version": version()}
    component["purl"] = f"pkg:pypi/spendlight@{version()}"
    root = component["bom-ref"]
    added = [dict(one) for one in natives]
    dependencies = [
        {**one, "dependsOn": sorted([*one.get("dependsOn", []), *(n["bom-ref"] for n in added)])}
        if one["ref"] == root
        else one
        for one in bom["dependencies"]
    ]
    return {
        **bom,
        "metadata": {**bom["metadata"], "component": component},
        "components": [*bom["components"], *added],
        "dependencies": [*dependencies, *({"ref": one["bom-ref"]} for one in added)],
    }


def checked(bom: Mapping[str, Any]) -> str:
    """Return a list as text.

    Raises:
        ReleaseError: If it does not conform to CycloneDX's schema.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = json.dumps(bom, indent=1, sort_keys=True) + "\n"
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        message = f"the list is no valid CycloneDX {SPECIFICATION}: {problem}"
        raise ReleaseError(message)
    return text


def file_name(system: str, machine: str) -> str:
    """Return the file name of a system's list.

    Args:
        system: As returned by `platform.system`.
        machine: As returned by `platform.machine`.
    """
    name = {"Darwin": "macos"}.get(system, system.lower())
    processor = {"AMD64": "x86_64"}.get(machine, machine)
    return f"spendlight-{version()}-{name}-{processor}.cdx.json"


def main() -> None:
    """Write the list into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    target = parser.parse_args().folder / file_name(platform.system(), platform.machine())
    bom = complete(needed_only(list_packages()), native_components())
    text = checked(bom)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{target}  {len(bom['components'])} components")


if __name__ == "__main__":
    run_script(main)
