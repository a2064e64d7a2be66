from __future__ import annotations

import pytest
from tests.makers import NOON_MS, line, write_log
from tests.tracker.worlds import World, at

from spendlight.ledger.usage_ledger import UsageLedger


@pytest.mark.parametrize("count", [3, 150])
def test_the_extent_covers_the_selected_roots_only(world: World, count: int) -> None:
    other = world.make_root("other")
    for number in range(count):
        write_log(other, f"p/a{number}.jsonl", line(id=f"a{number}", timestamp=at(-1000 - number)))
        write_log(other, f"p/b{number}.jsonl", line(id=f"b{number}", timestamp=at(1000 + number)))
    write_log(world.root, "p/s.jsonl", line(id="first", timestamp=at(-5)), line(timestamp=at(7)))
    empty = world.make_root("empty")
    write_log(empty, "p/s.jsonl", line(id="wrong", output_tokens=-1))
    world.read(world.root, other, empty)

    with UsageLedger(world.place / "data/ledger.sqlite3") as ledger:
        own = ledger.extent(ledger.scope([str(world.root)]))
        rest = ledger.extent(ledger.scope([str(other)]))
        none = ledger.extent(ledger.scope([str(empty)]))
        unread = [
            ledger.unread_lines(ledger.scope([str(root)])) for root in (world.root, other, empty)
        ]

    assert own == (NOON_MS - 5 * 60_000, NOON_MS + 7 * 60_000)
    assert rest == (NOON_MS - (999 + count) * 60_000, NOON_MS + (999 + count) * 60_000)
    assert none is None
    assert unread == [0, 0, 1]
