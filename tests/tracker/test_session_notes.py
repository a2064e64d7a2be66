"""Titles of sessions, and pull requests linked to them, are read from logs and kept."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import pytest
from tests.ledger.older import take_back
from tests.makers import append, encoded, line, write_log
from tests.tracker.faults import Fault
from tests.tracker.worlds import World

from spendlight.ledger.opening import connect
from spendlight.logs.claude_code import notes
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.session_notes import MOST_TITLE, PullRequest
from spendlight.tracker import read_jobs
from spendlight.tracker.filling_in import fill_in_now
from spendlight.tracker.questions.answers import SessionTold
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

LINK = "https://example.com/ada/engine/pull/7"


def custom(title: object, session: str = "s") -> bytes:
    return encoded({"type": "custom-title", "customTitle": title, "sessionId": session})


def generated(title: object, session: str = "s") -> bytes:
    return encoded({"type": "ai-title", "aiTitle": title, "sessionId": session})


OWN_LEAF = "22222222-2222-4222-8222-222222222222"
"""The id of the lines that `line` makes."""


def summary(title: object, leaf: str = OWN_LEAF) -> bytes:
    return encoded({"type": "summary", "summary": title, "leafUuid": leaf})


def link(url: object = LINK, number: object = 7, repository: object = "ada/engine") -> bytes:
    told = {"prNumber": number, "prUrl": url, "prRepository": repository}
    return encoded({"type": "pr-link", "sessionId": "s", **told, "timestamp": "2026-03-01T12:00Z"})


def titles(tracker: UsageTracker) -> dict[str, str]:
    rows = tracker.ask(Sessions()).rows
    return {row.name.session: row.title for row in rows if row.title}


def requests(tracker: UsageTracker) -> tuple[PullRequest, ...]:
    return tracker.ask(SessionTold("s"))[1]


@pytest.fixture(params=["native", "python"], autouse=True)
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr("spendlight.logs.claude_code.native.NATIVE._library", None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((summary("a"), summary("b")), "b"),
        ((generated("a"), generated("b")), "b"),
        ((generated("a"), summary("b")), "a"),
        ((custom("a"), generated("b")), "a"),
        ((custom("a"), custom("b"), custom("")), ""),
        ((generated("a"), custom("b"), custom("")), "a"),
        ((generated("  a\n"),), "a"),
        ((generated("a").replace(b":", b" : "),), "a"),
        ((b"\n\n", generated("a").replace(b"\n", b"\r\n")), "a"),
        ((generated("a").rstrip(b"\n"),), "a"),
        ((generated("a")[:-5],), ""),
        ((generated(7), generated(None), generated(["a"]), b'{"type":"ai-title"}\n'), ""),
        ((b'{"type":"ai-title","aiTitle":"caf\xe9 \\ud800"}\n',), "caf\ufffd ?"),
        ((b'{"type":"ai-title","aiTitle":"a"}{"type":"user"}\n',), "a"),
        ((b'{"type":"ai-title","aiTitle":"a \\"usage\\" b"}\n',), 'a "usage" b'),
        ((b'{"type":"ai-title","aiTitle":"a","usage":7}\n',), "a"),
        ((b'{"type":"ai-titles","aiTitle":"a"}\n', b'{"type":["ai-title"]}\n'), ""),
        ((b'{"type":"ai-title","aiTitle":"a","type":"user"}\n',), ""),
        ((generated("a" * 1_000_000),), "a" * MOST_TITLE),
        ((generated("a" * 5_000_000),), ""),
    ],
)  # fmt: skip
def test_the_users_own_title_wins_and_then_the_newest(
    world: World, lines: tuple[bytes, ...], expected: str
) -> None:
    write_log(world.root, "p/s.jsonl", line(), *lines)

    assert titles(world.read()).get("s", "") == expected


@pytest.mark.parametrize("piece_bytes", [1, 40, 1 << 20])
def test_a_summary_of_another_sessions_lines_is_no_title(
    world: World, monkeypatch: pytest.MonkeyPatch, piece_bytes: int
) -> None:
    monkeypatch.setattr(notes, "_PIECE_BYTES", piece_bytes)
    foreign = OWN_LEAF.replace("8222", "9222")
    write_log(world.root, "p/s.jsonl", summary("own"), summary("not own", foreign), line())
    write_log(world.root, "p/t.jsonl", summary("not own", foreign), line(id="msg_02"))
    write_log(world.root, "p/u.jsonl", summary("of none", ""), line(id="msg_03"))

    assert titles(world.read()) == {"s": "own", "u": "of none"}


def test_a_title_may_be_for_another_session_of_the_same_data_folder(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"), generated("other", "t"))
    write_log(world.root, "q/t.jsonl", line(id="b"))
    write_log(world.make_root("second"), "q/t.jsonl", line(id="c"))

    tracker = world.read(world.root, world.make_root("second"))

    assert titles(tracker) == {"t": "other"}


def test_a_growing_log_gives_its_session_new_titles(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()
    assert titles(tracker) == {}
    for title in ("a", "b"):
        half = generated(title)
        append(log, half[:20])
        tracker.refresh()
        append(log, half[20:])
        tracker.refresh()

        assert titles(tracker) == {"s": title}


def test_titles_stay_when_logs_are_deleted_or_moved(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line(), generated("a"), link())
    tracker = world.read()
    moved = log.with_name("t.jsonl")
    log.rename(moved)
    tracker.refresh()
    assert titles(tracker) == {"t": "a"}

    moved.unlink()
    tracker.refresh()

    assert titles(tracker) == {"t": "a"}
    assert tracker.ask(SessionTold("t"))[1][0].url == LINK


def test_a_log_that_was_rewritten_gives_only_the_titles_in_it_now(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line(), line(id="b"), generated("old"), link())
    tracker = world.read()
    write_log(world.root, "p/s.jsonl", generated("new"), line())
    os.utime(log, (1, 1))
    tracker.refresh()

    assert titles(tracker) == {"s": "new"}
    assert requests(tracker) == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_log_read_in_parts_has_the_last_title_in_any_order(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    def parse_map(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob]
    ) -> Iterator[ParsedRange]:
        mixed = list(jobs)
        random.Random(seed).shuffle(mixed)  # noqa: S311  # any order will do
        return map(function, mixed)

    lines = [text for n in range(40) for text in (line(id=f"m{n}"), generated(f"title {n}"))]
    write_log(world.root, "p/s.jsonl", *lines)
    monkeypatch.setattr(read_jobs, "PART_BYTES", 700)
    monkeypatch.setattr("spendlight.tracker.refresh.MOST_ANSWERS", 3)

    tracker = world.read(parse_map=parse_map)
    assert titles(tracker) == {"s": "title 39"}

    write_log(world.root, "p/s.jsonl", *lines[:40])
    tracker.refresh()
    assert titles(tracker) == {"s": "title 19"}


def test_many_small_logs_and_one_large_one_have_their_titles(world: World) -> None:
    for number in range(30):
        write_log(
            world.root, f"p/s{number}.jsonl", line(id=f"m{number}"), generated(f"t{number}", "")
        )
    big = [text for n in range(1200) for text in (generated("x" * 950, "big"), line(id=f"b{n}"))]
    write_log(world.root, "p/big.jsonl", *big, custom("last", "big"))

    tracker = world.read()

    assert titles(tracker) == {f"s{n}": f"t{n}" for n in range(30)} | {"big": "last"}


def test_pull_requests_are_kept_once_each_in_order(world: World) -> None:
    other = "http://example.com/2"
    write_log(world.root, "p/s.jsonl", line(), link(), link(other, None, None), link())

    found = requests(world.read())

    assert [one[2:] for one in found] == [(LINK, 7, "ada/engine"), (other, None, "")]


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "file:///etc/passwd", "example.com/7", "https://", "https:///"),
        *("https://a b", "https://a\x1b[2J", "https://a/\u202e", "https://" + "a" * 3000, 7, None),
    ],
)
def test_only_web_addresses_are_pull_requests(world: World, url: object) -> None:
    write_log(world.root, "p/s.jsonl", line(), link(url))

    assert requests(world.read()) == ()


@pytest.mark.parametrize("number", [0, -1, 1.5, True, "7", 1 << 60])
def test_an_impossible_number_is_unknown(world: World, number: object) -> None:
    write_log(world.root, "p/s.jsonl", line(), link(number=number, repository=["a"]))

    assert [one[3:] for one in requests(world.read())] == [(None, "")]


@pytest.mark.usefixtures("at_once")
def test_titles_read_into_a_temporary_ledger_are_carried_over(world: World, fault: Fault) -> None:
    log = write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    fault.begin()
    append(log, line(id="b"), custom("a"), link())
    tray.refresh()
    assert tray.warnings
    assert titles(tray) == {"s": "a"}
    log.unlink()
    fault.end()
    tray.refresh()

    assert titles(tray) == {"s": "a"}
    assert len(requests(tray)) == 1


def test_a_title_of_the_log_that_was_written_last_wins(world: World) -> None:
    for name, title, at in (("s", "a", 2_000_000_000), ("t", "b", 1_000_000_000)):
        log = write_log(world.root, f"p/{name}.jsonl", line(id=name), generated(title, "s"))
        os.utime(log, (at, at))

    assert titles(world.read()) == {"s": "a"}


@pytest.mark.parametrize("schema", [19, 21])
def test_titles_are_filled_in_from_logs_that_were_read_before_they_were_kept(
    world: World, schema: int
) -> None:
    write_log(world.root, "p/s.jsonl", line(), generated("a"), custom("b"), link())
    write_log(world.root, "p/t.jsonl", summary("c"))
    path = world.place / "data/ledger.sqlite3"
    expected = titles(world.read()), requests(world.read())
    with closing(connect(path)) as connection:
        take_back(connection, schema)
        if schema > 19:
            connection.execute("DELETE FROM session_titles")
            connection.execute("DELETE FROM pull_requests")
    assert not titles(world.read())

    fill_in_now(path)

    assert (titles(world.read()), requests(world.read())) == expected
    assert expected[1][0].url == LINK
