"""Small logs that are read and written many at a time end up like each by itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.makers import append, encoded, line, write_log
from tests.tracker.worlds import World, at, figures

from spendlight.ledger import known_answers
from spendlight.ledger.opening import connect
from spendlight.ledger.proving import fault_in
from spendlight.tracker import parsing_threads, refresh
from spendlight.tracker.parsing_threads import ThreadMap
from spendlight.tracker.snapshot import ScanProgress

MANY = 150
LATEST = MANY - 1
"""The number of the log that was written last, which is read first."""

TITLE = encoded({"type": "custom-title", "customTitle": "On engines", "sessionId": "s1"})
TABLES = (
    (
        "SELECT f.path, s.session, f.size, f.mtime_ns, f.read_to, f.fingerprint FROM files f"
        " JOIN sessions s ON s.id = f.session"
    ),
    (
        "SELECT f.path, c.first_ms, c.last_ms, c.columns, a.answers FROM chunks c"
        " JOIN files f ON f.id = c.file JOIN chunk_answers a ON a.chunk = c.id"
    ),
    "SELECT s.session, b.* FROM buckets b JOIN sessions s ON s.id = b.session",
    (
        "SELECT s.session, z.first_ms, z.last_ms, z.slots, z.sums FROM session_sums z"
        " JOIN sessions s ON s.id = z.session"
    ),
    "SELECT number FROM attributions",
    "SELECT number FROM attribution_facts WHERE of = 'tools'",
    "SELECT f.path, t.session, t.text FROM session_notes t JOIN files f ON f.id = t.file",
    "SELECT f.path, n.offset, n.session FROM named_sessions n JOIN files f ON f.id = n.file",
    "SELECT f.path, n.answer, n.offset FROM lost_copies n JOIN files f ON f.id = n.file",
    "SELECT day, sums FROM day_sums",
)


def one_shot(root: Path) -> None:
    for number in range(MANY):
        text = line(id=f"m{number}", timestamp=at(7 * number), cwd=f"/home/ada/{number % 3}")
        write_log(root, f"p{number % 4}/s{number}.jsonl", text)


def of_several_answers(root: Path) -> None:
    lines = [
        line(id=f"n{number}", timestamp=at(9 * number), model=f"claude-{number % 2}", costUSD=0.5)
        for number in range(12)
    ]
    write_log(root, "p1/several.jsonl", *lines)
    write_log(root, "p1/several/subagents/agent-1.jsonl", line(id="n99", isSidechain=True))


def with_copies(root: Path) -> None:
    write_log(root, "p2/resumed.jsonl", line(id="m7"), line(id="m8"), line(id="c1"))


def told_of(root: Path) -> None:
    write_log(root, "p2/s1.jsonl", TITLE, line(id="t1"))
    write_log(root, "p2/named.jsonl", line(id="t2", sessionId="another"))


def unusual(root: Path) -> None:
    write_log(root, "p3/empty.jsonl")
    write_log(root, "p3/talk.jsonl", encoded({"type": "user", "message": {"role": "user"}}))
    write_log(root, "p3/open.jsonl", line(id="u1").rstrip())
    write_log(root, "p3/broken.jsonl", line(id="u2"), b'{"usage": {}\n')


def held(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    """Return what is in a ledger, whatever numbers its rows have."""
    found = []
    for statement in TABLES:
        cursor = connection.execute(statement)
        names = [column[0] for column in cursor.description]
        kept = [at for at, name in enumerate(names) if name != "session" or not at]
        found.append(sorted((tuple(row[at] for at in kept) for row in cursor), key=repr))
    return found


@pytest.mark.parametrize(
    "others",
    [(), (of_several_answers,), (with_copies,), (told_of, unusual), (told_of, with_copies)],
)
def test_logs_read_together_are_written_like_each_alone(
    world: World, others: tuple[object, ...]
) -> None:
    for write in (one_shot, *others):
        write(world.root)  # type: ignore[operator]  # functions

    together = world.read(data="together", parse_map=ThreadMap(2, few_bytes=0))
    alone = world.read(data="alone", parse_map=map)

    assert figures(together) == figures(alone)
    with (
        closing(connect(world.place / "together" / "ledger.sqlite3")) as one,
        closing(connect(world.place / "alone" / "ledger.sqlite3")) as other,
    ):
        assert held(one) == held(other)
        assert fault_in(one) == ""


@pytest.mark.parametrize("most_known", [known_answers.MOST_ANSWERS, 60])
def test_copies_are_found_in_what_was_written_before(
    world: World, monkeypatch: pytest.MonkeyPatch, most_known: int
) -> None:
    monkeypatch.setattr(known_answers, "MOST_ANSWERS", most_known)
    monkeypatch.setattr(refresh, "MOST_LOGS", 40)
    monkeypatch.setattr(parsing_threads, "_BATCH_FILES", 16)
    one_shot(world.root)
    of_several_answers(world.root)
    for number in range(0, MANY, 9):
        write_log(world.root, f"p5/again{number}.jsonl", line(id=f"m{number}", timestamp=at(1)))

    together = world.read(data="together", parse_map=ThreadMap(2, few_bytes=0))

    assert figures(together) == figures(world.read(data="alone", parse_map=map))


def test_copies_are_found_in_what_others_write_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process continues a log that this one has written, with copies of later answers."""
    monkeypatch.setattr(refresh, "MOST_LOGS", 40)
    monkeypatch.setattr(parsing_threads, "_BATCH_FILES", 16)
    one_shot(world.root)
    others: list[int] = []

    def write_meanwhile(progress: ScanProgress) -> None:
        if others or progress.files_done < MANY // 2:
            return
        others.append(progress.files_done)
        copies = [line(id=f"m{number}", output_tokens=999, timestamp=at(2)) for number in range(9)]
        append(world.root / "projects" / f"p{LATEST % 4}" / f"s{LATEST}.jsonl", *copies)
        world.read()

    tracker = world.tracker(parse_map=ThreadMap(1, few_bytes=0))
    tracker.read_logs(on_progress=write_meanwhile)

    assert others
    assert figures(world.read()) == figures(world.read(data="fresh"))


def test_a_log_read_with_many_others_is_continued(world: World) -> None:
    one_shot(world.root)
    tracker = world.read(parse_map=ThreadMap(2, few_bytes=0))
    append(world.root / "projects" / "p0" / "s0.jsonl", line(id="more", timestamp=at(1)))

    assert tracker.read_logs().new_answers == 1
    assert tracker.read_logs().new_answers == 0
