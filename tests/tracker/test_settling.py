"""Copies are settled the same, by either settler, whatever is written in one part."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import line, write_log
from tests.tracker.worlds import World, figures, logs, write_logs

from spendlight.ledger import chunks
from spendlight.logs.claude_code import native_settling
from spendlight.metering.settling import PYTHON
from spendlight.tracker import refresh
from spendlight.tracker.questions.sessions import Sessions

LONG_AGO = "2025-01-01T12:00:00.000Z"
"""So long that reports read the kept sums of sessions instead of all buckets since then."""


def content(ledger: Path) -> tuple[Sequence[object], Sequence[object]]:
    """Return all entries and buckets of a ledger, without the numbers of files and shadows."""
    with closing(sqlite3.connect(ledger)) as connection:
        files = dict(connection.execute("SELECT id, path FROM files"))
        shadows = dict(connection.execute("SELECT id, roots FROM shadows"))
        sessions = dict(
            connection.execute("SELECT id, root || project_path || session FROM sessions")
        )
        entries = sorted(
            (files[chunk.file], entry._replace(file=0), shadows[shadow])
            for chunk in chunks.load(connection, "1")
            for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True)
        )
        buckets = sorted(
            (slot, sessions[session], variant, price_class, shadows[shadow], *sums)
            for slot, session, variant, price_class, shadow, *sums in connection.execute(
                "SELECT * FROM buckets"
            )
        )
    return entries, buckets


@settings(max_examples=8, deadline=None)
@given(logs(), logs(), st.sampled_from([1, 2, 5]))
def test_parts_and_settlers_come_to_the_same_ledger(
    of_a: dict[str, list[bytes]], of_b: dict[str, list[bytes]], most_answers: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        world = World(Path(folder))
        roots = [world.make_root("a"), world.make_root("b")]
        for root, made in zip(roots, (of_a, of_b), strict=True):
            write_logs(root, made)
        whole = world.read(*roots, data="whole")
        patch.setattr(refresh, "MOST_ANSWERS", most_answers)
        parts = world.read(*roots, data="parts")
        patch.setattr(native_settling, "settler", lambda: PYTHON)
        in_python = world.read(*roots, data="python")

        expected = content(Path(folder, "whole", "ledger.sqlite3"))
        for name, tracker in {"parts": parts, "python": in_python}.items():
            assert content(Path(folder, name, "ledger.sqlite3")) == expected
            assert figures(tracker) == figures(whole)


def test_a_session_whose_only_answer_is_better_elsewhere_comes_to_nothing(world: World) -> None:
    a, b = world.make_root("a"), world.make_root("b")
    write_log(a, "p/s.jsonl", line(output_tokens=3))
    write_log(b, "q/t.jsonl", line(output_tokens=90))
    write_log(b, "q/old.jsonl", line(id="old", output_tokens=7, timestamp=LONG_AGO))

    both = world.read(a, b)

    rows = both.ask(Sessions()).rows
    assert {row.name.session: row.spending.tokens.output for row in rows} == {"t": 90, "old": 7}
    rows = world.tracker(a).ask(Sessions()).rows
    assert {row.name.session: row.spending.tokens.output for row in rows} == {"s": 3}
