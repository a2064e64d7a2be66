from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from spendlight import assets, pricelist
from spendlight.errors import PriceListError
from spendlight.metering.entry import ModelVariant, TokenCounts
from spendlight.metering.pricing import PricingTable
from spendlight.pricelist import (
    FAILURE_NAME,
    FETCH_EVERY,
    PRICES_NAME,
    PRICES_URL,
    RETRY_AFTER,
    RefreshOutcome,
    RefreshStatus,
    load_prices,
    merge_models,
    refresh_prices,
    select_models,
)

SHIPPED = json.loads(assets.resource(PRICES_NAME).read_bytes())
NOW = datetime.combine(date.fromisoformat(SHIPPED["dated"]), datetime.min.time(), UTC) + timedelta(
    days=30
)
OPUS = {"input_cost_per_token": 5e-6, "output_cost_per_token": 25e-6}
NEW_MODELS = {f"claude-nova-{number}": OPUS for number in range(1, 13)}

Answer = Callable[[httpx.Request], httpx.Response]


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_fetched(folder: Path, at: datetime, models: object, etag: str = '"1"') -> None:
    write(folder / PRICES_NAME, {"fetched_at": at.isoformat(), "etag": etag, "models": models})


def refresh(folder: Path, answer: Answer | httpx.Response, now: datetime = NOW) -> RefreshOutcome:
    handler = (lambda _: answer) if isinstance(answer, httpx.Response) else answer
    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        return refresh_prices(folder, now=now, client=client)


def never(request: httpx.Request) -> httpx.Response:
    pytest.fail(f"asked for {request.url}")


def load(folder: Path) -> PricingTable:
    return load_prices(file=None, cache_dir=folder)


def input_price(table: PricingTable, model: str) -> float | None:
    price = table.find(model)
    return None if price is None else price.input


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


class TestTheShippedList:
    def test_prices_all_its_models(self, folder: Path) -> None:
        table = load(folder)

        assert set(table.models) == set(SHIPPED["models"])
        assert not table.skipped
        assert table.source.words == f"LiteLLM list of {SHIPPED['dated']}, shipped"

    @pytest.mark.parametrize(
        ("model", "dollars"),
        [
            ("claude-opus-5-5", 4.0),
            ("claude-opus-4-5-20251101", 5.0),
            ("claude-haiku-4-5-20251001", 1.0),
            ("us.anthropic.claude-opus-4-7", 5.5),
            ("claude-sonnet-4-5@20250929", 3.0),
            ("claude-sonnet-4-20250514", 3.0),
            ("claude-opus-4-1-20250805", 15.0),
            ("claude-3-7-sonnet-20250219", 3.0),
            ("claude-3-5-sonnet-20240620", 3.0),
            ("claude-3-5-haiku-latest", 0.8),
            ("claude-3-opus-20240229", 15.0),
            ("claude-3-haiku-20240307", 0.25),
            ("claude-2.1", 8.0),
            ("claude-instant-1.2", 0.8),
            ("opus", 5.0),
            ("sonnet", 3.0),
            ("haiku", 1.0),
        ],
    )
    def test_knows_models_of_today_and_those_long_retired(
        self, folder: Path, model: str, dollars: float
    ) -> None:
        price = input_price(load(folder), model)

        assert price is not None
        assert price * 1e6 == pytest.approx(dollars)

    def test_still_prices_speeds_and_contexts_that_were_withdrawn(self, folder: Path) -> None:
        table = load(folder)

        fast = table.rates(ModelVariant("claude-opus-4-6", is_fast=True))
        assert fast is not None
        assert fast.cost(TokenCounts(input=100_000)) == pytest.approx(3.0)
        sonnet = table.find("claude-sonnet-4-5")
        assert sonnet is not None
        assert sonnet.is_long_context(200_001)

    def test_is_sorted_with_one_line_for_each_model(self) -> None:
        lines = assets.resource(PRICES_NAME).read_text(encoding="utf-8").splitlines()

        assert len(lines) == len(SHIPPED["models"]) + 2
        assert lines[1:-1] == sorted(lines[1:-1], key=lambda line: line.split('":')[0])

    def test_is_missed_in_words_where_the_installation_is_damaged(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pricelist, "PRICES_NAME", "no-such-list.json")

        with pytest.raises(PriceListError, match="missing from the installation"):
            load(folder)
        outcome = refresh(folder, never)
        assert outcome.status == RefreshStatus.FAILED
        assert "missing from the installation" in outcome.reason


class TestAFileOfTheUsers:
    @pytest.mark.parametrize("wrap", [lambda models: models, lambda models: {"models": models}])
    def test_wins_bare_or_wrapped(
        self, folder: Path, wrap: Callable[[object], dict[str, object]]
    ) -> None:
        file = write(folder / "mine.json", wrap({"claude-opus-4-5": OPUS}))
        write_fetched(folder, NOW, NEW_MODELS)

        table = load_prices(file=file, cache_dir=folder)
        assert table.models == ("claude-opus-4-5",)
        assert table.source.words == str(file)

    def test_may_say_what_day_it_is_from(self, folder: Path) -> None:
        file = write(folder / "mine.json", {"dated": "2026-01-31", "models": NEW_MODELS})

        assert load_prices(file=file, cache_dir=folder).source.dated == date(2026, 1, 31)

    def test_may_begin_with_a_byte_order_mark(self, folder: Path) -> None:
        file = folder / "mine.json"
        file.write_text(json.dumps(NEW_MODELS), encoding="utf-8-sig")

        assert len(load_prices(file=file, cache_dir=folder).models) == len(NEW_MODELS)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "no JSON"),
            (b"\x00\xff", "no JSON"),
            (b"[1, 2]", "no JSON object"),
            (b"{}", "no model with a price"),
            (b'{"models": {"opus": {"input_cost_per_token": "free"}}}', "no model with a price"),
        ],
    )
    def test_is_refused_when_it_is_garbage(self, folder: Path, content: bytes, reason: str) -> None:
        file = folder / "mine.json"
        file.write_bytes(content)

        with pytest.raises(PriceListError, match=reason):
            load_prices(file=file, cache_dir=folder)

    def test_is_refused_when_it_is_not_there(self, folder: Path) -> None:
        with pytest.raises(PriceListError, match="No such file"):
            load_prices(file=folder / "mine.json", cache_dir=folder)

    def test_gives_way_to_prices_of_the_users_own(self, folder: Path) -> None:
        file = write(folder / "mine.json", {"opus": OPUS})
        overrides = {"opus": {"inputCostPerToken": 1e-6}}

        table = load_prices(file=file, cache_dir=folder, overrides=overrides)
        assert input_price(table, "opus") == 1e-6


class TestAFetchedList:
    def test_serves_when_it_is_newer_than_the_shipped_one(self, folder: Path) -> None:
        write_fetched(folder, NOW, NEW_MODELS)

        table = load(folder)
        assert table.models == tuple(sorted(NEW_MODELS))
        assert table.source.words == f"LiteLLM list of {NOW:%Y-%m-%d}, fetched"

    def test_rests_when_it_is_older(self, folder: Path) -> None:
        write_fetched(folder, NOW - timedelta(days=60), NEW_MODELS)

        assert load(folder).source.origin == "shipped"

    def test_rests_when_the_figures_must_not_depend_on_the_network(self, folder: Path) -> None:
        write_fetched(folder, NOW, NEW_MODELS)

        table = load_prices(file=None, cache_dir=folder, is_offline=True)
        assert table.source.origin == "shipped"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"{}",
            b'{"fetched_at": "yesterday", "etag": "", "models": {}}',
            b'{"fetched_at": "2100-01-01T00:00:00", "etag": "", "models": {}}',
            b'{"fetched_at": "2100-01-01T00:00:00+00:00", "etag": 7, "models": {}}',
            b'{"fetched_at": "2100-01-01T00:00:00+00:00", "etag": "", "models": {"opus": 1}}',
        ],
    )
    def test_is_passed_over_when_it_is_damaged(self, folder: Path, content: bytes) -> None:
        (folder / PRICES_NAME).write_bytes(content)

        assert load(folder).source.origin == "shipped"


class TestARefresh:
    def test_keeps_what_it_fetched(self, folder: Path) -> None:
        cache = folder / "not" / "yet" / "there"
        answer = httpx.Response(200, json=NEW_MODELS, headers={"ETag": '"2"'})

        assert refresh(cache, answer) == RefreshOutcome(RefreshStatus.UPDATED)
        assert input_price(load(cache), "claude-nova-1") == 5e-6
        kept = json.loads((cache / PRICES_NAME).read_bytes())
        assert (kept["fetched_at"], kept["etag"]) == (NOW.isoformat(), '"2"')
        assert [path.name for path in cache.iterdir()] == [PRICES_NAME]

    def test_never_loses_a_model(self, folder: Path) -> None:
        write_fetched(folder, NOW - FETCH_EVERY, {"claude-gone-7": OPUS})

        refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert set(load(folder).models) == {*SHIPPED["models"], *NEW_MODELS, "claude-gone-7"}

    def test_asks_only_the_known_place(self, folder: Path) -> None:
        asked = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            return httpx.Response(200, json=NEW_MODELS)

        refresh(folder, answer)
        assert asked == [PRICES_URL]

    def test_asks_once_a_day(self, folder: Path) -> None:
        answer = httpx.Response(200, json=NEW_MODELS)
        refresh(folder, answer)

        soon = NOW + FETCH_EVERY - timedelta(seconds=1)
        assert refresh(folder, never, soon) == RefreshOutcome(RefreshStatus.NOT_DUE)
        outcome = refresh(folder, answer, NOW + FETCH_EVERY)
        assert outcome == RefreshOutcome(RefreshStatus.UNCHANGED)

    def test_asks_again_when_the_clock_was_wrong(self, folder: Path) -> None:
        write_fetched(folder, NOW + timedelta(days=400), {})

        outcome = refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert outcome.status == RefreshStatus.UPDATED

    def test_asks_only_for_what_is_new(self, folder: Path) -> None:
        refresh(folder, httpx.Response(200, json=NEW_MODELS, headers={"ETag": '"2"'}))

        def answer(request: httpx.Request) -> httpx.Response:
            assert request.headers["If-None-Match"] == '"2"'
            return httpx.Response(304)

        tomorrow = NOW + FETCH_EVERY
        assert refresh(folder, answer, tomorrow) == RefreshOutcome(RefreshStatus.UNCHANGED)
        assert load(folder).source.dated == tomorrow
        later = tomorrow + FETCH_EVERY
        assert refresh(folder, answer, later) == RefreshOutcome(RefreshStatus.UNCHANGED)

    def test_keeps_the_known_price_of_a_model_with_an_absurd_one(self, folder: Path) -> None:
        absurd = {"input_cost_per_token": 5.0, "output_cost_per_token": 25.0}
        free = {"input_cost_per_token": 0, "output_cost_per_token": 0}
        listed = {**NEW_MODELS, "claude-opus-4-5": absurd, "claude-nova-free": free}

        refresh(folder, httpx.Response(200, json=listed))
        kept = json.loads((folder / PRICES_NAME).read_bytes())["models"]
        assert kept["claude-opus-4-5"] == SHIPPED["models"]["claude-opus-4-5"]
        assert "claude-nova-free" not in kept

    def test_of_an_older_list_yields_to_the_shipped_one(self, folder: Path) -> None:
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
            (httpx.Response(200, content=b"<html>"), "sent no JSON"),
            (httpx.Response(200, json=[1]), "sent too few models"),
            (httpx.Response(200, json={"claude-nova-1": OPUS}), "sent too few models"),
            (
                httpx.Response(200, json={f"gpt-{n}": OPUS for n in range(99)}),
                "sent too few models",
            ),
        ],
    )
    def test_fails_in_words_and_leaves_the_list_as_it_was(
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
    def test_without_a_network_is_an_outcome(
        self, folder: Path, error: Exception, reason: str
    ) -> None:
        def answer(_: httpx.Request) -> httpx.Response:
            raise error

        outcome = refresh(folder, answer)
        assert outcome.status == RefreshStatus.FAILED
        assert outcome.reason == f"raw.githubusercontent.com {reason}"

    def test_asks_with_a_client_of_its_own(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(pricelist, "PRICES_URL", "http://127.0.0.1:1/nobody-listens")

        outcome = refresh_prices(folder, now=NOW)
        assert outcome.status == RefreshStatus.FAILED
        assert "cannot be reached" in outcome.reason

    def test_stops_reading_what_is_too_long(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pricelist, "MAX_BYTES", 1000)

        def endless() -> Iterator[bytes]:
            while True:
                yield b" " * 100

        outcome = refresh(folder, httpx.Response(200, content=endless()))
        assert outcome.reason == "raw.githubusercontent.com sent more than a price list"

    def test_stops_reading_what_never_ends(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pricelist, "DEADLINE_S", -1.0)

        outcome = refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert outcome.reason == "raw.githubusercontent.com took too long"

    def test_remembers_a_failure_for_a_while(self, folder: Path) -> None:
        failed = refresh(folder, httpx.Response(503))

        soon = NOW + RETRY_AFTER - timedelta(seconds=1)
        outcome = refresh(folder, never, soon)
        assert outcome == RefreshOutcome(RefreshStatus.NOT_DUE, failed.reason)
        later = NOW + RETRY_AFTER
        assert refresh(folder, httpx.Response(200, json=NEW_MODELS), later).reason == ""
        assert not (folder / FAILURE_NAME).exists()

    def test_forgets_a_failure_that_it_cannot_read(self, folder: Path) -> None:
        (folder / FAILURE_NAME).write_text('{"tried_at": "never"}', encoding="utf-8")

        outcome = refresh(folder, httpx.Response(200, json=NEW_MODELS))
        assert outcome.status == RefreshStatus.UPDATED

    def test_that_cannot_be_kept_is_an_outcome(self, folder: Path) -> None:
        blocked = folder / "a file"
        blocked.touch()

        outcome = refresh(blocked, httpx.Response(200, json=NEW_MODELS))
        assert outcome.status == RefreshStatus.FAILED
        assert outcome.reason.startswith("it cannot be kept")


class TestARefreshInAnotherProcess:
    def command(self, folder: Path, models: object, *, fails: bool = False) -> list[str]:
        """Return a command that does as a fetch would."""
        content = {"fetched_at": NOW.isoformat(), "etag": "", "models": models}
        target = folder / PRICES_NAME
        if fails:
            content = {"tried_at": NOW.isoformat(), "reason": "no network"}
            target = folder / FAILURE_NAME
        code = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
        return [sys.executable, "-c", code, str(target), json.dumps(content)]

    def test_its_list_is_taken(self, folder: Path) -> None:
        command = self.command(folder, NEW_MODELS)

        assert refresh_prices(folder, now=NOW, command=command).status is RefreshStatus.UPDATED
        assert refresh_prices(folder, now=NOW, command=command).status is RefreshStatus.NOT_DUE

    def test_the_same_list_is_nothing_new(self, folder: Path) -> None:
        write_fetched(folder, NOW - 2 * FETCH_EVERY, NEW_MODELS)
        command = self.command(folder, NEW_MODELS)

        assert refresh_prices(folder, now=NOW, command=command).status is RefreshStatus.UNCHANGED

    def test_what_went_wrong_there_is_told(self, folder: Path) -> None:
        outcome = refresh_prices(folder, now=NOW, command=self.command(folder, {}, fails=True))

        assert outcome == RefreshOutcome(RefreshStatus.FAILED, "no network")

    def test_a_program_that_cannot_be_started_is_a_failure(self, folder: Path) -> None:
        outcome = refresh_prices(folder, now=NOW, command=[str(folder / "missing")])

        assert outcome.status is RefreshStatus.FAILED
        assert "cannot be fetched" in outcome.reason


class TestSelecting:
    def test_takes_claude_as_claude_code_names_it(self) -> None:
        names = [
            "claude-opus-5",
            "anthropic.claude-opus-5",
            "us.anthropic.claude-opus-5",
            "us-gov.anthropic.claude-opus-5",
            "vertex_ai/claude-opus-5@default",
        ]
        others = ["gpt-5", "openrouter/anthropic/claude-opus-5", "databricks/databricks-claude-5"]

        models = select_models(dict.fromkeys([*names, *others], OPUS))
        assert list(models) == names

    def test_takes_the_prices_of_tokens_and_leaves_the_rest(self) -> None:
        entry = {
            **OPUS,
            "cache_read_input_token_cost_above_200k_tokens": 1e-6,
            "provider_specific_entry": {"fast": 2},
            "search_context_cost_per_query": {
                "search_context_size_high": 0.02,
                "search_context_size_medium": 0.01,
            },
            "max_input_tokens": 200_000,
        }
        extra = {"mode": "chat", "input_cost_per_token_batches": 1e-6}

        models = select_models({"claude-opus-5": {**entry, **extra}})
        searches = {"search_context_size_medium": 0.01}
        assert models == {"claude-opus-5": {**entry, "search_context_cost_per_query": searches}}

    def test_leaves_what_has_no_price_per_token(self) -> None:
        assert select_models({"claude-a": {"input_cost_per_second": 1}, "claude-b": 7}) == {}


class TestMerging:
    def test_a_fresh_price_is_right(self) -> None:
        known = {"opus": {**OPUS, "retired": True}}
        fresh = {"opus": {**OPUS, "input_cost_per_token": 4e-6}}

        assert merge_models(known, fresh) == fresh

    def test_a_dropped_model_keeps_its_last_price(self) -> None:
        assert merge_models({"old": OPUS}, {"new": OPUS}) == {
            "new": OPUS,
            "old": {**OPUS, "retired": True},
        }

    def test_a_dropped_speed_keeps_its_last_price(self) -> None:
        known = {"opus": {**OPUS, "provider_specific_entry": {"fast": 6, "us": 1.2}}}
        fresh = {"opus": {**OPUS, "provider_specific_entry": {"us": 1.1}}}

        merged = merge_models(known, fresh)
        assert merged["opus"]["provider_specific_entry"] == {"fast": 6, "us": 1.1}

    @pytest.mark.parametrize(("window", "is_kept"), [(200_000, True), (1_000_000, False)])
    def test_a_dropped_long_context_price_stays_only_if_the_context_went_too(
        self, window: int, *, is_kept: bool
    ) -> None:
        key = "input_cost_per_token_above_200k_tokens"
        known = {"sonnet": {**OPUS, key: 6e-6, "max_input_tokens": 1_000_000}}
        fresh = {"sonnet": {**OPUS, "max_input_tokens": window}}

        assert (key in merge_models(known, fresh)["sonnet"]) == is_kept

    def test_a_new_threshold_replaces_the_old_one(self) -> None:
        known = {"opus": {**OPUS, "input_cost_per_token_above_200k_tokens": 6e-6}}
        fresh = {
            "opus": {
                **OPUS,
                "input_cost_per_token_above_100k_tokens": 6e-6,
                "max_input_tokens": 200_000,
            }
        }

        assert merge_models(known, fresh) == fresh


def test_loading_prices_imports_nothing_that_is_slow() -> None:
    program = (
        "import sys, pathlib; from spendlight.pricelist import load_prices; "
        "load_prices(file=None, cache_dir=pathlib.Path('nowhere')).find('claude-opus-5'); "
        "print({'httpx', 'ssl', 'asyncio', 'logging'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
