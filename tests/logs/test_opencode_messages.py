"""OpenCode's database is read on from what was read last, without looking at all of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.agents.opencode_cases import AT_MS, TABLES, add_message, add_session, message

from spendlight.logs.jobs import ReadJob
from spendlight.logs.opencode_messages import parse
from spendlight.logs.parsed import ParsedRange


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "opencode.db"
    change(path, *TABLES, add_session("ses_1"), add_session("ses_2"))
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def read(path: Path, before: ParsedRange | None = None) -> ParsedRange:
    job = ReadJob(str(path), f"{path}.jsonl", 1, "", "s", 0, 0, 0, agent="opencode")
    if before is not None:
        job = job._replace(fingerprint=before.fingerprint, state=before.state)
    return parse(job)


def answers(parsed: ParsedRange) -> dict[str, int]:
    """Return how many answers of each session were read."""
    return {one.session.session: len(one.entries) for one in parsed.of_sessions}


def test_what_was_added_and_changed_is_read(path: Path) -> None:
    minute = 60_000
    change(
        path,
        add_message(message("m1"), AT_MS),
        add_message(message("m2"), AT_MS + minute),
        add_message(message("m3", "ses_2"), AT_MS + 3 * minute),
    )
    first = read(path)
    assert answers(first) == {"ses_1": 2, "ses_2": 1}
    assert first.start == 0

    change(path, add_message(message("m1"), AT_MS + 9 * minute))
    second = read(path, first)
    assert answers(second) == {"ses_1": 1, "ses_2": 1}  # the last minute is read again
    assert second.start > 0

    change(path, add_message(message("m4"), AT_MS + 8 * minute))
    third = read(path, second)
    assert answers(third) == {"ses_1": 2}


def test_all_is_read_again_when_the_last_message_is_gone(path: Path) -> None:
    change(path, add_message(message("m1")), add_message(message("m2", "ses_2")))
    first = read(path)

    change(path, "DELETE FROM message WHERE id = 'm2'")
    second = read(path, first)

    assert answers(second) == {"ses_1": 1}
    assert second.start == 0


def test_the_circumstances_of_a_subagent_are_known(path: Path) -> None:
    change(path, add_session("ses_3", parent="ses_1"))
    change(path, add_message(message("m1", "ses_3", agent="explore")))

    parsed = read(path)

    (told,) = parsed.attributions.values()
    assert (told.folder, told.agent, told.version) == ("/home/ada/moss", "ses_3", "1.2.26")
