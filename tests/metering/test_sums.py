"""The sums are defined once: in `metering.sums.MEASURES`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import NOON_MS, entry

import spendlight
from spendlight.metering import summing
from spendlight.metering.entry import UsageEntry
from spendlight.metering.packed import pack_one
from spendlight.metering.slices import QUARTER_MS
from spendlight.metering.summing import sum_by_table, sum_columns, sum_up
from spendlight.metering.sums import COUNTS, NAMES, Sum, UsageSlice, merged, sum_of

COUNT = st.integers(0, 300_000)
CUTS = (200_000, 400_000)


@st.composite
def entries(draw: st.DrawFn) -> UsageEntry:
    return entry(
        at_ms=NOON_MS + draw(st.sampled_from([0, 1, 7, QUARTER_MS, QUARTER_MS + 1, -1])),
        offset=draw(st.integers(0, 9)),
        variant=draw(st.integers(1, 2)),
        input=draw(COUNT),
        output=draw(COUNT),
        cache_write_5m=draw(COUNT),
        cache_write_1h=draw(COUNT),
        cache_read=draw(COUNT),
        web_searches=draw(st.integers(0, 3)),
        recorded_cost=draw(st.none() | st.integers(0, 8).map(lambda eighths: eighths / 8)),
        limit_reset_ms=draw(st.none() | st.integers(1, 9)),
        reasoning=draw(st.sampled_from([0, 0, 5])),
    )


def test_the_table_matches_the_fields_of_sums_and_slices() -> None:
    assert NAMES == Sum._fields == UsageSlice._fields[-len(NAMES) :]
    assert set(COUNTS) == {"answers", "web_searches", "reasoning", *NAMES[:5]}


def test_the_hand_written_loop_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summing, "sum_by_table", None)

    assert len(sum_up([entry(answer=1), entry(answer=2)], ())) == 1


@given(st.lists(st.tuples(entries(), st.integers(0, 1)), min_size=1, max_size=20))
def test_the_hand_written_loop_agrees_with_the_table(found: list[tuple[UsageEntry, int]]) -> None:
    columns = list(zip(*(each for each, _ in found), strict=True))
    shadows = [shadow for _, shadow in found]

    assert sum_columns(columns, CUTS, shadows) == sum_by_table(columns, CUTS, shadows)


@given(entries())
def test_a_single_entry_is_summed_like_several(only: UsageEntry) -> None:
    assert pack_one(only, CUTS).sums == sum_by_table([[field] for field in only], CUTS)


@given(st.lists(entries(), min_size=1, max_size=6), st.integers(1, 5))
def test_sums_may_be_merged_in_parts(found: list[UsageEntry], cut: int) -> None:
    sums = list(map(sum_of, found))
    parts = [part for part in (sums[:cut], sums[cut:]) if part]

    assert merged(map(merged, parts)) == merged(sums)
    assert merged(sums).answers == len(found)


SPELLED = {
    "metering/sums.py": "the table itself",
    "metering/entry.py": "what an answer holds",
    "metering/summing.py": "the loop that a first scan takes for each answer",
    "metering/slices.py": "the loop that a long report takes for each slice, and what is shown",
    "ledger/first_tables.py": "a released step",
    "ledger/migrations.py": "released steps",
    "ledger/tables.py": "what they lead to",
}
"""The files that may list all sums, and why."""

TELLING = {name for name in NAMES if "_" in name}
"""Names that are not English words."""


def test_no_other_file_lists_the_sums() -> None:
    source = Path(spendlight.__file__).parent
    tellers = {}
    for path in (*source.glob("metering/*.py"), *source.glob("ledger/**/*.py")):
        place = path.relative_to(source).as_posix()
        names = {
            str(value) for node in ast.walk(ast.parse(path.read_bytes())) for value in _words(node)
        }
        if len(named := names & TELLING) >= 4 and place not in SPELLED:
            tellers[place] = sorted(named)

    assert tellers == {}


def _words(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return []
    return "".join(each if each.isalnum() or each == "_" else " " for each in node.value).split()
