"""A database that cannot be read is named, everything else counts, and it is tried again."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.agents.kit import AgentHome, Case, Database, File, document, expect, found
from tests.agents.opencode_cases import (
    ANSWER_COST,
    ANSWERED,
    MOSS,
    SHARE,
    TABLES,
    add_message,
    add_session,
    message,
)

DATABASE = f"{SHARE}/opencode.db"
BOTH = Case(
    "a database and a document",
    "opencode",
    {
        DATABASE: Database((*TABLES, add_session("ses_1"), add_message(message("msg_1")))),
        f"{SHARE}/storage/message/ses_2/msg_2.json": document(message("msg_2", "ses_2")),
    },
    {(MOSS, "ses_1"): ANSWERED, (MOSS, "ses_2"): ANSWERED},
    2 * ANSWER_COST,
    reasoning=20,
)
REST = {(MOSS, "ses_2"): ANSWERED}


@pytest.fixture
def home(tmp_path: Path) -> AgentHome:
    home = AgentHome(tmp_path, BOTH)
    home.write()
    return home


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (b"SQLite format 3\0" + b"\xff" * 4080, "the database is damaged"),
        (b"something else" * 300, "the database is damaged"),
        (b"", "its tables have an unknown form"),
    ],
)
def test_a_damaged_database(home: AgentHome, contents: bytes, reason: str) -> None:
    path = home.path(DATABASE)
    whole = path.read_bytes()
    path.write_bytes(contents)

    tracker = home.count()

    assert found(tracker) == REST
    (problem,) = tracker.health().problems
    assert problem.path == str(path)
    assert problem.reason.startswith(reason)
    path.write_bytes(whole)
    tracker = home.count()
    expect(tracker, BOTH)
    assert tracker.health().problems == ()


def test_a_newer_database_whose_tables_have_other_names(home: AgentHome) -> None:
    with closing(sqlite3.connect(home.path(DATABASE))) as db:
        db.execute("ALTER TABLE message RENAME TO message_v2")

    tracker = home.count()

    assert found(tracker) == REST
    (problem,) = tracker.health().problems
    assert problem.reason == "its tables have an unknown form: no such table: message"


def test_what_was_counted_stays_when_a_database_is_damaged_later(home: AgentHome) -> None:
    expect(home.count(), BOTH)

    home.path(DATABASE).write_bytes(b"something else" * 300)

    tracker = home.count()
    expect(tracker, BOTH)
    assert len(tracker.health().problems) == 1


def test_a_database_that_is_being_changed_is_tried_again_in_the_next_pass(home: AgentHome) -> None:
    with closing(sqlite3.connect(home.path(DATABASE), isolation_level=None)) as db:
        db.execute("PRAGMA cache_spill = 1")
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute(add_message(message("msg_9", title="x" * 100_000)))
        tracker = home.open()
        tracker.refresh()

        assert found(tracker) == REST
        (unreadable,) = tracker.health().unreadable
        assert unreadable.path == str(home.path(DATABASE))
        assert (
            unreadable.reason == "another program is changing it, or was interrupted while it did"
        )
        db.execute("ROLLBACK")

    tracker.refresh()
    expect(tracker, BOTH)
    assert tracker.health().unreadable == ()
    tracker.warnings  # noqa: B018  # read, as there was a file that could not be


def test_usage_of_a_deleted_session_stays_counted(home: AgentHome) -> None:
    home.count()
    with closing(sqlite3.connect(home.path(DATABASE))) as db:
        db.execute("DELETE FROM message")
        db.execute("DELETE FROM session")
        db.commit()
        db.execute("VACUUM")

    expect(home.count(), BOTH)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
@pytest.mark.parametrize("beside", ["-journal", "-wal"])
def test_a_pipe_beside_a_database_is_not_waited_for(home: AgentHome, beside: str) -> None:
    path = home.path(DATABASE)
    os.mkfifo(f"{path}{beside}")

    tracker = home.count()

    if beside == "-wal":
        assert found(tracker) == BOTH.sessions
    else:
        assert found(tracker) == REST
        (unreadable,) = tracker.health().unreadable
        assert unreadable.reason == "it is not a regular file"


def test_texts_that_are_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    cut = "cut \ud83d"
    files: dict[str, File] = {
        DATABASE: Database(
            (*TABLES, add_session("ses_1"), add_message(message("msg_1", title=cut)))
        ),
        f"{SHARE}/storage/message/ses_2/msg_2.json": document(message("msg_2", "ses_2", title=cut)),
    }
    home = AgentHome(tmp_path, BOTH._replace(files=files))
    home.write()

    tracker = home.count()

    expect(tracker, BOTH)
    assert tracker.health().problems == ()
