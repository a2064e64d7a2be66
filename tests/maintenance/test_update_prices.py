from __future__ import annotations

import json
import runpy
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "maintenance" / "update_prices.py"
LIST_IN_WHEEL = "litellm/model_prices_and_context_window_backup.json"
OPUS = {"input_cost_per_token": 5e-6, "output_cost_per_token": 25e-6}
CHEAPER = {**OPUS, "input_cost_per_token": 4e-6}

Update = Callable[[Path, Path, date], list[str]]


@pytest.fixture(scope="module")
def update() -> Update:
    function: Update = runpy.run_path(str(SCRIPT))["update"]
    return function


def make_wheel(folder: Path, models: Mapping[str, object]) -> Path:
    wheel = folder / "litellm-1.110.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(LIST_IN_WHEEL, json.dumps(models))
    return wheel


def test_the_lists_are_updated_and_changes_are_reported(update: Update, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    known = {"claude-kept": OPUS, "claude-cut": OPUS, "claude-gone": OPUS}
    prices.write_text(json.dumps({"models": known}), encoding="utf-8")
    listed = {
        "claude-new": OPUS,
        "gpt-5": {**OPUS, "mode": "chat"},
        "claude-kept": OPUS,
        "claude-cut": CHEAPER,
    }

    told = update(tmp_path, make_wheel(tmp_path, listed), date(2026, 12, 24))

    assert told == [
        "changed  claude-cut: input_cost_per_token 5e-06 -> 4e-06",
        "retired  claude-gone: retired None -> True",
        "new      claude-new",
        "new      gpt-5",
    ]
    assert prices.read_text(encoding="utf-8").splitlines() == [
        '{"source":"LiteLLM 1.110.0","dated":"2026-12-24","models":{',
        '"claude-cut":{"input_cost_per_token":4e-06,"output_cost_per_token":2.5e-05},',
        '"claude-gone":{"input_cost_per_token":5e-06,"output_cost_per_token":2.5e-05,"retired":true},',
        '"claude-kept":{"input_cost_per_token":5e-06,"output_cost_per_token":2.5e-05},',
        '"claude-new":{"input_cost_per_token":5e-06,"output_cost_per_token":2.5e-05}',
        "}}",
    ]
    others = tmp_path / "prices-others.json"
    assert others.read_text(encoding="utf-8").splitlines() == [
        '{"source":"LiteLLM 1.110.0","dated":"2026-12-24","models":{',
        '"gpt-5":{"input_cost_per_token":5e-06,"output_cost_per_token":2.5e-05}',
        "}}",
    ]


def test_a_second_update_changes_nothing(update: Update, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"models": {"claude-gone": OPUS}}), encoding="utf-8")
    wheel = make_wheel(tmp_path, {"claude-new": OPUS, "gpt-5": {**OPUS, "mode": "chat"}})
    update(tmp_path, wheel, date(2026, 12, 24))
    before = [path.read_bytes() for path in sorted(tmp_path.glob("*.json"))]

    assert update(tmp_path, wheel, date(2026, 12, 24)) == []
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.json"))] == before
