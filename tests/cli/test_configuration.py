from __future__ import annotations

import json
from pathlib import Path

import pytest

from spendlight.cli.arguments import parse
from spendlight.cli.configuration import BadConfigurationError
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_a_named_file_stands_between_what_was_typed_and_the_defaults(folder: Path) -> None:
    file = write(
        folder / "mine.json", {"defaults": {"mode": "display", "order": "desc", "json": True}}
    )

    arguments = parse(["daily", "--config", str(file), "--mode", "calculate"])

    assert arguments.mode is CostMode.CALCULATE
    assert arguments.order is SortOrder.DESCENDING
    assert arguments.json


def test_the_file_in_the_working_directory_is_found(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"timezone": "Asia/Tokyo"}})

    assert str(parse(["daily"]).timezone) == "Asia/Tokyo"


def test_a_verbs_own_section_wins_and_claudes_over_all_agents(folder: Path) -> None:
    content = {
        "defaults": {"order": "asc", "startOfWeek": "monday"},
        "commands": {"weekly": {"startOfWeek": "tuesday", "compact": True}},
        "claude": {
            "defaults": {"compact": False},
            "commands": {"weekly": {"startOfWeek": "friday"}},
        },
    }
    write(folder / ".ccusage/ccusage.json", content)

    assert parse(["weekly"]).start_of_week == 4


def test_what_another_verb_knows_is_passed_over(folder: Path) -> None:
    content = {"defaults": {"tokenLimit": 500, "pricingOverrides": {"m": {}}, "colour": "red"}}
    write(folder / ".ccusage/ccusage.json", content)

    assert parse(["blocks"]).token_limit == 500
    assert parse(["daily"]).token_limit is None


def test_projects_names_may_be_an_object(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"projectAliases": {"-w-app": "App"}}})

    assert parse(["daily"]).project_aliases == {"-w-app": "App"}


def test_what_makes_no_sense_is_wrong_usage_as_if_typed(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"mode": "guess"}})

    with pytest.raises(SystemExit):
        parse(["daily"])


def test_the_live_view_does_not_ask(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"json": True}})

    assert not parse(["live"]).json


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_broken_file_is_told(folder: Path, content: str) -> None:
    file = folder / "broken.json"
    file.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(BadConfigurationError, match=r"broken\.json"):
        parse(["daily", "--config", str(file)])


def test_a_missing_file_is_told() -> None:
    with pytest.raises(BadConfigurationError, match="No such file"):
        parse(["daily", "--config", "missing.json"])
