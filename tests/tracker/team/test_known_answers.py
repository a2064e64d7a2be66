"""Which answers are known, of many in sorted files and of few in a table."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, team_figures
from tests.tracker.worlds import World

from spendlight.team import known_answers
from spendlight.team.engine import connect, insert_rows
from spendlight.team.kept_segments import KeptSegments
from spendlight.team.known_answers import SEGMENT_BITS, KnownAnswers, keys_of
from spendlight.team.tables import TABLES

HASHES = st.one_of(st.integers(0, 40), st.integers((1 << 39) - 4, (1 << 39) - 1)).map(
    lambda beginning: beginning << SEGMENT_BITS | 5
)
SEGMENTS = st.lists(st.lists(HASHES, max_size=6), min_size=1, max_size=6)


@settings(deadline=None)
@given(SEGMENTS, st.sets(st.integers(1, 6)), st.integers(1, 9), st.integers(1, 9))
def test_records_are_found_wherever_they_are(
    segments: list[list[int]], forgotten: set[int], many: int, at_once: int
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(threads=1) as connection,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(known_answers, "MANY", many)
        patch.setattr(known_answers, "ROWS_AT_ONCE", at_once)
        connection.execute(TABLES)
        known = KnownAnswers(connection, KeptSegments(Path(folder)))
        for number, answers in enumerate(segments, 1):
            hashes = np.array(answers, np.int64)
            known.add(np.sort(keys_of(hashes, np.full(len(answers), number))), number)
        left = {n: found for n, found in enumerate(segments, 1) if n not in forgotten}
        insert_rows(connection, "segments (id, fault)", [(number, "") for number in left])
        known.forget(sorted(forgotten))

        beginnings = [one >> SEGMENT_BITS for answers in left.values() for one in answers]
        again = {one for one in beginnings if beginnings.count(one) > 1}
        assert set(known.recorded_again().tolist()) == again
        wanted = np.array(sorted(segments[0]), np.int64)
        keys = [
            one >> SEGMENT_BITS << SEGMENT_BITS | number
            for number, answers in left.items()
            for one in answers
            if one >> SEGMENT_BITS in (wanted >> SEGMENT_BITS)
        ]
        assert known.keys_like(wanted).tolist() == sorted(keys)
        for one in beginnings:
            assert known.are_any([one << SEGMENT_BITS | 9])
        assert not known.are_any([77 << SEGMENT_BITS])


def test_a_cache_without_its_sorted_answers_is_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_answers, "MANY", 1)
    desk, late = Member(world, "desk"), Member(world, "late")
    write_log(desk.roots[0], "p/s.jsonl", line(id="a", output_tokens=3))
    desk.publish()
    team_figures(desk.tracker)
    (file,) = Path(world.place, "data-desk", "team.segments").glob("*.answers")
    file.write_bytes(b"")
    write_log(desk.roots[0], "p/t.jsonl", line(id="b", output_tokens=4))
    desk.publish()

    assert team_figures(desk.tracker) == team_figures(late.tracker)
