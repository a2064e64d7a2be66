from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.worlds import World, total

from spendlight.tracker.demo_mode import demo_mode
from spendlight.tracker.tracker import UsageTracker


@pytest.mark.parametrize(
    ("model", "window"), [(OPUS, 200_000), (SONNET, 1_000_000), ("mystery", None)]
)
def test_the_context_window_of_a_model_is_from_the_price_list(
    world: World, model: str, window: int | None
) -> None:
    assert world.tracker().context_window(model) == window


def test_the_context_is_that_of_the_last_answer(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line(), line(cache_read_input_tokens=500), b"{}\n")

    assert UsageTracker.transcript_context_tokens(path) == 1503
    assert UsageTracker.transcript_context_tokens(world.place / "none.jsonl") is None


def test_offline_no_price_list_is_requested(world: World) -> None:
    assert world.tracker(prices_file=None).refresh_prices() is None


def test_watching_ends_when_it_is_stopped(world: World) -> None:
    stop = threading.Event()
    stop.set()

    assert list(world.tracker().changes(stop)) == []


@pytest.mark.slow
def test_the_demo_reads_synthetic_logs_only_and_leaves_nothing(home: Path) -> None:
    write_log(home / ".claude", "p/s.jsonl", line(id="real"))

    with demo_mode() as demo:
        tracker = UsageTracker.open(demo.options)
        tracker.refresh()
        before = total(tracker).answers
        demo.feed()
        tracker.refresh()
        place = demo.logs

        assert before < total(tracker).answers
    assert not place.exists()
