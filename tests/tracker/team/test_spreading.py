"""How work is spread makes no difference to the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.makers import LONG_CONTEXT, SONNET, line, write_log
from tests.tracker.team.teams import EVER, Member, folder_of, segments
from tests.tracker.worlds import World

from spendlight.metering.sums import UsageSlice
from spendlight.team.settling import WHOLE
from spendlight.team.spreading import Part, PartMap, SettledPart, settle_all
from spendlight.team.totals import MACHINE, TeamFilter
from spendlight.tracker.questions.periods import Periods


def in_threads() -> PartMap:
    return ThreadPoolExecutor(2).map


def backwards() -> PartMap:
    return lambda settle, parts: reversed([settle(part) for part in parts])


@pytest.fixture
def whole(world: World) -> Part:
    machines = [Member(world, name) for name in ("desk", "lap")]
    for machine in machines:
        numbers = range(40) if machine is machines[0] else range(30, 70)
        lines = [
            line(
                id=f"m{number}",
                model=SONNET,
                cache_read_input_tokens=LONG_CONTEXT * (number % 2),
                timestamp=f"2026-03-{1 + number % 9:02d}T12:00:00.000Z",
            )
            for number in numbers
        ]
        write_log(machine.roots[0], "p/s.jsonl", *lines)
        machine.publish()
    assert machines[0].tracker.team.ask(Periods()).value.total.answers == 70
    which = TeamFilter(EVER)
    return Part(str(folder_of(world)), WHOLE, (LONG_CONTEXT,), which, (MACHINE,), by_day=True)


def rows(settled: SettledPart) -> Counter[tuple[str, UsageSlice]]:
    return Counter((piece.label, piece.slice) for piece in settled.pieces)


@pytest.mark.parametrize("count", [2, 7])
@pytest.mark.parametrize("spread", [lambda: map, in_threads, backwards])
def test_the_figures_do_not_depend_on_how_work_is_spread(
    whole: Part, count: int, spread: Callable[[], PartMap]
) -> None:
    expected = settle_all(whole, 1)

    settled = settle_all(whole, count, spread())

    assert rows(settled) == rows(expected)
    assert sum(piece.slice.answers for piece in settled.pieces) == 70
    assert {piece.label for piece in settled.pieces} == {"desk", "lap"}


def test_a_segment_that_cannot_be_read_is_named_once(world: World, whole: Part) -> None:
    segments(world)[0].write_bytes(b"nothing")

    settled = settle_all(whole, 3)

    assert len(settled.unreadable) == 1
    assert sum(piece.slice.answers for piece in settled.pieces) == 40
