from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.pricelist.lists import (
    NEW_MODELS,
    NOW,
    OPUS,
    SHIPPED,
    input_price,
    load,
    write_fetched,
)

from spendlight.errands import Errands
from spendlight.metering.entry import ModelVariant
from spendlight.metering.periods import to_ms
from spendlight.pricelist import loading
from spendlight.pricelist.fetching import PRICES_URL, fetch
from spendlight.pricelist.loading import PRICES_NAME
from spendlight.pricelist.others import OTHERS_NAME
from spendlight.pricelist.renewing import (
    FAILURE_NAME,
    FETCH_EVERY,
    RETRY_AFTER,
    RefreshOutcome,
    RefreshStatus,
    refresh_prices,
)
from spendlight.pricelist.steps import STEPS_NAME, PriceSteps

Answer = Callable[[httpx.Request], httpx.Response]


def refresh(folder: Path, answer: Answer | httpx.Response, now: datetime = NOW) -> RefreshOutcome:
    handler = (lambda _: answer) if isinstance(answer, httpx.Response) else answer
    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        return refresh_prices(folder, now=now, ask=lambda etag: fetch(etag, client))


def run(command: Sequence[str]) -> Callable[[], None]:
    """Return a function that runs a command in another process."""
    return lambda: Errands().run(command, 60)


def never(request: httpx.Request) -> httpx.Response:
    pytest.fail(f"asked for {request.url}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


class TestARefresh:
    def test_stores_the_downloaded_list(self, folder: Path) -> None:
        cache = folder / "not" / "yet" / "there"
        answer = httpx.Response(200, json=NEW_MODELS, headers={"ETag": '"2"'})

        assert refresh(cache, answer) == RefreshOutcome(RefreshStatus.UPDATED)
        assert input_price(load(cache), "claude-nova-1") == 5e-6
        kept = json.loads((cache / PRICES_NAME).read_bytes())
        assert (kept["fetched_at"], kept["etag"]) == (NOW.isoformat(), '"2"')
        assert {path.name for path in cache.iterdir()} == {PRICES_NAME, OTHERS_NAME}

    def test_never_loses_a_model(self, folder: Path) -> None:
        write_fetched(folder, NOW - FETCH_EVERY, {"claude-gone-7": OPUS})

        refresh(folder, httpx.Response(200, json=NEW_MODELS))
        table = load(folder)
        claude = {*SHIPPED["models"], *NEW_MODELS, "claude-gone-7"}
        assert claude < set(table.models)
        assert input_price(table, "glm-4.6") == 0.6e-6

    def test_keeps_the_models_of_other_makers(self, folder: Path) -> None:
        listed = {**NEW_MODELS, "zai/glm-9": {**OPUS, "mode": "chat"}}

        refresh(folder, httpx.Response(200, json=listed))
        table = load(folder)
        assert (input_price(table, "glm-9"), table.source.origin) == (5e-6, "fetched")

    def test_downloads_everything_again_if_the_models_of_other_makers_are_lost(
        self, folder: Path
    ) -> None:
        refresh(folder, httpx.Response(200, json=NEW_MODELS, headers={"ETag": '"2"'}))
        (folder / OTHERS_NAME).unlink()

        def answer(request: httpx.Request) -> httpx.Response:
            assert "If-None-Match" not in request.headers
            return httpx.Response(200, json=NEW_MODELS)

        assert refresh(folder, answer, NOW + FETCH_EVERY).reason == ""

    def test_requests_only_the_known_address(self, folder: Path) -> None:
        asked = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            return httpx.Response(200, json=NEW_MODELS)

        refresh(folder, answer)
        assert asked == [PRICES_URL]

    def test_downloads_once_a_day(self, folder: Path) -> None:
        answer = httpx.Response(200, json=NEW_MODELS)
        refresh(folder, answer)

        soon = NOW + FETCH_EVERY - timedelta(seconds=1)
        assert refresh(folder, never, soon) == RefreshOutcome(RefreshStatus.NOT_DUE)
        outcome = refresh(folder, answer, NOW + FETCH_EVERY)
        assert outcome == RefreshOutcome(RefreshStatus.UNCHANGED)

    def test_downloads_again_if_the_clock_was_wrong(self, folder: Path) -> None:
        write_fetched(folder, NOW + timedelta(days=400), {})

        outcome = refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert outcome.status == RefreshStatus.UPDATED

    def test_downloads_only_a_newer_list(self, folder: Path) -> None:
        refresh(folder, httpx.Response(200, json=NEW_MODELS, headers={"ETag": '"2"'}))

        def answer(request: httpx.Request) -> httpx.Response:
            assert request.headers["If-None-Match"] == '"2"'
            return httpx.Response(304)

        tomorrow = NOW + FETCH_EVERY
        assert refresh(folder, answer, tomorrow) == RefreshOutcome(RefreshStatus.UNCHANGED)
        assert load(folder).source.dated == tomorrow
        later = tomorrow + FETCH_EVERY
        assert refresh(folder, answer, later) == RefreshOutcome(RefreshStatus.UNCHANGED)

    def test_keeps_the_known_price_if_a_new_one_is_absurd(self, folder: Path) -> None:
        absurd = {"input_cost_per_token": 5.0, "output_cost_per_token": 25.0}
        free = {"input_cost_per_token": 0, "output_cost_per_token": 0}
        listed = {**NEW_MODELS, "claude-opus-4-5": absurd, "claude-nova-free": free}

        refresh(folder, httpx.Response(200, json=listed))
        kept = json.loads((folder / PRICES_NAME).read_bytes())["models"]
        assert kept["claude-opus-4-5"] == SHIPPED["models"]["claude-opus-4-5"]
        assert "claude-nova-free" not in kept

    def test_with_an_older_list_uses_the_shipped_one(self, folder: Path) -> None:
        dear = {"input_cost_per_token": 9e-5, "output_cost_per_token": 9e-5}
        write_fetched(folder, NOW - timedelta(days=60), {"claude-opus-4-5": dear})

        refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert input_price(load(folder), "claude-opus-4-5") == 5e-6

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (httpx.Response(503), "answered 503"),
            (httpx.Response(304), "answered 304"),
            (httpx.Response(301, headers={"Location": "https://example.org/"}), "answered 301"),
            (httpx.Response(200, content=b"<html>"), "sent no price list: it is not valid JSON"),
            (httpx.Response(200, json=[1]), "sent no price list: it is not a JSON object"),
            (
                httpx.Response(200, content=b'{"claude-opus-5": 1' + b"0" * 5000 + b"}"),
                "sent no price list: it is not valid JSON",
            ),
            (
                httpx.Response(200, content=b'{"a": ' + b"[" * 150_000),
                "sent no price list: it is not valid JSON",
            ),
            (
                httpx.Response(200, content=b"[" + b"{}," * 200_000 + b"0]"),
                "sent no price list: it is larger than any price list",
            ),
            (httpx.Response(200, json={"claude-nova-1": OPUS}), "sent too few models"),
            (
                httpx.Response(200, json={f"gpt-{n}": OPUS for n in range(99)}),
                "sent too few models",
            ),
        ],
    )
    def test_fails_with_a_reason_and_keeps_the_list(
        self, folder: Path, answer: httpx.Response, reason: str
    ) -> None:
        outcome = refresh(folder, answer)

        assert outcome.status == RefreshStatus.FAILED
        assert outcome.reason.startswith(f"raw.githubusercontent.com {reason}")
        assert load(folder).source.origin == "shipped"

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (httpx.ConnectError("no route to host"), "cannot be reached: no route to host"),
            (httpx.ReadTimeout("slow"), "took too long"),
            (OSError("broken certificates"), "cannot be reached: broken certificates"),
        ],
    )
    def test_without_a_network_has_a_reason(
        self, folder: Path, error: Exception, reason: str
    ) -> None:
        def answer(_: httpx.Request) -> httpx.Response:
            raise error

        outcome = refresh(folder, answer)
        assert outcome.status == RefreshStatus.FAILED
        assert outcome.reason == f"raw.githubusercontent.com {reason}"

    def test_remembers_a_failure_for_a_while(self, folder: Path) -> None:
        failed = refresh(folder, httpx.Response(503))

        soon = NOW + RETRY_AFTER - timedelta(seconds=1)
        outcome = refresh(folder, never, soon)
        assert outcome == RefreshOutcome(RefreshStatus.NOT_DUE, failed.reason)
        later = NOW + RETRY_AFTER
        assert refresh(folder, httpx.Response(200, json=NEW_MODELS), later).reason == ""
        assert not (folder / FAILURE_NAME).exists()

    def test_ignores_an_unreadable_failure(self, folder: Path) -> None:
        (folder / FAILURE_NAME).write_text('{"tried_at": "never"}', encoding="utf-8")

        outcome = refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert outcome.status == RefreshStatus.UPDATED

    def test_that_cannot_be_stored_has_a_reason(self, folder: Path) -> None:
        blocked = folder / "a file"
        blocked.touch()

        outcome = refresh(blocked, httpx.Response(200, json=NEW_MODELS))
        assert outcome.status == RefreshStatus.FAILED
        assert outcome.reason.startswith("it cannot be saved:")


class TestWithoutTheShippedList:
    def test_fails_with_a_reason(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loading, "PRICES_NAME", "no-such-list.json")

        outcome = refresh(folder, never)
        assert outcome.status == RefreshStatus.FAILED
        assert "missing from the installation" in outcome.reason


class TestARefreshInAnotherProcess:
    def command(self, folder: Path, models: object, *, fails: bool = False) -> list[str]:
        """Return a command that acts like a download."""
        content = {"fetched_at": NOW.isoformat(), "etag": "", "models": models}
        target = folder / PRICES_NAME
        if fails:
            content = {"tried_at": NOW.isoformat(), "reason": "no network"}
            target = folder / FAILURE_NAME
        code = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
        return [sys.executable, "-c", code, str(target), json.dumps(content)]

    def test_its_list_is_used(self, folder: Path) -> None:
        command = self.command(folder, NEW_MODELS)

        assert refresh_prices(folder, now=NOW, apart=run(command)).status is RefreshStatus.UPDATED
        assert refresh_prices(folder, now=NOW, apart=run(command)).status is RefreshStatus.NOT_DUE

    def test_the_same_list_is_not_new(self, folder: Path) -> None:
        write_fetched(folder, NOW - 2 * FETCH_EVERY, NEW_MODELS)
        command = self.command(folder, NEW_MODELS)

        assert refresh_prices(folder, now=NOW, apart=run(command)).status is RefreshStatus.UNCHANGED

    def test_its_error_is_reported(self, folder: Path) -> None:
        outcome = refresh_prices(folder, now=NOW, apart=run(self.command(folder, {}, fails=True)))

        assert outcome == RefreshOutcome(RefreshStatus.FAILED, "no network")

    def test_a_program_that_cannot_be_started_is_a_failure(self, folder: Path) -> None:
        outcome = refresh_prices(folder, now=NOW, apart=run([str(folder / "missing")]))

        assert outcome.status is RefreshStatus.FAILED
        assert "cannot be fetched" in outcome.reason


class TestStepsOfPrices:
    """What a model cost before is noted when a newer list has another price."""

    DAY = timedelta(days=1)

    def fetched(self, folder: Path, dollars: float, now: datetime, name: str = "gpt-9") -> None:
        entry = {"input_cost_per_token": dollars, "output_cost_per_token": 1e-6, "mode": "chat"}
        refresh(folder, httpx.Response(200, json={**NEW_MODELS, name: entry}), now)

    def price(self, folder: Path, at: datetime, name: str = "gpt-9") -> float:
        rates = load(folder).rates(ModelVariant(name), at_ms=to_ms(at))
        assert rates is not None
        return rates.input

    def test_history_keeps_its_prices(self, folder: Path) -> None:
        self.fetched(folder, 5e-6, NOW)
        self.fetched(folder, 2e-6, NOW + 3 * self.DAY)
        self.fetched(folder, 1e-6, NOW + 9 * self.DAY)

        days = (-90, 0, 2, 4, 8, 10, 400)
        found = [self.price(folder, NOW + number * self.DAY) for number in days]

        assert found == [5e-6, 5e-6, 5e-6, 2e-6, 2e-6, 1e-6, 1e-6]
        assert [one.source for one in load(folder).history.of("gpt-9")] == [
            f"LiteLLM list from {NOW.date()}",
            f"LiteLLM list from {(NOW + 3 * self.DAY).date()}",
            "",
        ]

    def test_the_same_price_is_no_step(self, folder: Path) -> None:
        self.fetched(folder, 5e-6, NOW)
        self.fetched(folder, 5e-6, NOW + 3 * self.DAY)

        assert not (folder / STEPS_NAME).exists()

    def test_there_is_no_step_if_the_list_before_is_old(self, folder: Path) -> None:
        self.fetched(folder, 5e-6, NOW)
        self.fetched(folder, 2e-6, NOW + 40 * self.DAY)

        assert self.price(folder, NOW) == 2e-6

    @pytest.mark.parametrize("name", ["azure/gpt-9", "claude-nova-2"])
    def test_only_makers_other_than_anthropic_have_steps(self, folder: Path, name: str) -> None:
        self.fetched(folder, 5e-6, NOW, name)
        self.fetched(folder, 2e-6, NOW + self.DAY, name)

        assert self.price(folder, NOW, name) == 2e-6

    def test_a_shipped_list_that_covers_the_day_counts_instead(self, folder: Path) -> None:
        shipped, noted = folder / "shipped.json", folder / STEPS_NAME
        self.fetched(folder, 5e-6, NOW)
        self.fetched(folder, 2e-6, NOW + self.DAY)
        shipped.write_text(json.dumps({"until": str((NOW + self.DAY).date()), "models": {}}))

        assert len(PriceSteps(None, noted).of("gpt-9")) == 1
        assert PriceSteps(shipped, noted).of("gpt-9") == ()
