"""Logs that grow, shrink, move and vanish between two passes and within one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from tests.makers import LEFT_OUT, append, line, write_log
from tests.tracker.worlds import World, figures, total

from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.tracker import read_jobs
from spendlight.tracker.snapshot import ScanProgress


class Watched:
    """A map that records what was read."""

    def __init__(self) -> None:
        self.jobs: list[ReadJob] = []

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        self.jobs = list(jobs)
        return map(function, self.jobs)


def answer(number: int) -> bytes:
    return line(id=f"msg_{number:02}", requestId=f"req_{number:02}", uuid=f"{number:036}")


def make_other(path: Path, *lines: bytes) -> None:
    """Replace a log with another file, like a program that writes in two steps."""
    other = path.with_name("other")
    other.write_bytes(b"".join(lines))
    other.replace(path)


def test_a_second_pass_reads_nothing(world: World) -> None:
    write_log(world.root, "p/s.jsonl", answer(1))
    watched = Watched()
    tracker = world.read(parse_map=watched)
    watched.jobs.clear()

    again = tracker.refresh()

    assert watched.jobs == []
    assert (again.new_answers, again.days) == (0, frozenset())


def test_after_an_append_only_the_new_bytes_are_read(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1))
    write_log(world.root, "p/t.jsonl", answer(2))
    watched = Watched()
    tracker = world.read(parse_map=watched)
    size = path.stat().st_size

    append(path, answer(3))
    refreshed = tracker.refresh()

    assert [(job.path, job.start) for job in watched.jobs] == [(str(path), size)]
    assert refreshed.new_answers == 1
    assert total(tracker).answers == 3


def test_a_half_written_line_counts_when_it_is_complete(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1), answer(2)[:300])
    tracker = world.read()
    assert total(tracker).answers == 1

    append(path, answer(2)[300:])
    tracker.refresh()

    assert total(tracker).answers == 2
    assert not tracker.health().problems


@pytest.mark.parametrize("change", [{}, {"id": LEFT_OUT}], ids=["with-id", "without-id"])
def test_a_complete_line_without_its_newline_counts_once(
    world: World, change: dict[str, object]
) -> None:
    whole = line(**change)
    path = write_log(world.root, "p/s.jsonl", whole[:-1])
    tracker = world.read()
    assert total(tracker).answers == 1

    append(path, whole[-1:])
    tracker.refresh()
    append(path, answer(2))
    tracker.refresh()

    assert total(tracker).answers == 2


def test_the_same_line_without_an_id_counts_each_time_it_is_written(world: World) -> None:
    nameless = line(id=LEFT_OUT)
    path = write_log(world.root, "p/s.jsonl", nameless, nameless)
    tracker = world.read()

    append(path, nameless)
    tracker.refresh()

    assert total(tracker).answers == 3


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda path: path.write_bytes(answer(3)), id="shorter"),
        pytest.param(lambda path: path.write_bytes(answer(3) + answer(4) + answer(5)), id="longer"),
        pytest.param(lambda path: path.write_bytes(answer(3) + answer(4)), id="as-long"),
        pytest.param(lambda path: make_other(path, answer(3)), id="another-shorter"),
        pytest.param(
            lambda path: make_other(path, answer(3), answer(4), answer(5)), id="another-longer"
        ),
        pytest.param(lambda path: make_other(path, answer(3), answer(4)), id="another-as-long"),
        pytest.param(lambda path: make_other(path, answer(2), answer(3)), id="another-with-some"),
    ],
)
def test_old_and_new_answers_of_a_rewritten_log_count(
    world: World, rewrite: Callable[[Path], object]
) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1), answer(2))
    tracker = world.read()

    rewrite(path)
    tracker.refresh()

    held = {1, 2} | {n for n in range(1, 6) if f"msg_{n:02}".encode() in path.read_bytes()}
    assert total(tracker).answers == len(held)


def test_old_answers_of_a_rewritten_log_pass_verification(world: World) -> None:
    early, late = "2026-03-01T11:00:00.000Z", "2026-03-01T11:30:00.000Z"
    side = {"isSidechain": True, "requestId": "req_02"}
    path = write_log(
        world.root, "p/s.jsonl", line(output_tokens=900, timestamp=early), line(**side)
    )
    tracker = world.read()
    path.write_bytes(line(output_tokens=1, timestamp=late))
    tracker.refresh()
    before = figures(tracker)

    assert tracker.verify().is_good
    assert figures(tracker) == before
    assert total(tracker).tokens.output == 1300


def test_an_answer_read_again_at_its_position_is_not_changed(
    world: World,
) -> None:
    path = write_log(world.root, "p/s.jsonl", line(id="x"))
    tracker = world.read()
    before = figures(tracker)

    make_other(path, line(id="x", timestamp="2026-03-05T12:00:00.000Z"))
    tracker.refresh()

    assert figures(tracker) == before


def test_a_truncated_log_lowers_nothing_and_can_grow_again(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1), answer(2))
    tracker = world.read()

    with path.open("r+b") as file:
        file.truncate(10)
    tracker.refresh()
    assert total(tracker).answers == 2

    path.write_bytes(answer(1))
    append(path, answer(3))
    tracker.refresh()
    assert total(tracker).answers == 3


def test_a_log_that_grew_within_one_tick_of_the_clock_is_read(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1))
    before = path.stat()
    tracker = world.read()

    append(path, answer(2))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    tracker.refresh()

    assert total(tracker).answers == 2


def test_a_touched_log_adds_nothing(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1))
    tracker = world.read()
    before = figures(tracker)

    os.utime(path, ns=(0, 0))
    refreshed = tracker.refresh()

    assert refreshed.new_answers == 0
    assert before == figures(tracker)


def test_a_log_moved_to_another_folder_counts_once(world: World) -> None:
    nameless = line(id=LEFT_OUT)
    path = write_log(world.root, "p/s.jsonl", answer(1), nameless, answer(2), nameless)
    tracker = world.read()

    target = world.root / "projects" / "q" / "s.jsonl"
    target.parent.mkdir()
    path.rename(target)
    append(target, nameless)
    tracker.refresh()

    assert total(tracker).answers == 5
    assert tracker.verify().is_good


def test_a_log_that_vanishes_before_it_is_read_stops_nothing(world: World) -> None:
    gone = write_log(world.root, "p/a.jsonl", answer(1))
    write_log(world.root, "p/b.jsonl", answer(2))

    def spread(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        gone.unlink()
        return map(function, jobs)

    tracker = world.tracker(parse_map=spread)
    refreshed = tracker.refresh()

    assert refreshed.is_complete
    assert total(tracker).answers == 1
    assert [path.path for path in tracker.health().unreadable] == [str(gone)]


def test_a_log_that_grows_while_it_is_read_waits_for_the_next_pass(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", answer(1))

    def spread(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        append(path, answer(2))
        return map(function, jobs)

    tracker = world.tracker(parse_map=spread)

    assert tracker.refresh().new_answers == 1
    assert world.tracker().refresh().new_answers == 1
    assert total(tracker).answers == 2


def test_progress_is_reported_up_to_the_last_byte(world: World) -> None:
    for number in range(3):
        write_log(world.root, f"p/{number}.jsonl", answer(number))
    told: list[ScanProgress] = []

    world.tracker().refresh(on_progress=told.append)

    assert [progress.files_done for progress in told] == [1, 2, 3]
    assert told[-1].bytes_done == told[-1].bytes_total == 3 * len(answer(0))


@pytest.mark.parametrize(
    "name", ["ä ö", "100% 'quoted' \"twice\"", "line\nbreak", "emoji-🦊", "%s?&#"]
)
def test_a_log_of_any_name_counts(world: World, name: str) -> None:
    path = write_log(world.root, f"{name}/{name}.jsonl", answer(1))
    tracker = world.read()

    append(path, answer(2))
    tracker.refresh()

    assert total(tracker).answers == 2
    assert total(world.read(data="fresh")).answers == 2


def test_a_file_name_with_invalid_unicode_counts(world: World) -> None:
    path = world.root / "projects" / os.fsdecode(b"\xff\xfe") / os.fsdecode(b"s\x80.jsonl")
    try:
        path.parent.mkdir()
    except OSError:
        pytest.skip("this file system takes only text")
    path.write_bytes(answer(1))

    assert total(world.read()).answers == 1


@pytest.mark.parametrize("part_bytes", [1, read_jobs.PART_BYTES])
def test_two_logs_whose_names_are_shown_alike_both_count(
    world: World, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(read_jobs, "PART_BYTES", part_bytes)
    folder = world.root / "projects" / "p"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"s\xff.jsonl")).write_bytes(answer(1))
    except OSError:
        pytest.skip("this file system takes only text")
    (folder / r"s\xff.jsonl").write_bytes(answer(2))

    assert total(world.read()).answers == 2


def test_only_changed_files_are_checked(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", answer(1))
    other = write_log(world.root, "p/t.jsonl", answer(2))
    tracker = world.read()

    append(log, answer(3))
    append(other, answer(4))
    new = write_log(world.root, "q/new.jsonl", answer(5))

    assert tracker.refresh(only=frozenset()).new_answers == 0
    assert tracker.refresh(only={str(log), str(new), str(log) + ".bak"}).new_answers == 2
    assert tracker.refresh().new_answers == 1
    assert figures(tracker) == figures(world.read(data="other"))


def test_missing_or_foreign_files_are_not_checked(world: World, tmp_path: Path) -> None:
    log = write_log(world.root, "p/s.jsonl", answer(1))
    tracker = world.read()
    elsewhere = write_log(tmp_path / "elsewhere", "p/s.jsonl", answer(2))
    log.unlink()

    assert tracker.refresh(only={str(log), str(elsewhere)}).new_answers == 0
    assert total(tracker).answers == 1


def test_after_an_incomplete_pass_all_files_are_checked(world: World) -> None:
    first = write_log(world.root, "p/s.jsonl", answer(1))
    tracker = world.read()
    append(first, answer(2))
    stop = threading.Event()
    stop.set()
    write_log(world.root, "p/t.jsonl", answer(3))
    assert not tracker.refresh(stop, only=None).is_complete

    assert tracker.refresh(only=frozenset()).is_complete

    assert total(tracker).answers == 3
