"""The documents in packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from spendlight.cli.arguments import VERBS
from spendlight.cli.completion import FILES

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "packaging" / "documents.py"

_VARIABLE = re.compile(r'"((?:SPENDLIGHT|CLAUDE|XDG)_[A-Z_]+|NO_COLOR|FORCE_COLOR|TZ)"')
_OF_THE_SESSION = frozenset({"XDG_CURRENT_DESKTOP", "XDG_RUNTIME_DIR"})
"""Variables that users do not set."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("documents")
    environ = os.environ | {"SOURCE_DATE_EPOCH": "1767225600"}
    subprocess.run([sys.executable, SCRIPT, made], env=environ, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    """The manual page as rendered."""
    shown = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=300", folder / "man" / "spendlight.1"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    return " ".join(re.sub(".\b", "", shown).split())


def test_a_package_gets_the_page_and_a_script_for_each_shell(folder: Path) -> None:
    made = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    scripts = {f"completion/{name}" for name in FILES.values()}
    assert made == scripts | {"man/spendlight.1", "man/spendlight-tray.1"}
    assert "January 1, 2026" in (folder / "man" / "spendlight.1").read_text(encoding="utf-8")


@pytest.mark.linux_programs("mandoc")
def test_the_manual_page_has_no_errors(folder: Path) -> None:
    linted = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", folder / "man" / "spendlight.1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (linted.stdout, linted.stderr, linted.returncode) == ("", "", 0)


@pytest.mark.linux_programs("mandoc")
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_is_on_the_manual_page(page: str, verb: str) -> None:
    told = subprocess.run(
        [sys.executable, "-P", "-m", "spendlight", verb, "--help"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout

    assert f" {verb} " in page
    options = set(re.findall(r"(?<![\w=-])--?[a-z][\w-]*", told))
    assert {"-h", "--help", "--data-dir"} <= options
    assert {option for option in options if option not in page} == set()


@pytest.mark.linux_programs("mandoc")
def test_a_line_that_begins_like_a_roff_request_is_not_lost(page: str) -> None:
    assert "'-' is standard output (-)" in page
    assert "NAME=ALIAS,…" in page
    assert "use --project=-home-me-app" in page


@pytest.mark.linux_programs("mandoc")
def test_every_environment_variable_in_use_is_documented(page: str) -> None:
    heeded = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))
    }

    assert "SPENDLIGHT_DATA_DIR" in heeded
    assert {name for name in heeded - _OF_THE_SESSION if name not in page} == set()
