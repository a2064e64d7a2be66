from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.tracker.worlds import World


def test_a_model_keeps_its_place_in_the_order_for_ever(world: World) -> None:
    tracker = world.read()

    assert tracker.color_order(["b", "a"]) == ("b", "a")
    assert tracker.color_order(["a", "c"]) == ("b", "a", "c")
    assert world.tracker().color_order([]) == ("b", "a", "c")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}'])
def test_a_damaged_file_of_colours_is_rewritten(world: World, text: str) -> None:
    tracker = world.read()
    path = Path(world.place / "data" / "colors.json")
    path.write_text(text)

    assert tracker.color_order(["a"]) == ("a",)
    assert json.loads(path.read_text()) == ["a"]
