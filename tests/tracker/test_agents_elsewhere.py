"""Logs of any agent follow when they are moved, and stay that agent's on other machines."""

from __future__ import annotations

import pytest
from tests.makers import OPUS, append, line, write_log
from tests.tracker.machines import FORMS, Computer
from tests.tracker.tally_worlds import RUN, Home, count, model, sessions, start, write
from tests.tracker.worlds import figures, tokens

from spendlight.ledger import carrying


def test_two_agents_may_have_one_data_folder(home: Home) -> None:
    write(home.root, "runs/a.jsonl", *RUN)
    log = write_log(home.root, "p/s.jsonl", line())

    tracker = home.count(tally=home.root)

    assert tokens(tracker) == 280 + 21_403
    assert home.roots() == [(str(home.root), "claude-code"), (str(home.root), "tally")]
    moved = home.root.rename(home.place / "moved")
    home.root = moved
    append(moved / log.relative_to(home.place / "claude"), line(id="more"))
    assert tokens(home.count(tally=moved)) == 280 + 2 * 21_403
    assert home.roots() == [(str(moved), "claude-code"), (str(moved), "tally")]


def test_a_log_that_was_moved_stays_whose_it_is_and_is_read_on(home: Home) -> None:
    log = write(home.tally, "runs/2026/a.jsonl", *RUN)
    home.count()
    (home.tally / "archive").mkdir()

    moved = log.rename(home.tally / "archive" / "a.jsonl")
    append(moved, count(300, 30, minutes=6))

    assert sessions(home.count()) == [("engine", "s1", 300, 30)]


def test_a_data_folder_that_was_moved_keeps_its_agent_and_its_history(home: Home) -> None:
    write(home.tally, "runs/a.jsonl", *RUN)
    gone = write(home.tally, "runs/gone.jsonl", start("old", "mill"), model(OPUS), count(9, 9))
    before = figures(home.count())
    gone.unlink()

    moved = home.tally.rename(home.place / "elsewhere")

    assert figures(home.count(tally=moved)) == before
    assert home.roots() == [(str(home.root), "claude-code"), (str(moved), "tally")] or (
        home.roots() == [(str(moved), "tally")]
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_is_handed_to_other_machines_stays_the_agents(home: Home, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    write(home.tally, "runs/a.jsonl", *RUN)
    write_log(home.root, "p/s.jsonl", line())
    desk, laptop = Computer(home, "desk"), Computer(home, "laptop")
    desk.tracker = home.count()
    second = Computer(home, "second")

    laptop.take_in(desk.export(form))
    second.take_in(laptop.export(form))

    for computer in (desk, laptop, second):
        assert sessions(computer.tracker) == [("engine", "s1", 250, 30), ("p", "s", 3, 400)]
        assert sorted((row.agent, row.session_id) for row in computer.rows()) == [
            ("claude-code", "s"),
            ("tally", "s1"),
            ("tally", "s1"),
        ]


def test_what_a_ledger_takes_over_from_another_is_read_on_there(home: Home) -> None:
    log = write(home.tally, "runs/a.jsonl", model(OPUS), count(100, 10))
    home.count()
    append(log, start(), count(250, 30, minutes=5))
    home.count(data="other")

    carrying.carry_over(home.place / "other" / "ledger.sqlite3", home.ledger)

    assert sessions(home.open()) == [("engine", "s1", 250, 30)]
    append(log, count(300, 30, minutes=6))
    assert sessions(home.count()) == [("engine", "s1", 300, 30)]
    assert home.roots() == [(str(home.tally), "tally")]
