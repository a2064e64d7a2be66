"""A step is a change that a maker has made, as far as dated snapshots of a list can tell."""

from __future__ import annotations

from datetime import date, timedelta

from maintenance.price_steps import Snapshot, as_text, days, merged, steps_of

from spendlight.pricelist.files import Models

FIRST = date(2025, 1, 1)


def entry(dollars: float, **more: object) -> dict[str, object]:
    return {"input_cost_per_token": dollars, "output_cost_per_token": 2 * dollars, **more}


def found(*prices: float | dict[str, object] | None, name: str = "gpt-9") -> list[tuple[str, str]]:
    """Return the steps of a model that had these prices, one day after the other."""
    snapshots = []
    for number, price in enumerate(prices):
        listed = {} if price is None else price if isinstance(price, dict) else entry(price)
        models: Models = {name: listed} if listed else {}
        snapshots.append(Snapshot(FIRST + timedelta(number), f"1.{number}", models))
    steps = steps_of(snapshots).get(name, [])
    return [(str(one["until"]), str(one["source"])) for one in steps]


def test_a_change_that_stays_is_a_step_on_the_first_day_that_has_it() -> None:
    assert found(5, 5, 2, 2) == [("2025-01-03", "LiteLLM 1.1")]
    assert found(5, 5, 2, 2, 1, 1) == [("2025-01-03", "LiteLLM 1.1"), ("2025-01-05", "LiteLLM 1.3")]


def test_what_only_one_snapshot_has_is_a_mistake_of_the_list() -> None:
    assert found(5, 5, 2, 5, 5) == found(5, 2, 2) == found(5, 5, 2) == []
    assert found(5, 5, 7, 2, 2) == [("2025-01-04", "LiteLLM 1.1")]


def test_a_model_may_be_missing_in_between() -> None:
    assert found(5, 5, None, 2, 2) == [("2025-01-04", "LiteLLM 1.1")]


def test_a_change_of_other_prices_alone_is_a_correction() -> None:
    cached = {"cache_read_input_token_cost": 1.0}
    assert found(5, 5, entry(5, **cached), entry(5, **cached)) == []


def test_only_the_makers_own_entry_counts() -> None:
    assert found(5, 5, 2, 2, name="azure/gpt-5") == []
    assert len(found(5, 5, 2, 2, name="openai/gpt-5")) == 1
    assert len(found(5, 5, 2, 2, name="deepseek/deepseek-chat")) == 1


def test_the_last_price_of_a_period_is_kept_without_what_is_no_price() -> None:
    late = entry(5, cache_read_input_token_cost=1.0, max_input_tokens=9)
    snapshots = [
        Snapshot(FIRST + timedelta(number), "1", {"gpt-9": one})
        for number, one in enumerate((entry(5), late, entry(2), entry(2)))
    ]

    (step,) = steps_of(snapshots)["gpt-9"]

    assert step["prices"] == entry(5, cache_read_input_token_cost=1.0)


def test_half_months_are_looked_at() -> None:
    assert list(days(date(2025, 12, 2), date(2026, 1, 16))) == [
        date(2025, 12, 16),
        date(2026, 1, 1),
        date(2026, 1, 16),
    ]


def test_known_steps_before_the_first_snapshot_stay() -> None:
    old, seen, new = ({"until": f"2025-0{month}-01"} for month in (1, 2, 3))

    assert merged({"a": [old, seen], "b": [seen]}, {"a": [seen, new]}, date(2025, 1, 16)) == {
        "a": [old, seen, new]
    }
    assert as_text(FIRST, FIRST, {"a": []}).count("\n") == 3
