"""Workflows contain no logic, run only pinned actions, and have no more permissions than needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import ROOT
from ruamel.yaml import YAML

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))

ONE_CALL = re.compile(
    r"(sudo )?(make|python3?|\.venv-build/bin/python|ruff|mypy|pytest|lint-imports)\b"
)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
PINNED_LINE = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+(\.\d+)+$", re.MULTILINE)


def loaded(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = loaded(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job.get("steps", [])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_step_calls_one_script(path: Path) -> None:
    for step in steps(path):
        if "run" in step:
            assert "\n" not in step["run"].strip()
            assert ONE_CALL.match(step["run"]), step["run"]
            assert not re.search(r"[;&|<>`]|\$[({]", step["run"]), step["run"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_script_exists(path: Path) -> None:
    for step in steps(path):
        for word in str(step.get("run", "")).split():
            if word.endswith(".py"):
                assert (ROOT / word).is_file(), word


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_make_target_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for step in steps(path):
        words = str(step.get("run", "")).removeprefix("sudo ").split()
        if words[:1] == ["make"]:
            assert re.search(rf"^{re.escape(words[1])}:", makefile, re.MULTILINE), words[1]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_action_is_pinned_by_its_hash_and_names_its_version(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]

    assert [use for use in used if not PINNED.fullmatch(use)] == []
    assert len(PINNED_LINE.findall(path.read_text(encoding="utf-8"))) == len(used)


def test_one_action_has_one_hash() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in steps(path) if "uses" in step}

    assert len({use.partition("@")[0] for use in used}) == len(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_credentials_are_left_in_a_checkout(path: Path) -> None:
    for step in steps(path):
        if str(step.get("uses")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_given_only_where_they_are_needed(path: Path) -> None:
    assert loaded(path)["permissions"] == {}
    for job in jobs(path).values():
        assert job["permissions"]
        assert "timeout-minutes" in job or "uses" in job


def test_only_two_jobs_may_write_and_only_pypi_may_use_the_identity() -> None:
    allowed = {name: job["permissions"] for name, job in jobs(FOLDER / "release.yml").items()}

    writing = {name for name, what in allowed.items() if "write" in what.values()}
    assert writing == {"draft", "pypi"}
    assert allowed["pypi"] == {"id-token": "write"}


def test_publishing_waits_for_all_tests() -> None:
    found = jobs(FOLDER / "release.yml")
    tried = {name for name in found if name.startswith(("try-", "check-", "test", "notes"))}

    assert tried <= set(found["draft"]["needs"])
    assert found["pypi"]["needs"] == "draft"
    assert found["pypi"]["environment"]["name"] == "pypi"


def test_a_manual_run_publishes_nothing() -> None:
    found = jobs(FOLDER / "release.yml")
    on_a_tag = "github.ref_type == 'tag'"

    assert found["pypi"]["if"] == on_a_tag
    for step in found["draft"]["steps"]:
        if "publish.py" in step.get("run", "") or "attest" in step.get("uses", ""):
            assert step["if"] == on_a_tag


def test_secrets_are_in_a_protected_environment() -> None:
    for name, job in jobs(FOLDER / "release.yml").items():
        if "secrets." in str(job):
            assert job["environment"] == "signing", name


@pytest.mark.parametrize(
    "path", [path for path in FORMS if path.name != "config.yml"], ids=lambda path: path.name
)
def test_issue_forms_ask_for_doctor_and_say_what_to_remove(path: Path) -> None:
    fields = {field.get("id"): field for field in loaded(path)["body"]}

    doctor = fields["doctor"]["attributes"]
    assert "spendlight doctor" in doctor["label"]
    assert "It shows paths" in doctor["description"]
    assert doctor["render"] == "text"


def test_security_problems_are_not_reported_as_issues() -> None:
    config = loaded(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")

    assert config["blank_issues_enabled"] is False
    assert any("security/advisories" in link["url"] for link in config["contact_links"])
