"""Tokens of reasoning are counted in every report, kept by every copy, and need no room if 0."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.ledger.test_buckets import buckets, rebuild
from tests.makers import line, write_log
from tests.tracker.machines import FORMS, Computer
from tests.tracker.worlds import QUESTIONS, World, at

from spendlight.ledger.opening import connect
from spendlight.ledger.sums.packing import pack_each, pack_sum, pack_sums, unpack_sums, unpack_uses
from spendlight.logs.claude_code.native import NATIVE
from spendlight.metering.sums import NAMES
from spendlight.tracker import import_reading
from spendlight.tracker.entry_files import write_json
from spendlight.tracker.entry_rows import EntryRow, Header
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

MODELS = ("gpt-5.2-codex", "gemini-2.5-pro")
ARCHIVED = "/h/.claude/projects/q/s.jsonl"
TOO_MUCH = 2**63 - 1


def row(number: int, reasoning: int, *, day: int = 1, session: str = "s") -> EntryRow:
    """Return an answer of another machine."""
    return EntryRow(
        timestamp=f"2026-03-{day:02}T23:{50 + number % 9}:00.000Z",
        machine="m",
        project="p",
        project_path="p",
        session_id=session,
        model=MODELS[number % 2],
        input_tokens=10,
        output_tokens=1000,
        cache_creation_5m_tokens=0,
        cache_creation_1h_tokens=0,
        cache_read_tokens=0,
        reasoning_tokens=reasoning,
        cost=None,
        is_counted=True,
        answer=f"{number + 1:016x}",
        request="0000000000000001",
        path=f"/h/.claude/projects/p/{session}.jsonl",
        offset=number,
        root="/h/.claude",
        machine_id="00000000000000aa",
    )


ROWS = [
    row(0, 1),
    row(1, 20),
    row(2, 300, day=2),
    row(3, 0, day=2, session="t"),
    row(4, 600, day=3, session="t"),
]


def computer(world: World, name: str = "desk") -> Computer:
    """Return a machine that has taken in the rows."""
    path = world.place / f"{name}.json"
    with path.open("wb") as sink:
        write_json(ROWS, Header("entries", 1), sink)
    found = Computer(world, name).read()
    found.take_in(path)
    return found


def of_all(tracker: UsageTracker) -> list[int]:
    """Return the total of each report."""
    return [tracker.ask(question).total.reasoning for question in QUESTIONS]


@pytest.mark.parametrize("is_native", [True, False])
def test_every_report_counts_it(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_native: bool
) -> None:
    if not is_native:
        monkeypatch.setattr(import_reading, "export_reader", lambda: None)
        monkeypatch.setattr(NATIVE, "_library", None)
    tracker = computer(world).tracker

    days = tracker.ask(Periods()).rows
    sessions = tracker.ask(Sessions()).rows
    by_model = tracker.ask(Periods(Selection(model=MODELS[1]))).total

    assert set(of_all(tracker)) == {921}
    assert [day.spending.reasoning for day in days] == [21, 300, 600]
    assert sorted(one.spending.reasoning for one in sessions) == [321, 600]
    assert [(one.label, one.reasoning) for one in days[0].spending.models] == [
        (MODELS[0], 1),
        (MODELS[1], 20),
    ]
    assert by_model.reasoning == 20
    assert tracker.ask(Periods(by="branch")).total.reasoning == 921


def test_stored_sums_are_those_of_the_answers(world: World) -> None:
    computer(world)
    ledger = world.place / "data-desk" / "ledger.sqlite3"
    kept = buckets(ledger)

    rebuild(ledger)

    assert buckets(ledger) == kept
    with closing(connect(ledger)) as connection:
        assert connection.execute("SELECT SUM(reasoning) FROM buckets").fetchone() == (921,)


@pytest.mark.parametrize("form", FORMS)
def test_it_is_exported_and_imported(world: World, form: str) -> None:
    desk = computer(world)
    lap = Computer(world, "lap").read()

    lap.take_in(desk.export(form))

    assert sorted(one.reasoning_tokens for one in lap.rows()) == [0, 1, 20, 300, 600]
    assert of_all(lap.tracker) == of_all(desk.tracker)


def test_a_copy_from_another_log_is_kept_with_it(world: World) -> None:
    """The chunks that hold both are packed again."""
    desk = computer(world)
    copies = [
        replace(row(0, 2), path=ARCHIVED, output_tokens=2000, offset=5),
        replace(row(1, 7), path=ARCHIVED, output_tokens=70, offset=6),
    ]
    path = world.place / "copies.json"
    with path.open("wb") as sink:
        write_json(copies, Header("entries", 1), sink)

    desk.take_in(path)

    assert set(of_all(desk.tracker)) == {922}


def test_packed_sums_hold_any_number_in_the_same_room() -> None:
    at_reasoning = 2 + NAMES.index("reasoning")
    rows = [
        tuple(reasoning if index == at_reasoning else index + 5 for index in range(2 + len(NAMES)))
        for reasoning in (0, 1, 2**16, 2**47 - 1, 2**47, TOO_MUCH)
    ]
    rows += [(2**32 - 1, 2**16 - 1, *one[2:]) for one in rows]

    packed = pack_sums(rows)
    _, columns = unpack_sums([packed])

    assert list(zip(*columns, strict=True)) == rows
    assert pack_each(rows) == [pack_sum(one) for one in rows]
    assert len(packed) == len(rows) * 8 * (1 + len(NAMES))
    answers, first_ms = (2 + NAMES.index(name) for name in ("answers", "first_ms"))
    assert unpack_uses([packed]) == [(one[0], one[answers], one[first_ms]) for one in rows]


def test_without_it_nothing_of_it_is_stored(world: World) -> None:
    write_log(world.root, "p/s.jsonl", *(line(id=f"m{n}", timestamp=at(n)) for n in range(3)))
    world.read()

    with closing(connect(world.place / "data" / "ledger.sqlite3")) as connection:
        (sums,) = connection.execute("SELECT sums FROM session_sums").fetchone()
        _, columns = unpack_sums([sums])
    assert len(sums) == 8 * (1 + len(NAMES)) * len(columns[0])
    assert set(columns[2 + NAMES.index("reasoning")]) == {0}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_more_of_it_than_of_output_is_refused(world: World, form: str, tmp_path: Path) -> None:
    path = computer(world).export(form)
    changed = tmp_path / f"changed.{form}"
    text = path.read_text(encoding="utf-8")
    odd = text.replace('"reasoningTokens":600', '"reasoningTokens":1001').replace(",600,", ",1001,")
    changed.write_text(odd, encoding="utf-8")
    lap = Computer(world, "lap").read()

    with pytest.raises(Exception, match="1,001 tokens of reasoning cannot be contained in 1,000"):
        lap.take_in(changed)
    assert odd != text
