from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.worlds import World, at

from spendlight.metering.periods import DateRange
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions

FIRST = date(2026, 3, 1)


def test_many_sessions_have_their_names(world: World) -> None:
    count = 60
    for number in range(count):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))

    rows = world.read().ask(Sessions()).rows

    assert {row.name.session for row in rows} == {f"s{number}" for number in range(count)}


@pytest.mark.parametrize("inner", [OPUS, SONNET])
@pytest.mark.parametrize(
    ("since", "until", "wanted"), [(50, None, [2, 3]), (None, 150, [1, 2]), (50, 150, [2])]
)
def test_a_session_with_two_models_is_split_by_days(
    world: World, inner: str, since: int | None, until: int | None, wanted: list[int]
) -> None:
    outer = SONNET if inner == OPUS else OPUS
    lines = [
        line(id=f"m{days}", model=model, timestamp=at(days * 1440), output_tokens=output)
        for output, (days, model) in enumerate([(0, outer), (100, inner), (200, outer)], 1)
    ]
    write_log(world.root, "p/s.jsonl", *lines)
    ends = [None if days is None else FIRST + timedelta(days) for days in (since, until)]

    (row,) = world.read().ask(Sessions(Selection(days=DateRange(*ends)))).rows

    assert row.spending.tokens.output == sum(wanted)
    assert row.spending.answers == len(wanted)
