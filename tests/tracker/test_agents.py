"""Any agent's logs are found, continued, counted, followed and exported like Claude Code's."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.makers import OPUS, SONNET, append, encoded, line, write_log
from tests.tracker.tally_agent import TALLY
from tests.tracker.tally_worlds import RUN, Home, count, model, sessions, start, write
from tests.tracker.worlds import NOW, figures

from spendlight.ledger.opening import connect
from spendlight.logs.agents import AGENTS
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.tracker.parsing_threads import ThreadMap
from spendlight.tracker.questions.stats import Stats
from spendlight.tracker.watching import WatchStop


def test_usage_is_assigned_to_the_session_that_the_log_names(
    both: Home,
) -> None:
    write(both.tally, "runs/2026/03/any.jsonl", *RUN, model(SONNET), count(260, 31, minutes=9))
    write_log(both.root, "p/s.jsonl", line(cache_creation={}, cache_creation_input_tokens=0))

    tracker = both.count()

    assert sessions(tracker) == [("engine", "s1", 260, 31), ("p", "s", 3, 400)]
    assert both.roots() == [(str(both.root), "claude-code"), (str(both.tally), "tally")]
    health = tracker.health()
    assert [(root.agent, root.files) for root in health.roots] == [
        ("claude-code", 1),
        ("tally", 1),
    ]
    assert len(health.hooks) == 1  # only Claude Code has settings with a status line
    (month,) = tracker.ask(Stats(now=NOW)).months
    assert (month.in_logs, month.kept) == (1, 0)
    assert tracker.folder_notes().missing == ()


_LINES = st.one_of(
    st.builds(start, st.sampled_from(["s1", "s2"]), st.sampled_from(["engine", "mill"])),
    st.builds(model, st.sampled_from([OPUS, SONNET, "no-such-model"])),
    st.builds(
        count,
        st.integers(0, 500),
        st.integers(0, 50),
        minutes=st.integers(0, 2000),
    ),
    st.just(b"{not JSON\n"),
)


def rising(lines: list[bytes]) -> list[bytes]:
    """Return the lines with increasing counts."""
    sums = [0, 0]
    found = []
    for text in lines:
        if b'"count"' in text:
            read = json.loads(text)
            sums = [before + more for before, more in zip(sums, read["total"], strict=True)]
            text = encoded(read | {"total": sums})  # noqa: PLW2901  # as it is read on
        found.append(text)
    return found


@pytest.mark.usefixtures("tally")
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=st.lists(_LINES, min_size=1, max_size=8).map(rising),
    share=st.lists(st.floats(0, 1), max_size=3).map(sorted),
)
def test_continuing_has_the_same_result_as_reading_at_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], share: list[float]
) -> None:
    both = Home(tmp_path_factory.mktemp("home"))
    text = b"".join(lines)
    for part in share:  # cut anywhere, also within a line
        write(both.tally, "runs/a.jsonl", text[: int(len(text) * part)])
        both.count()
    write(both.tally, "runs/a.jsonl", text)

    tracker = both.count()

    alone = both.count(data="alone")
    assert sessions(tracker) == sessions(alone)
    assert figures(tracker) == figures(alone)
    assert tracker.unread_lines() == alone.unread_lines()
    assert tracker.verify().is_good


def test_usage_counted_before_the_log_named_its_session_is_assigned_to_it(both: Home) -> None:
    log = write(both.tally, "runs/a.jsonl", model(OPUS), count(100, 10))
    assert sessions(both.count()) == [("Unknown Project", "a", 100, 10)]

    append(log, start("s9", "mill"))

    assert sessions(both.count()) == [("mill", "s9", 100, 10)]
    append(log, count(150, 10, minutes=1))
    assert sessions(both.count()) == [("mill", "s9", 150, 10)]


def test_a_last_line_that_may_still_grow_counts_once(both: Home) -> None:
    log = write(both.tally, "runs/a.jsonl", *RUN[:3], RUN[4].rstrip())
    assert sessions(both.count()) == [("engine", "s1", 250, 30)]

    append(log, b"\n", count(300, 30, minutes=6))

    assert sessions(both.count()) == [("engine", "s1", 300, 30)]


def test_a_replaced_log_is_read_from_its_beginning(both: Home) -> None:
    log = write(both.tally, "runs/a.jsonl", *RUN)
    both.count()

    write(both.tally, "runs/a.jsonl", start("s2", "mill"), model(OPUS), count(7, 1), *RUN[4:] * 40)

    assert log.stat().st_size > len(b"".join(RUN))
    assert sessions(both.count())[-1] == ("mill", "s2", 500, 60)


def test_a_damaged_state_is_not_used(both: Home) -> None:
    log = write(both.tally, "runs/a.jsonl", *RUN)
    both.count()
    with closing(connect(both.ledger)) as connection:
        (state,) = connection.execute("SELECT state FROM files").fetchone()
        damaged = state.replace(b"250", b"950")
        assert damaged != state
        connection.execute("UPDATE files SET state = ?", (damaged,))

    append(log, count(300, 30, minutes=6))

    assert sessions(both.count()) == [("engine", "s1", 300, 30)]


def test_an_answer_in_several_logs_counts_once(both: Home) -> None:
    write(both.tally, "runs/a.jsonl", *RUN)
    write(both.tally, "archive/b.jsonl", *RUN, count(400, 30, minutes=8))

    tracker = both.count()

    assert sum(row[2] for row in sessions(tracker)) == 400
    assert tracker.verify().is_good


def test_threads_read_for_any_agent(both: Home) -> None:
    for number in range(3):
        write(
            both.tally, f"runs/{number}.jsonl", start(f"s{number}"), model(OPUS), count(9, number)
        )
        write_log(both.root, f"p/{number}.jsonl", line(id=f"m{number}"))

    spread = both.count(parse_map=ThreadMap(2, few_bytes=0))

    assert figures(spread) == figures(both.count(data="alone"))


def test_the_parser_is_loaded_once_before_threads_are_started(
    both: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def load() -> Callable[[ReadJob], ParsedRange]:
        loaded.append(threading.get_ident())
        return TALLY.parser()

    monkeypatch.setitem(AGENTS, TALLY.name, TALLY._replace(parser=load))
    for n in range(3):
        write(both.tally, f"runs/{n}.jsonl", start(f"s{n}"), model(OPUS), count(9, n))

    both.count(parse_map=ThreadMap(2, few_bytes=0))

    assert loaded == [threading.get_ident()]


KILLED = """
import os, signal, sys
from pathlib import Path
from spendlight.logs.agents import AGENTS
from spendlight.tracker import refresh
from tests.tracker.tally_agent import TALLY
from tests.tracker.tally_worlds import Home

AGENTS[TALLY.name] = TALLY
refresh.MOST_ANSWERS = 1

def on_progress(progress):
    if progress.files_done == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

Home(Path(sys.argv[1])).open().refresh(on_progress=on_progress)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_crash_between_two_passes_loses_and_doubles_nothing(both: Home) -> None:
    logs = [write(both.tally, f"runs/{n}.jsonl", start(f"s{n}"), *RUN[1:]) for n in range(3)]
    for killed_at in (1, 2):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(both.place), str(killed_at)], check=False
        )
        assert done.returncode == -signal.SIGKILL
        for log in logs:
            append(log, count(1000 * killed_at, 30 * killed_at, minutes=5 + killed_at))

    tracker = both.count()

    assert figures(tracker) == figures(both.count(data="alone"))
    assert sessions(tracker) == [("engine", f"s{n}", 2000, 60) for n in range(3)]


def test_a_log_that_grows_is_noticed_and_continued(both: Home) -> None:
    log = write(both.tally, "runs/a.jsonl", *RUN)
    tracker = both.count()
    stop = WatchStop()
    told: queue.Queue[frozenset[str] | None] = queue.Queue()

    def watch() -> None:
        for changed in tracker.changes(stop):
            told.put(changed)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        total = 300
        while True:  # changes before watching has begun are not reported
            append(log, count(total, 30, minutes=6))
            try:
                changed = told.get(timeout=1)
                break
            except queue.Empty:
                total += 1
    finally:
        stop.set()
        watching.join()

    assert changed in {frozenset({str(log)}), None}
    tracker.refresh(only=changed)
    assert sessions(tracker) == [("engine", "s1", total, 30)]


def test_a_folder_of_logs_that_appears_later_is_found(both: Home) -> None:
    shutil.rmtree(both.tally)
    tracker = both.count()
    assert [note.folder for note in tracker.folder_notes().missing] == [str(both.tally)]

    write(both.tally, "archive/a.jsonl", *RUN)
    os.utime(both.tally)
    tracker.refresh()

    assert sessions(tracker) == [("engine", "s1", 250, 30)]


def test_usage_of_an_agent_that_is_no_longer_known_is_kept(both: Home) -> None:
    write(both.tally, "runs/a.jsonl", *RUN)
    write_log(both.root, "p/s.jsonl", line())
    before = both.ledger
    both.count()
    del AGENTS[TALLY.name]
    try:
        tracker = both.tracker(environ={"CLAUDE_CONFIG_DIR": f"{both.root},{both.tally}"})
        tracker.refresh()
        assert tracker.warnings == ()
        with closing(sqlite3.connect(before)) as connection:
            assert connection.execute("SELECT COUNT(*) FROM chunks").fetchone() == (2,)
    finally:
        AGENTS[TALLY.name] = TALLY
    assert sessions(both.count())[0] == ("engine", "s1", 250, 30)
