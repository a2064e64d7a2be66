"""Reads a log and returns what was counted."""

from __future__ import annotations

from pathlib import Path

from tests.makers import answers, read, write_log


def counted(root: Path, *lines: bytes) -> list[tuple[int, int]]:
    """Return input and output of the answers in a log that has no problems."""
    parsed = read(write_log(root, "-app/s.jsonl", *lines))
    assert parsed.problems == []
    return [(one.input, one.output) for one in answers(parsed)]


def problems(root: Path, *lines: bytes) -> list[tuple[int, str]]:
    """Return where the lines of a log that were not counted start, and why."""
    parsed = read(write_log(root, "-app/s.jsonl", *lines))
    return [(one.offset, one.reason) for one in parsed.problems if not one.is_counted]
