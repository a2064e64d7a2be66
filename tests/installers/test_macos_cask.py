"""The Homebrew cask of a release."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cask import TEMPLATE, filled, values_for
from dmg import image_name
from project import ROOT
from tests.installers.bundles import make_bundle

from spendlight import __version__
from spendlight.paths import data_dir


@pytest.fixture
def cask(tmp_path: Path) -> str:
    for architecture in ("arm64", "x86_64"):
        (tmp_path / image_name("1.2.3", architecture)).write_text(architecture)
    return filled(TEMPLATE.read_text(encoding="utf-8"), values_for(tmp_path, "1.2.3"))


def test_the_cask_names_the_images_and_their_hashes(cask: str) -> None:
    arm, intel = (hashlib.sha256(name).hexdigest() for name in (b"arm64", b"x86_64"))

    assert f'sha256 arm:   "{arm}",\n         intel: "{intel}"' in cask
    assert 'version "1.2.3"' in cask
    assert "/releases/download/v#{version}/Spendlight-#{version}-#{arch}.dmg" in cask


def test_the_script_prints_it(tmp_path: Path) -> None:
    for architecture in ("arm64", "x86_64"):
        (tmp_path / image_name(__version__, architecture)).touch()
    script = ROOT / "installers" / "macos" / "cask.py"
    ran = subprocess.run(
        [sys.executable, script, tmp_path], check=True, capture_output=True, text=True
    )

    assert f'version "{__version__}"' in ran.stdout


def test_no_placeholder_of_the_cask_is_left(cask: str) -> None:
    assert re.search(r"@[A-Z_]+@", cask) is None


def test_a_placeholder_without_a_value_is_rejected() -> None:
    with pytest.raises(KeyError):
        filled("@UNKNOWN@", {})


def test_both_images_are_required(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        values_for(tmp_path, "1.2.3")


def test_an_upgrade_keeps_the_users_settings(cask: str) -> None:
    uninstall = cask[cask.index("uninstall quit") : cask.index("zap")]

    assert "launchctl" not in uninstall
    assert "delete" not in uninstall


def test_the_cask_links_the_manual_and_the_completions_of_the_bundle(
    cask: str, tmp_path: Path
) -> None:
    linked = re.findall(r'(\w+) "#\{appdir\}/(Spendlight\.app/[^"]+)"', cask)
    app = make_bundle(tmp_path)

    assert {stanza for stanza, _ in linked} >= {"manpage", "zsh_completion", "fish_completion"}
    assert [path for _, path in linked if not (app.parent / path).is_file()] == []


def test_only_zap_deletes_the_ledger(cask: str) -> None:
    folder = data_dir({}).name

    assert cask.index("zap") < cask.index(f"Application Support/{folder}")
    assert cask.count("Application Support") == 1


@pytest.mark.linux_programs("ruby")
def test_the_cask_is_valid_ruby(cask: str) -> None:
    checked = subprocess.run(["ruby", "-c"], input=cask, capture_output=True, text=True, check=True)

    assert checked.stdout.strip() == "Syntax OK"
