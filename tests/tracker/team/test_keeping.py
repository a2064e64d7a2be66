"""A ledger that keeps the entries of its team's other machines: each once, whatever happens."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.makers import append, line, write_log
from tests.tracker.team.teams import Member, by_hand, folder_of, team_figures
from tests.tracker.team.test_hostile_segments import MARKED, changed, slip_in
from tests.tracker.worlds import World

from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.tracker.entry_rows import EntryRow
from spendlight.tracker.questions.choices import Choices
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.shares import ProjectShares
from spendlight.tracker.team.keeping import KeptEntries


def log(machine: Member, *lines: bytes, name: str = "p/s.jsonl") -> Path:
    return write_log(machine.roots[0], name, *lines)


def keeping(member: Member) -> Member:
    """Have a machine's ledger take in the entries of the others."""
    member.tracker.team.join(str(folder_of(member.world)), keeps_entries=True)
    return member


def answers(machine: Member, *machines: str) -> int:
    return machine.tracker.ask(Periods(Selection(machines=machines))).total.answers


@pytest.fixture
def desk(world: World) -> Member:
    return Member(world, "desk")


@pytest.fixture
def lap(world: World) -> Member:
    """Another machine, which has published two answers; one of them is on the desk, too."""
    lap = Member(world, "lap")
    log(lap, line(), line(id="b"), name="blog/t.jsonl")
    lap.publish()
    return lap


def test_only_who_wants_it_gets_entries_of_others_into_the_ledger(
    desk: Member, lap: Member
) -> None:
    log(desk, line())
    desk.publish()

    assert desk.tracker.team.keep_entries() is None
    assert answers(desk) == 1

    assert keeping(desk).tracker.team.keep_entries() == KeptEntries(2, 1, ("lap",))
    assert answers(desk) == 2
    assert answers(desk, "lap") == 2
    assert answers(desk, "desk") == 1
    assert team_figures(desk.tracker) == team_figures(lap.tracker)


def usage(member: Member) -> list[EntryRow]:
    """Return the entries of a ledger without circumstances, which exports tell and teams do not."""
    names = EntryRow.__struct_fields__
    told = names[names.index("folder") :]
    return [replace(row, **dict.fromkeys(told, "")) for row in member.rows()]


def test_nothing_is_taken_in_twice(world: World, desk: Member, lap: Member) -> None:
    keeping(desk).tracker.team.keep_entries()
    before = usage(desk)

    assert desk.tracker.team.keep_entries() == KeptEntries()
    (world.place / "data-desk" / "team.duckdb").unlink()
    assert desk.tracker.team.keep_entries() == KeptEntries()
    desk.take_in(lap.export())
    assert usage(desk) == before
    assert answers(desk) == 2


def test_what_was_imported_before_is_not_taken_in_again(desk: Member, lap: Member) -> None:
    desk.take_in(lap.export())
    before = desk.rows()

    assert keeping(desk).tracker.team.keep_entries() == KeptEntries(2, 0, ("lap",))

    assert desk.rows() == before


def test_one_may_change_ones_mind(world: World, desk: Member, lap: Member) -> None:
    keeping(desk).tracker.team.keep_entries()
    desk.tracker.team.join(str(folder_of(world)), keeps_entries=False)
    log(lap, line(id="c"), name="blog/u.jsonl")
    lap.publish()
    assert desk.tracker.team.keep_entries() is None
    assert answers(desk) == 2

    desk.tracker.team.join(str(folder_of(world)), name="tower")
    assert desk.tracker.team.keep_entries() is None
    assert keeping(desk).tracker.team.keep_entries() == KeptEntries(1, 1, ("lap",))
    assert answers(desk) == 3

    desk.tracker.team.leave()
    desk.tracker.team.join(str(folder_of(world)))
    assert keeping(desk).tracker.team.keep_entries() == KeptEntries()
    assert answers(desk) == 3


def test_a_better_copy_counts_and_a_withdrawn_one_is_left_out(desk: Member, lap: Member) -> None:
    path = log(lap, line(id="x", output_tokens=1), name="old/x.jsonl")
    lap.publish()
    append(path, line(id="x", output_tokens=500))
    lap.publish()
    path.parent.rename(path.parent.with_name("new"))
    lap.publish()

    keeping(desk).tracker.team.keep_entries()

    rows = {row.name: row.spending for row in desk.tracker.ask(ProjectShares()).rows}
    assert rows.keys() == {"blog", "new"}
    assert rows["new"].tokens.output == 500
    assert desk.tracker.ask(Periods()).total.tokens == by_hand([lap])[0]


def test_a_ledger_restored_from_a_backup_takes_in_the_rest_again(
    world: World, desk: Member, lap: Member
) -> None:
    keeping(desk).tracker.team.keep_entries()
    desk.tracker.close()
    for path in (world.place / "data-desk").iterdir():
        if path.name.startswith("usage") or "ledger" in path.name or "seals" in path.name:
            path.unlink()

    again = Member.__new__(Member)
    super(Member, again).__init__(world, "desk", *desk.roots)
    again.read()

    assert again.tracker.team.keep_entries() == KeptEntries(2, 2, ("lap",))
    assert answers(again) == answers(lap) == 2


def test_machines_of_the_same_name_stay_apart(world: World, desk: Member, lap: Member) -> None:
    lap.tracker.team.join(str(folder_of(world)), name="desk")
    log(lap, line(id="c"), name="blog/u.jsonl")
    lap.publish()
    log(desk, line(id="d"))
    desk.read()

    done = keeping(desk).tracker.team.keep_entries()

    assert done is not None
    (name,) = done.machines
    assert name.startswith("desk (")
    assert desk.tracker.ask(Choices()).machines == ("desk", name)
    assert (answers(desk, "desk"), answers(desk, name)) == (1, 3)


def test_virtual_machines_keep_their_names(world: World, desk: Member) -> None:
    lap = Member(world, "lap")
    write_log(lap.roots[0] / "vms" / "box", "p/s.jsonl", line(id="v"))
    lap.publish()

    assert keeping(desk).tracker.team.keep_entries() == KeptEntries(1, 1, ("box",))

    before = usage(desk)
    desk.take_in(lap.export())
    assert usage(desk) == before
    assert answers(desk, "box") == 1


def test_hidden_names_arrive_hidden(world: World, desk: Member) -> None:
    lap = Member(world, "lap")
    lap.tracker.team.join(str(folder_of(world)), hide=["projects"])
    log(lap, line(id="h"), name="secret/s.jsonl")
    lap.publish()

    keeping(desk).tracker.team.keep_entries()

    (row,) = desk.tracker.ask(ProjectShares()).rows
    assert row.name.startswith("project-")
    desk.take_in(lap.export())  # under other names, but the same answer
    assert answers(desk) == 1


def test_what_no_answer_can_have_is_left_out_and_the_rest_taken_in(
    world: World, desk: Member, lap: Member
) -> None:
    assert answers(lap) == 2

    def impossible(table: pa.Table, path: Path) -> None:
        odd = changed(table, model=UNLOGGED.name, is_fast=True, input=10**11, answer=7)
        pq.write_table(odd.slice(0, 1).replace_schema_metadata(MARKED), path)

    def named(table: pa.Table, path: Path) -> None:
        odd = changed(table, vm="a,\x1b b", agent="", root="", path="x", answer=9)
        pq.write_table(odd.slice(0, 1).replace_schema_metadata(MARKED), path)

    for change in (named, impossible):
        slip_in(world, change)

    done = keeping(desk).tracker.team.keep_entries()

    assert done == KeptEntries(3, 3, ("a b", "lap"))
    assert desk.tracker.team.keep_entries() == KeptEntries()
    assert answers(desk, "lap") == 2
    assert desk.tracker.ask(Periods()).total.answers == 3


def test_a_folder_that_is_gone_is_told_and_what_is_known_is_taken_in(
    world: World, desk: Member, lap: Member
) -> None:
    desk.tracker.team.ask(Periods())
    keeping(desk)
    folder_of(world).rename(world.place / "away")

    done = desk.tracker.team.keep_entries()

    assert done is not None
    assert (done.entries, done.machines) == (2, ("lap",))
    assert "mounted" in done.problem
    assert answers(desk) == answers(lap)


class _CrashError(Exception):
    """The process dies here."""


@pytest.mark.parametrize("calls", range(5))
def test_a_crash_anywhere_loses_and_doubles_nothing(
    desk: Member, lap: Member, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    keeping(desk)
    log(desk, line())
    desk.read()
    log(lap, line(id="c"), line(id="d"), name="blog/v.jsonl")
    lap.publish()
    monkeypatch.setattr("spendlight.tracker.team.keeping.MOST_ENTRIES", 1)
    left = [calls]

    def crash(real: object) -> object:
        def call(*args: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise _CrashError
            return real(*args, **named)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        for name in ("enlist", "record", "note_import"):
            patch.setattr(UsageLedger, name, crash(getattr(UsageLedger, name)))
        with pytest.raises(_CrashError):
            desk.tracker.team.keep_entries()
    desk.tracker.team.keep_entries()

    tokens, count = by_hand([desk])
    assert (tokens, count) == by_hand([desk, lap])
    total = desk.tracker.ask(Periods()).total
    assert (total.tokens, total.answers) == (tokens, count)
    assert total == lap.tracker.team.ask(Periods()).value.total


@settings(max_examples=2, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_order_of_publishing_and_keeping_gives_the_team_total(random: Random) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        members = [Member(world, f"m{number}") for number in range(2)]
        for _ in range(8):
            member = random.choice(members)
            step = random.randrange(4)
            if step == 0:
                name = random.choice(["p/a.jsonl", "q/b.jsonl"])
                path = member.roots[0] / "projects" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                some = {"id": random.choice("abcdef"), "output_tokens": random.randrange(3)}
                append(path, line(**some))
            elif step == 1:
                member.publish()
            elif step == 2:
                member.tracker.team.join(
                    str(folder_of(world)), keeps_entries=random.choice([True, False])
                )
            else:
                member.tracker.team.keep_entries()
        for member in members:
            member.publish()
        for member in members:
            keeping(member).tracker.team.keep_entries()

        tokens, count = by_hand(members)
        for member in members:
            total = member.tracker.ask(Periods()).total
            assert (total.tokens, total.answers) == (tokens, count)
        team = members[0].tracker.team.ask(Periods()).value.total
        assert (team.tokens, team.answers) == (tokens, count)
