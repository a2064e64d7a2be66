from __future__ import annotations

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.worlds import World, at

from spendlight.tracker.questions.choices import Choices, ModelsUsed
from spendlight.tracker.tracker import UsageTracker

DAY = 24 * 60


def test_a_filter_can_offer_all_projects_and_machines(tracker: UsageTracker) -> None:
    known = tracker.ask(Choices())

    assert known.projects == ("-home-ada-boats", "-home-ada-kettle")
    assert len(known.machines) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_filter_offers_the_projects_of_the_data_folders_in_scope(
    world: World, count: int
) -> None:
    roots = [world.make_root(name) for name in ("one", "two", "three")]
    for root in roots:
        write_log(root, f"{root.name}/s.jsonl", line(id=root.name))
    world.read(*roots)

    tracker = world.tracker(*roots[:count])
    known = tracker.ask(Choices())

    assert known.projects == tuple(sorted(root.name for root in roots[:count]))
    assert tracker.warnings == ()  # otherwise a temporary ledger has answered


@pytest.mark.parametrize("days", [1, 500])
def test_all_models_are_listed_in_the_order_of_first_use(world: World, days: int) -> None:
    lines = (
        line(id="a", model=SONNET, timestamp=at(days * DAY)),
        line(id="b", model="mystery", timestamp=at(2)),
        line(id="c", model=OPUS, timestamp=at(1)),
        line(id="d", model=OPUS, timestamp=at(days * DAY)),
        line(id="e", model="<synthetic>", timestamp=at(0)),
    )
    write_log(world.root, "p/s.jsonl", *lines)
    other = world.make_root("other")
    write_log(other, "p/s.jsonl", line(id="f", model=SONNET, timestamp=at(0)))
    of_one = world.read(world.root).ask(ModelsUsed())
    of_both = world.read(world.root, other).ask(ModelsUsed())
    of_one_of_two = world.read(world.root).ask(ModelsUsed())

    assert [model.label for model in of_one.models] == [OPUS, "mystery", SONNET]
    assert (of_one.answers, of_one.unpriced) == (5, ("mystery",))
    assert [model.label for model in of_both.models] == [SONNET, OPUS, "mystery"]
    assert of_both.answers == 6
    assert of_one_of_two == of_one
