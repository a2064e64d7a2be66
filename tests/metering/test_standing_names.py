"""A name may stand for one model after another."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.metering.listed_prices import make_table

from spendlight.metering.entry import ModelVariant, TokenCounts

KIMI = "kimi-for-coding"
LISTED = {
    f"moonshot/kimi-{name}": {
        "input_cost_per_token": price,
        "output_cost_per_token": 4 * price,
        "cache_read_input_token_cost": price / 10,
    }
    for name, price in (("k2.5", 6e-7), ("k2.6", 9e-7), ("k2.7-code", 1e-6))
}


def ms(month: int, day: int, hour: int = 0) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp()) * 1000


def input_rate(at_ms: int | None, **overrides: object) -> float | None:
    table = make_table(LISTED | overrides)
    rates = table.rates(ModelVariant(KIMI), at_ms=at_ms)
    return None if rates is None else round(rates.cost(TokenCounts(10**6)), 9)


def test_each_day_has_the_price_of_the_model_behind_the_name() -> None:
    assert [
        input_rate(at)
        for at in (ms(1, 1), ms(4, 20) - 1, ms(4, 20), ms(6, 12) - 1, ms(6, 12), ms(11, 1), None)
    ] == [0.6, 0.6, 0.9, 0.9, 1.0, 1.0, 1.0]


def test_sums_are_divided_where_another_model_begins() -> None:
    table = make_table(LISTED)

    assert table.steps([KIMI]) == (ms(4, 20), ms(6, 12))
    assert [price.from_ms for price in table.history.of(KIMI)] == [0, ms(4, 20), ms(6, 12)]


def test_a_price_of_the_name_itself_holds_for_all_time() -> None:
    own = {KIMI: {"input_cost_per_token": 5e-6, "output_cost_per_token": 1e-5}}

    assert {input_rate(at, **own) for at in (ms(1, 1), ms(5, 1), None)} == {5.0}


def test_without_prices_of_the_models_it_is_unknown() -> None:
    table = make_table({"gpt-7": LISTED["moonshot/kimi-k2.5"]})

    assert table.find(KIMI) is None
    assert table.rates(ModelVariant(KIMI), at_ms=ms(5, 1)) is None
