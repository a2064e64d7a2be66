"""Sums by local day, from which most of a team's reports are made, follow whatever is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.team.teams import Member, team_figures
from tests.tracker.worlds import World, at

from spendlight.metering.periods import DateRange
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.team import source

ZONES = ("Europe/Berlin", "Asia/Kathmandu")
DAY_S = 86_400.0
MANY = 1 << 60


def random_lines(random: Random, first: int) -> Iterator[bytes]:
    """Yield new answers on some days, and sometimes another copy of an old one."""
    for number in range(first, first + random.randrange(1, 4)):
        more = {"costUSD": random.choice([0.1, 0.25, 1.7])} if random.random() < 0.3 else {}
        yield line(
            id=f"answer-{number if random.random() < 0.8 else random.randrange(first + 1)}",
            timestamp=at(random.randrange(5) * DAY_S / 2 + random.randrange(3)),
            model=random.choice([OPUS, SONNET]),
            output_tokens=random.randrange(1, 900),
            **more,
        )


@pytest.mark.parametrize("seed", range(2))
def test_reports_from_days_are_those_from_quarters_of_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = Random(seed)  # noqa: S311
    members = [Member(world, name) for name in ("a", "b")]
    for step in range(4):
        for member in members:
            project = f"p{random.randrange(3)}"
            lines = random_lines(random, 10 * random.randrange(step + 1))
            write_log(member.roots[0], f"{project}/s{step}.jsonl", *lines)
            member.publish()
        selection = Selection(ZoneInfo(random.choice(ZONES)))
        monkeypatch.setattr(source, "MOST_IN_ORDER", -1)
        found = team_figures(members[0].tracker, selection)
        monkeypatch.setattr(source, "MOST_IN_ORDER", MANY)
        assert found == team_figures(members[0].tracker, selection)


def test_a_selection_has_whole_local_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Member(world, "desk")
    moments = ("28T22:59:59", "28T23:00:00", "29T21:59:59", "29T22:00:00")
    for number, moment in enumerate(moments):
        answer = line(id=f"a{number}", timestamp=f"2026-03-{moment}.000Z", output_tokens=10**number)
        write_log(desk.roots[0], f"p/{number}.jsonl", answer)
    desk.publish()
    days = DateRange(date(2026, 3, 29), date(2026, 3, 29))  # it has 23 hours in Berlin
    selection = Selection(ZoneInfo("Europe/Berlin"), days=days)
    expected = team_figures(desk.tracker, selection)
    monkeypatch.setattr(source, "MOST_IN_ORDER", -1)
    assert team_figures(desk.tracker, selection) == expected
    assert "output=110" in str(expected)
