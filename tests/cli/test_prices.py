from __future__ import annotations

import json

import pytest
from tests.cli.shell import Ran

from spendlight.cli.main import main
from spendlight.pricelist import renewing
from spendlight.pricelist.renewing import RefreshOutcome, RefreshStatus


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    code = main(["prices", *words])
    return Ran(code, *capsys.readouterr())


def answer(monkeypatch: pytest.MonkeyPatch, outcome: RefreshOutcome) -> None:
    monkeypatch.setattr(renewing, "refresh_prices", lambda *_, **__: outcome)


def test_tells_which_list_is_in_force(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, RefreshOutcome(RefreshStatus.NOT_DUE))

    done = run(capsys)

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Prices: LiteLLM list of ")


def test_says_why_there_is_no_newer_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, RefreshOutcome(RefreshStatus.FAILED, "the network is down"))

    done = run(capsys)

    assert done.code == 1
    assert done.err == "spendlight: No newer price list: the network is down\n"


def test_tells_the_same_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, RefreshOutcome(RefreshStatus.FAILED, "the network is down"))

    told = json.loads(run(capsys, "--json").out)

    assert told["name"] == "LiteLLM list"
    assert (told["origin"], told["problem"]) == ("shipped", "the network is down")


def test_asks_nobody_where_that_is_not_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "refresh_prices", lambda *_, **__: pytest.fail("it was asked"))

    assert run(capsys, "--offline").code == 0
