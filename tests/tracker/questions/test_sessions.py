from __future__ import annotations

from tests.makers import line, write_log
from tests.tracker.worlds import World, at

from spendlight.tracker.questions.sessions import Sessions


def test_many_sessions_are_called_by_their_names(world: World) -> None:
    count = 60
    for number in range(count):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))

    rows = world.read().ask(Sessions()).rows

    assert {row.name.session for row in rows} == {f"s{number}" for number in range(count)}
