from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from spendlight.ledger.chunks import holding
from spendlight.metering.packed import WORD_BYTES

FEW_ANSWERS = st.sampled_from([0, 1, 256, 1 << 56, -1, -(1 << 63), 0x0101010101010101])
"""Their bytes meet across the border of two of them, too."""


@given(
    st.lists(st.lists(FEW_ANSWERS, max_size=3), max_size=5),
    st.integers(0, 600),
    st.sets(FEW_ANSWERS),
    st.sampled_from([0, 20]),
)
def test_finds_the_chunks_that_hold_an_answer_however_many_are_sought(
    held: list[list[int]], others: int, sought: set[int], more: int
) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE chunk_answers (chunk INTEGER PRIMARY KEY, answers BLOB)")
        kept = [[7]] * others + held
        connection.executemany(
            "INSERT INTO chunk_answers VALUES (?, ?)",
            ((number, b"".join(map(_packed, answers))) for number, answers in enumerate(kept)),
        )
        wanted = sought | set(range(1_000, 1_000 + more))

        found = holding(connection, wanted)

    expected = {number: wanted.intersection(answers) for number, answers in enumerate(kept)}
    assert found == {number: common for number, common in expected.items() if common}


def _packed(answer: int) -> bytes:
    return answer.to_bytes(WORD_BYTES, "little", signed=True)
