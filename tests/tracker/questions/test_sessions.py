from __future__ import annotations

from datetime import date

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.worlds import World, at

from spendlight.metering.periods import DateRange
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions


def test_many_sessions_are_called_by_their_names(world: World) -> None:
    count = 60
    for number in range(count):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))

    rows = world.read().ask(Sessions()).rows

    assert {row.name.session for row in rows} == {f"s{number}" for number in range(count)}


@pytest.mark.parametrize("inner", [OPUS, SONNET])
@pytest.mark.parametrize("day", [1, 2, 3])
def test_a_session_of_two_models_is_parted_by_days_whichever_began_and_ended_it(
    world: World, inner: str, day: int
) -> None:
    outer = SONNET if inner == OPUS else OPUS
    models = [outer, inner, outer]
    lines = [
        line(id=f"m{number}", model=model, timestamp=at(number * 1440), output_tokens=number + 1)
        for number, model in enumerate(models)
    ]
    write_log(world.root, "p/s.jsonl", *lines)
    only = Selection(days=DateRange(date(2026, 3, day), date(2026, 3, day)))

    (row,) = world.read().ask(Sessions(only)).rows

    assert row.spending.tokens.output == day
    assert [model.label for model in row.spending.models] == [models[day - 1]]
