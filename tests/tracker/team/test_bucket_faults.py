"""A bucket that refuses, stalls or lists what is not there: one sentence, and the rest counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from tests.makers import line, write_log
from tests.tracker.machines import Computer
from tests.tracker.team.buckets import (
    BAD_REQUEST,
    FORBIDDEN,
    NO_SUCH_KEY,
    Bucket,
    Refusal,
    serving,
)
from tests.tracker.worlds import World

from spendlight.team import shared_folder
from spendlight.team.shared_folder import CannotJoinError, SharedFolderError
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.team.publishing import Published

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
WAIT_S = 60.0


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with serving(monkeypatch) as started:
        yield started


@pytest.fixture
def desk(world: World, bucket: Bucket) -> Computer:
    """A machine that has published an answer of each month."""
    desk = Computer(world, "desk")
    for month in MONTHS:
        write_log(
            desk.roots[0], f"p/{month}.jsonl", line(id=month, timestamp=f"{month}-05T12:00:00.000Z")
        )
    desk.read().tracker.team.join(bucket.url)
    return desk


@pytest.fixture
def lap(world: World, bucket: Bucket, desk: Computer) -> Computer:
    assert desk.tracker.team.publish() == Published(copies=5, segments=5)
    lap = Computer(world, "lap").read()
    lap.tracker.team.join(bucket.url)
    return lap


def asked(machine: Computer) -> tuple[int, dict[str, str], str]:
    """Return how many answers count, what does not, and what is wrong with the bucket."""
    answer = machine.tracker.team.ask(Periods())
    unreadable = dict(answer.taken_in.unreadable) if answer.taken_in is not None else {}
    return answer.value.total.answers, unreadable, answer.problem


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (FORBIDDEN, "AccessDenied"),
        (Refusal(HTTPStatus.FORBIDDEN, "InvalidAccessKeyId"), "InvalidAccessKeyId"),
        (Refusal(HTTPStatus.NOT_FOUND, "NoSuchBucket"), "NoSuchBucket"),
    ],
)
def test_a_bucket_that_refuses_everything_changes_nothing(
    world: World, bucket: Bucket, refusal: Refusal, told: str
) -> None:
    bucket.fault = lambda _method, _path: refusal
    desk = Computer(world, "desk").read()

    with pytest.raises(CannotJoinError, match=told):
        desk.tracker.team.join(bucket.url)

    assert desk.tracker.team.membership is None


def test_what_was_known_still_counts_while_a_bucket_refuses(bucket: Bucket, lap: Computer) -> None:
    assert asked(lap)[0] == 5
    bucket.fault = lambda _method, _path: FORBIDDEN

    answers, unreadable, problem = asked(lap)

    assert (answers, unreadable) == (5, {})
    assert "AccessDenied" in problem
    write_log(lap.roots[0], "p/s.jsonl", line())
    lap.read()
    with pytest.raises(SharedFolderError, match="AccessDenied"):
        lap.tracker.team.publish()
    bucket.fault = lambda _method, _path: None
    assert lap.tracker.team.publish().copies == 1
    assert asked(lap) == (6, {}, "")


@pytest.mark.parametrize(
    ("refusal", "told"),
    [(FORBIDDEN, "AccessDenied"), (NO_SUCH_KEY, "it is listed, but not there yet, or no longer")],
)
def test_files_that_are_refused_do_not_keep_others_from_counting(
    bucket: Bucket, lap: Computer, refusal: Refusal, told: str
) -> None:
    bad = [f"month={month}/" for month in MONTHS[:4]]
    bucket.fault = lambda method, path: (
        refusal if method == "GET" and any(one in path for one in bad) else None
    )

    answers, unreadable, problem = asked(lap)

    assert (answers, problem) == (1, "")
    assert len(unreadable) == 4
    assert all(told in reason for reason in unreadable.values())
    bucket.fault = lambda _method, _path: None
    assert asked(lap) == (5, {}, "")


def test_a_bucket_that_fails_in_the_middle_keeps_what_was_read(
    bucket: Bucket, lap: Computer
) -> None:
    seen: list[str] = []

    def fail(_method: str, path: str) -> Refusal | None:
        seen.append(path)
        read = [one for one in seen if "month=" in one]
        return FORBIDDEN if len(read) > 2 else None

    bucket.fault = fail
    answers, unreadable, problem = asked(lap)
    assert (answers, unreadable) == (2, {})
    assert "AccessDenied" in problem

    bucket.fault = lambda _method, _path: None
    assert asked(lap) == (5, {}, "")


def test_publishing_that_was_interrupted_goes_on(bucket: Bucket, desk: Computer) -> None:
    written: list[str] = []

    def fail(method: str, path: str) -> Refusal | None:
        if method == "PUT" and "month=" in path:
            written.append(path)
        return BAD_REQUEST if method == "PUT" and "month=2026-04" in path else None

    bucket.fault = fail
    with pytest.raises(SharedFolderError, match="InvalidRequest"):
        desk.tracker.team.publish()
    before = {path for path in written if "month=2026-04" not in path}
    assert len(before) == 6
    written.clear()
    bucket.fault = lambda method, path: (
        written.append(path) if method == "PUT" and "month=" in path else None
    )

    assert desk.tracker.team.publish() == Published(copies=5, segments=5)
    assert len(written) == 4
    assert asked(desk) == (5, {}, "")


def test_nobody_waits_for_ever(
    world: World, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()
    monkeypatch.setattr(shared_folder, "SMALL_S", 0.5)

    def stall(_method: str, _path: str) -> None:
        end.wait(WAIT_S)

    bucket.fault = stall
    start = time.monotonic()
    try:
        with pytest.raises(CannotJoinError, match="it did not respond in time"):
            Computer(world, "desk").read().tracker.team.join(bucket.url)
        assert time.monotonic() - start < WAIT_S / 2
    finally:
        end.set()


def test_without_a_network_one_sentence_is_said(
    desk: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_folder, "SMALL_S", 5.0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    answers, unreadable, problem = asked(desk)

    assert (answers, unreadable) == (0, {})
    assert problem


def test_nobody_waits_for_what_another_process_downloads(
    world: World, bucket: Bucket, lap: Computer
) -> None:
    begun, end = threading.Event(), threading.Event()

    def stall(method: str, path: str) -> None:
        if method == "GET" and "month=2026-03" in path and not begun.is_set():
            begun.set()
            end.wait(WAIT_S)

    bucket.fault = stall
    told: list[object] = []
    slow = threading.Thread(target=lambda: told.append(asked(lap)))
    slow.start()
    try:
        assert begun.wait(WAIT_S)
        options = ["--data-dir", str(world.place / "data-lap"), "--offline", "--json"]
        ran = subprocess.run(
            [sys.executable, "-m", "spendlight", "team", "daily", *options],
            env=os.environ | {"CLAUDE_CONFIG_DIR": str(lap.roots[0])},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        end.set()
        slow.join()

    assert json.loads(ran.stdout)["totals"]["outputTokens"] == 5 * 400
    assert told == [(5, {}, "")]
    assert asked(lap) == (5, {}, "")
