from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.pricelist.lists import (
    NEW_MODELS,
    NOW,
    OPUS,
    SHIPPED,
    input_price,
    load,
    write,
    write_fetched,
)

from spendlight import assets
from spendlight.errors import PriceListError
from spendlight.metering.entry import ModelVariant, TokenCounts
from spendlight.pricelist import files, loading
from spendlight.pricelist.loading import PRICES_NAME, load_prices
from spendlight.pricelist.others import OTHERS_NAME

OTHERS = json.loads(assets.resource(OTHERS_NAME).read_bytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


class TestTheShippedList:
    def test_prices_all_its_models(self, folder: Path) -> None:
        table = load(folder)

        assert set(table.models) == {*SHIPPED["models"], *OTHERS["models"]}
        assert not table.skipped
        assert table.source.words == f"LiteLLM list from {SHIPPED['dated']}, shipped"

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

    @pytest.mark.parametrize(
        ("model", "dollars"),
        [
            ("gpt-5", (1.25, 10, 0.125)),
            ("glm-4.6", (0.6, 2.2, 0.11)),
            ("z-ai/glm-4.6", (0.6, 2.2, 0.11)),
            ("glm-5:cloud", (1.0, 3.2, 0.2)),
            ("glm-5.1", (1.4, 4.4, 0.26)),
            ("kimi-k2-thinking", (0.6, 2.5, 0.15)),
            ("deepseek-chat", (0.28, 0.42, 0.028)),
            ("minimax-m2", (0.3, 1.2, 0.03)),
            ("MiniMax-M2", (0.3, 1.2, 0.03)),
            ("qwen3-coder-plus", (1.0, 5.0, 0.1)),
            ("nvidia/nemotron-3-super-120b-a12b", (0.3, 0.9, 0.06)),
            ("nemotron-3-super:cloud", (0.3, 0.9, 0.06)),
            ("gpt-oss-120b", (0.15, 0.6, 0.015)),
            ("anthropic/claude-3.7-sonnet", (3, 15, 0.3)),
            ("anthropic/claude-3.5-haiku", (0.8, 4, 0.08)),
            ("anthropic/claude-3-haiku", (0.25, 1.25, 0.03)),
            ("openrouter/anthropic/claude-4.5-sonnet-20250929", (3, 15, 0.3)),
            ("claude-opus-5[1m]", (5, 25, 0.5)),
            ("us.anthropic.claude-opus-5-v1:0", (5.5, 27.5, 0.55)),
        ],
    )
    def test_knows_what_people_run_in_claude_code(
        self, folder: Path, model: str, dollars: tuple[float, float, float]
    ) -> None:
        price = load(folder).find(model)

        assert price is not None
        found = (price.input * 1e6, price.output * 1e6, price.cache_read * 1e6)
        assert found == pytest.approx(dollars)

    @pytest.mark.parametrize(
        "model",
        [
            "default",
            "latest",
            "vertex_ai",
            "eu",
            "us",
            "claude",
            "anthropic",
            "gpt",
            "glm",
            "openai",
            "azure",
            "auto",
            "chat",
            "v1",
            "v3",
            "20250929",
            "glm-4.6-turbo",
            "claude-opus-4-9",
        ],
    )
    def test_invents_no_price(self, folder: Path, model: str) -> None:
        assert load(folder).find(model) is None

    def test_prices_a_whole_request_by_the_range_of_its_context(self, folder: Path) -> None:
        rates = load(folder).rates(ModelVariant("qwen3-coder-plus"), context_threshold=32_000)

        assert rates is not None
        assert rates[:2] == (1.8e-6, 9e-6)

    def test_still_prices_withdrawn_speeds_and_contexts(self, folder: Path) -> None:
        table = load(folder)

        fast = table.rates(ModelVariant("claude-opus-4-6", is_fast=True))
        assert fast is not None
        assert fast.cost(TokenCounts(input=100_000)) == pytest.approx(3.0)
        sonnet = table.find("claude-sonnet-4-5")
        assert sonnet is not None
        assert [long.threshold_tokens for long in sonnet.long_context] == [200_000]

    @pytest.mark.parametrize("name", [PRICES_NAME, OTHERS_NAME])
    def test_is_sorted_with_one_line_for_each_model(self, name: str) -> None:
        lines = assets.resource(name).read_text(encoding="utf-8").splitlines()

        assert len(lines) == len(json.loads(assets.resource(name).read_bytes())["models"]) + 2
        assert lines[1:-1] == sorted(lines[1:-1], key=lambda line: line.split('":')[0])

    def test_is_reported_as_missing_in_a_damaged_installation(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "PRICES_NAME", "no-such-list.json")

        with pytest.raises(PriceListError, match="missing from the installation"):
            load(folder)


class TestAFileOfTheUsers:
    @pytest.mark.parametrize("wrap", [lambda models: models, lambda models: {"models": models}])
    def test_overrides_the_list_in_force_bare_or_wrapped(
        self, folder: Path, wrap: Callable[[object], dict[str, object]]
    ) -> None:
        dear = {**OPUS, "input_cost_per_token": 7e-6}
        file = write(folder / "mine.json", wrap({"claude-opus-8": OPUS, "claude-nova-1": dear}))
        write_fetched(folder, NOW, NEW_MODELS)

        table = load_prices(file=file, cache_dir=folder)
        found = [input_price(table, f"claude-{name}") for name in ("opus-8", "nova-1", "nova-2")]
        assert found == [5e-6, 7e-6, 5e-6]
        assert table.source.words == f"{file}, on top of LiteLLM list from {NOW:%Y-%m-%d}, fetched"

    def test_keeps_the_price_of_a_model_without_one(self, folder: Path) -> None:
        entry = {"input_cost_per_second": 1}
        file = write(folder / "mine.json", {"claude-opus-4-5": entry, "mine-1": OPUS, "spec": "?"})

        table = load_prices(file=file, cache_dir=folder)
        assert input_price(table, "claude-opus-4-5") == 5e-6

    @pytest.mark.parametrize(
        ("price", "reason"),
        [
            ("-1e-6", "is not a price"),
            ('"5e-6"', "is not a price"),
            ("3.0", "is more than $0.01 for one token"),
            ("1e999", "is more than $0.01 for one token"),
            ("1" + "0" * 4000, "is more than $0.01 for one token"),
        ],
    )
    def test_is_rejected_if_a_price_is_invalid(self, folder: Path, price: str, reason: str) -> None:
        file = folder / "mine.json"
        entry = f'{{"input_cost_per_token": {price}, "output_cost_per_token": 1e-6}}'
        file.write_text(f'{{"mine": {entry}, "claude-opus-8": {json.dumps(OPUS)}}}')

        with pytest.raises(PriceListError) as error:
            load_prices(file=file, cache_dir=folder)
        told = f"The price list {file} cannot be used: mine: input_cost_per_token {reason}"
        assert error.value.title == told

    def test_is_not_read_without_limit(self, folder: Path) -> None:
        endless = Path("/dev/zero")
        if not endless.is_char_device():
            pytest.skip("a device of Unix")

        with pytest.raises(PriceListError, match="not a regular file"):
            load_prices(file=endless, cache_dir=folder)

    def test_may_contain_its_date(self, folder: Path) -> None:
        file = write(folder / "mine.json", {"dated": "2026-01-31", "models": NEW_MODELS})

        assert load_prices(file=file, cache_dir=folder).source.dated == date(2026, 1, 31)

    def test_may_begin_with_a_byte_order_mark(self, folder: Path) -> None:
        file = folder / "mine.json"
        file.write_text(json.dumps(NEW_MODELS), encoding="utf-8-sig")

        assert input_price(load_prices(file=file, cache_dir=folder), "claude-nova-1") == 5e-6

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "not valid JSON"),
            (b"\x00\xff", "not valid JSON"),
            (b"[1, 2]", "not a JSON object"),
            (b"{}", "no model with a price"),
            (b'{"models": {"opus": {"input_cost_per_second": 1}}}', "no model with a price"),
            (b'{"models": {"opus": {"input_cost_per_token": NaN}}}', "NaN is not a price"),
            (b'{"opus": ' + b"[" * 100_000, "not valid JSON"),
            (b'{"opus": [' + b"{}," * 200_000 + b"0]}", "larger than any price list"),
            (b'{"opus": 1' + b"0" * 5000 + b"}", "not valid JSON"),
        ],
    )
    def test_is_rejected_if_it_is_garbage(self, folder: Path, content: bytes, reason: str) -> None:
        file = folder / "mine.json"
        file.write_bytes(content)

        with pytest.raises(PriceListError, match=reason):
            load_prices(file=file, cache_dir=folder)

    def test_is_rejected_if_it_is_missing(self, folder: Path) -> None:
        with pytest.raises(PriceListError, match="No such file"):
            load_prices(file=folder / "mine.json", cache_dir=folder)

    def test_is_overridden_by_the_users_own_prices(self, folder: Path) -> None:
        file = write(folder / "mine.json", {"opus": OPUS})
        overrides = {"opus": {"inputCostPerToken": 1e-6}}

        table = load_prices(file=file, cache_dir=folder, overrides=overrides)
        assert input_price(table, "opus") == 1e-6


class TestAFetchedList:
    def test_is_used_if_it_is_newer_than_the_shipped_one(self, folder: Path) -> None:
        write_fetched(folder, NOW, NEW_MODELS)

        table = load(folder)
        assert table.models == tuple(sorted({*NEW_MODELS, *OTHERS["models"]}))
        assert table.source.words == f"LiteLLM list from {NOW:%Y-%m-%d}, fetched"

    def test_is_not_used_if_it_is_older(self, folder: Path) -> None:
        write_fetched(folder, NOW - timedelta(days=60), NEW_MODELS)

        assert load(folder).source.origin == "shipped"

    def test_is_not_used_if_figures_must_not_depend_on_the_network(self, folder: Path) -> None:
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
    def test_is_ignored_if_it_is_damaged(self, folder: Path, content: bytes) -> None:
        (folder / PRICES_NAME).write_bytes(content)

        assert load(folder).source.origin == "shipped"


class TestTheOtherModelsOfAFetchedList:
    def write(self, folder: Path, dated: str) -> None:
        """Write a downloaded list, and one of other models with some date."""
        write_fetched(folder, NOW, NEW_MODELS)
        text = files.as_text("LiteLLM", dated, {"gpt-5": OPUS, 'a "quoted" one-1': OPUS})
        (folder / OTHERS_NAME).write_text(text, encoding="utf-8", newline="\n")

    def test_are_those_downloaded_with_it(self, folder: Path) -> None:
        self.write(folder, NOW.isoformat())

        table = load(folder)
        assert [input_price(table, name) for name in ("gpt-5", "glm-4.6")] == [5e-6, None]
        assert table.models == tuple(sorted({*NEW_MODELS, "gpt-5", 'a "quoted" one-1'}))
        assert input_price(table, 'a "quoted" one-1') == 5e-6

    def test_are_the_shipped_ones_if_their_file_is_of_another_list(self, folder: Path) -> None:
        self.write(folder, (NOW - timedelta(days=1)).isoformat())

        assert input_price(load(folder), "gpt-5") == 1.25e-6

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff\n", b"[]\n}}\n"])
    def test_are_the_shipped_ones_if_they_are_damaged(self, folder: Path, content: bytes) -> None:
        write_fetched(folder, NOW, NEW_MODELS)
        (folder / OTHERS_NAME).write_bytes(content)

        assert input_price(load(folder), "gpt-5") == 1.25e-6

    def test_are_ignored_one_by_one_if_they_were_tampered_with(self, folder: Path) -> None:
        self.write(folder, NOW.isoformat())
        path = folder / OTHERS_NAME
        path.write_bytes(path.read_bytes().replace(b'"gpt-5":{', b'"gpt-5":{{'))

        assert input_price(load(folder), "gpt-5") is None
        assert input_price(load(folder), 'a "quoted" one-1') == 5e-6

    def test_are_none_if_the_installation_has_none(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "OTHERS_NAME", "no-such-list.json")

        assert input_price(load(folder), "gpt-5") is None


def test_loading_prices_imports_nothing_that_is_slow() -> None:
    program = (
        "import sys, pathlib; from spendlight.pricelist.loading import load_prices; "
        "load_prices(file=None, cache_dir=pathlib.Path('nowhere')).find('claude-opus-5'); "
        "slow = {'httpx', 'ssl', 'asyncio', 'logging', 'spendlight.metering.model_names'}; "
        "print(slow & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
