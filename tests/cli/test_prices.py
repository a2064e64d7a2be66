from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shell import Ran, Shell
from tests.makers import line

from spendlight.cli.main import main
from spendlight.pricelist import renewing
from spendlight.pricelist.renewing import RefreshOutcome, RefreshStatus


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    code = main(["prices", *words])
    return Ran(code, *capsys.readouterr())


def answer(monkeypatch: pytest.MonkeyPatch, outcome: RefreshOutcome) -> None:
    monkeypatch.setattr(renewing, "refresh_prices", lambda *_, **__: outcome)


def test_shows_which_price_list_is_in_force(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, RefreshOutcome(RefreshStatus.NOT_DUE))

    done = run(capsys)

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Prices: LiteLLM list from ")


def test_says_why_there_is_no_newer_price_list(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, RefreshOutcome(RefreshStatus.FAILED, "the network is down"))

    done = run(capsys)

    assert done.code == 1
    assert done.err == "spendlight: No newer price list: the network is down\n"


def test_shows_the_same_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, RefreshOutcome(RefreshStatus.FAILED, "the network is down"))

    told = json.loads(run(capsys, "--json").out)

    assert told["name"] == "LiteLLM list"
    assert (told["origin"], told["problem"]) == ("shipped", "the network is down")


def test_makes_no_request_if_offline(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "refresh_prices", lambda *_, **__: pytest.fail("it was asked"))

    assert run(capsys, "--offline").code == 0


def test_shows_how_to_price_a_model_that_has_no_price(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line(model="new-1"), line(id="b"))
    shell.run("daily")

    told = shell.run("prices", "--json", "--offline").json
    lines = shell.run("prices", "--offline").out.splitlines()

    assert told["unpricedModels"] == ["new-1"]
    assert told["over"].startswith("LiteLLM list from ")
    assert lines[1] == "1 model without a price: new-1"
    place = lines[2].rpartition(" into ")[2].removesuffix(":")
    Path(place).write_text(lines[3], encoding="utf-8")
    assert shell.run("prices", "--json", "--offline").json["unpricedModels"] == []
    assert "without a price" not in shell.run("daily").out


def test_names_the_users_own_prices_that_are_not_used(shell: Shell) -> None:
    config = shell.place / "ccusage.json"
    config.write_text('{"pricingOverrides": {"new-1": {"inputCostPerToken": 3}, "b": 7}}')

    told = shell.run("prices", "--offline", "--config", str(config)).out.splitlines()[1:]

    dear = "input_cost_per_token is more than $0.01 for one token"
    assert told == [
        f"Ignored in your price list: new-1: {dear}",
        "Ignored in your price list: b: 7 is not an object",
    ]


def test_names_the_users_own_prices_that_cannot_be_read(shell: Shell) -> None:
    config = shell.claude / "ccusage.json"
    config.write_text('{"pricingOverrides": {"new-1": {"inputCostPerToken": 1e-6,}}}')
    shell.log("p/s1.jsonl")

    told = shell.run("prices", "--offline").out.splitlines()[1]

    assert told.startswith("Ignored in your price list: ")
    assert "ccusage.json: it cannot be read: " in told
    assert told in shell.run("daily").out


def test_shows_what_a_model_has_cost(capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "--history", "o3", "--offline")

    first, before, after = done.out.splitlines()
    assert (done.code, done.err, first) == (0, "", "o3, in dollars per million tokens:")
    assert before == (
        "  before 2025-06-16: input 10, output 40, cache write 12.5, cache read 2.5"
        " (LiteLLM 1.71.3)"
    )
    assert after.startswith("  from 2025-06-16: input 2, output 8, cache write 2.5, cache read 0.5")


def test_says_that_no_change_of_a_price_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "--history", "claude-opus-4-5", "--offline").out.splitlines()

    assert lines[1].startswith("  always: input 5, output 25, ")
    assert lines[-1] == "No change is known since 2023-11-01: this price is used for all time."


def test_the_history_of_a_model_without_a_price_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run(capsys, "--history", "no-such", "--offline")

    assert (done.code, done.out) == (1, "")
    assert done.err == "spendlight: There is no price for no-such\n"


def test_says_which_models_in_use_are_priced_by_date(shell: Shell) -> None:
    lines = [
        line(id=str(number), model=model, timestamp="2025-06-01T00:00:00.000Z")
        for number, model in enumerate(("o3", "gpt-5.4", "claude-opus-4-5"))
    ]
    shell.log("p/s1.jsonl", *lines)
    table = shell.run("daily", "--offline").out

    told = shell.run("prices", "--offline")
    doctor = shell.run("doctor", "--offline")

    assert "Another price before, by date: o3 (since 2025-06-16)" in table
    assert told.out.splitlines()[1:] == [
        "Priced by date: o3 (changed on 2025-06-16)",
        "Today's price for all time, as no change is known since 2023-11-01: gpt-5.4",
    ]
    assert "o3: another price before 2025-06-16" in doctor.out
    as_json = shell.run("prices", "--offline", "--json").json
    assert as_json["pricedByDate"] == {"o3": ["2025-06-16"]}
