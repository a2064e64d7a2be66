"""Logs of any agent are followed when they are moved, and keep their agent on other machines."""

from __future__ import annotations

import pytest
from tests.makers import OPUS, append, line, write_log
from tests.tracker.machines import FORMS, Computer
from tests.tracker.tally_worlds import RUN, Home, count, model, sessions, start, write
from tests.tracker.worlds import figures, tokens

from spendlight.ledger import carrying


def test_two_agents_may_have_one_data_folder(both: Home) -> None:
    write(both.root, "runs/a.jsonl", *RUN)
    log = write_log(both.root, "p/s.jsonl", line())

    tracker = both.count(tally=both.root)

    assert tokens(tracker) == 280 + 21_403
    assert both.roots() == [(str(both.root), "claude-code"), (str(both.root), "tally")]
    moved = both.root.rename(both.place / "moved")
    both.root = moved
    append(moved / log.relative_to(both.place / "claude"), line(id="more"))
    assert tokens(both.count(tally=moved)) == 280 + 2 * 21_403
    assert both.roots() == [(str(moved), "claude-code"), (str(moved), "tally")]


def test_a_moved_log_keeps_its_session_and_is_continued(both: Home) -> None:
    log = write(both.tally, "runs/2026/a.jsonl", *RUN)
    both.count()
    (both.tally / "archive").mkdir()

    moved = log.rename(both.tally / "archive" / "a.jsonl")
    append(moved, count(300, 30, minutes=6))

    assert sessions(both.count()) == [("engine", "s1", 300, 30)]


def test_a_moved_data_folder_keeps_its_agent_and_its_history(both: Home) -> None:
    write(both.tally, "runs/a.jsonl", *RUN)
    gone = write(both.tally, "runs/gone.jsonl", start("old", "mill"), model(OPUS), count(9, 9))
    before = figures(both.count())
    gone.unlink()

    moved = both.tally.rename(both.place / "elsewhere")

    assert figures(both.count(tally=moved)) == before
    assert both.roots() == [(str(both.root), "claude-code"), (str(moved), "tally")] or (
        both.roots() == [(str(moved), "tally")]
    )


@pytest.mark.parametrize("form", FORMS)
def test_exported_usage_keeps_its_agent(both: Home, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    write(both.tally, "runs/a.jsonl", *RUN)
    write_log(both.root, "p/s.jsonl", line())
    desk, laptop = Computer(both, "desk"), Computer(both, "laptop")
    desk.tracker = both.count()
    second = Computer(both, "second")

    laptop.take_in(desk.export(form))
    second.take_in(laptop.export(form))

    for computer in (desk, laptop, second):
        assert sessions(computer.tracker) == [("engine", "s1", 250, 30), ("p", "s", 3, 400)]
        assert sorted((row.agent, row.session_id) for row in computer.rows()) == [
            ("claude-code", "s"),
            ("tally", "s1"),
            ("tally", "s1"),
        ]


def test_a_log_carried_over_from_another_ledger_is_continued_there(both: Home) -> None:
    log = write(both.tally, "runs/a.jsonl", model(OPUS), count(100, 10))
    both.count()
    append(log, start(), count(250, 30, minutes=5))
    both.count(data="other")

    carrying.carry_over(both.place / "other" / "ledger.sqlite3", both.ledger)

    assert sessions(both.open()) == [("engine", "s1", 250, 30)]
    append(log, count(300, 30, minutes=6))
    assert sessions(both.count()) == [("engine", "s1", 300, 30)]
    assert both.roots() == [(str(both.tally), "tally")]
