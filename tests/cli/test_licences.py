from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from spendlight import __version__, assets
from spendlight.build import LICENCES


def test_from_source_the_licences_of_dependencies_are_listed(shell: Shell) -> None:
    ran = shell.run("--licenses")

    assert ran.code == 0
    assert f"Spendlight {__version__} is free software under the MIT License" in ran.out
    assert "No other software is bundled here." in ran.out
    assert "xxHash" in ran.out
    assert f"  httpx {version('httpx')}: BSD-3-Clause" in ran.out.splitlines()
    assert "winreg" not in ran.out


def test_a_frozen_program_prints_the_licences_of_bundled_software(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = tmp_path / "resources"
    resources.mkdir()
    (resources / LICENCES).write_text("Grönholm's terms\n\n", encoding="utf-8")
    monkeypatch.setattr(assets, "_PACKAGE", tmp_path)

    assert shell.run("--licenses").out == "Grönholm's terms\n"


@pytest.mark.parametrize("words", [["daily"], ["claude"], ["claude", "blocks"]])
def test_licences_can_be_requested_with_any_verb(shell: Shell, words: list[str]) -> None:
    ran = shell.run(*words, "--licenses")

    assert ran.code == 0
    assert "MIT License" in ran.out
