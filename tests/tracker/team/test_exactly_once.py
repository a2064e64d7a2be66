"""However many machines publish whatever, and how often: each answer counts once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import append
from tests.tracker.team.teams import Member, by_hand, ledger_figures, team_figures
from tests.tracker.worlds import World, log_lines, logs, write_logs

from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection

Logs = dict[str, list[bytes]]

MANY = 20


@settings(max_examples=6, deadline=None)
@given(
    st.lists(logs(), min_size=2, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), logs()), max_size=3),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]),
)
def test_a_team_counts_as_if_one_machine_had_all_the_logs(
    made: list[Logs], later: list[tuple[int, Logs]], zone: str
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        machines = [Member(world, name) for name, _ in zip("abc", made, strict=False)]
        for machine, content in zip(machines, made, strict=True):
            write_logs(machine.roots[0], content)
            machine.publish()
        for number, content in later:
            team_figures(machines[number % 2].tracker)
            machine = machines[number % len(machines)]
            _append(machine, content)
            machine.publish()

        one = world.read(*(machine.roots[0] for machine in machines), data="one")
        importer = machines[0]
        importer.take_in(*(machine.export() for machine in machines[1:]))
        selection = Selection(ZoneInfo(zone))

        expected = ledger_figures(importer.tracker, selection)
        by_machine = 4  # one machine has all the logs there
        without = [one for at, one in enumerate(expected) if at != by_machine]
        told = ledger_figures(one, selection)
        assert without == [one for at, one in enumerate(told) if at != by_machine]
        for machine in machines:
            assert team_figures(machine.tracker, selection) == expected


@settings(max_examples=1, deadline=None)
@given(st.randoms(use_true_random=False), st.data())
def test_twenty_machines_with_random_copies_in_random_order(
    random: Random, data: st.DataObject
) -> None:
    shared = data.draw(st.lists(log_lines(), min_size=40, max_size=60))
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        machines = [Member(world, f"m{number}") for number in range(MANY)]
        for _ in range(2):
            for machine in random.sample(machines, MANY):
                lines = [random.choice(shared) for _ in range(random.randrange(6))]
                _append(machine, {random.choice(["p/a.jsonl", "q/b.jsonl", "p/c/d.jsonl"]): lines})
                machine.publish()
            random.choice(machines).publish()
            random.choice(machines).tracker.team.ask(Periods())

        tokens, answers = by_hand(machines)
        asked, late = random.sample(machines, 2)
        late.take_in(*(machine.export() for machine in machines if machine is not late))

        total = asked.tracker.team.ask(Periods()).value.total
        assert (total.tokens, total.answers) == (tokens, answers)
        assert team_figures(asked.tracker, scheduler="here") == team_figures(asked.tracker)
        assert team_figures(asked.tracker) == ledger_figures(late.tracker)
        assert team_figures(late.tracker) == team_figures(asked.tracker)


def _append(machine: Member, content: Logs) -> None:
    for name, lines in content.items():
        path = machine.roots[0] / "projects" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        append(path, *lines)
