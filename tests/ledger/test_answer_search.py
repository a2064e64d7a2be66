from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import append, line, write_log
from tests.tracker.worlds import World, at, causes, figures

from spendlight.errors import LedgerMendedError
from spendlight.ledger import answer_index, answer_search, chunks
from spendlight.ledger.answer_search import extend_index, holding
from spendlight.ledger.migrations import MIGRATIONS
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.signing import sign
from spendlight.metering.packed import WORD_BYTES, hashes

FEW_ANSWERS = st.sampled_from([0, 1, 256, 1 << 56, -1, -(1 << 63), 0x0101010101010101, 1 << 20])
"""Some occur in the bytes across two others, and two have the same entry in the index."""


@settings(max_examples=40)
@given(
    st.lists(st.lists(FEW_ANSWERS, max_size=3), max_size=5),
    st.integers(0, 600),
    st.sets(FEW_ANSWERS),
    st.sampled_from([0, 20]),
    st.lists(st.integers(0, 605), max_size=2),
    st.sets(st.integers(1, 605), max_size=4),
)
def test_the_chunks_with_an_answer_are_found_however_many_are_searched_for(  # noqa: PLR0913, PLR0917  # each is drawn
    held: list[list[int]],
    others: int,
    sought: set[int],
    more: int,
    extended_after: list[int],
    bounds: set[int],
) -> None:
    """Also if chunks between some bounds, of which no index knows, are known to hold none."""
    kept = [[7]] * others + held
    wanted = sought | set(range(1_000, 1_000 + more))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE chunks (id INTEGER PRIMARY KEY)")
        connection.execute(
            "CREATE TABLE chunk_answers (chunk INTEGER PRIMARY KEY, answers BLOB, signature)"
        )
        connection.executescript(MIGRATIONS[12])
        connection.execute("BEGIN")
        for number, answers in enumerate(kept, 1):
            packed = b"".join(map(_packed, answers))
            connection.execute("INSERT INTO chunks VALUES (?)", (number,))
            connection.execute(
                "INSERT INTO chunk_answers VALUES (?, ?, ?)", (number, packed, sign(packed, number))
            )
            if number in extended_after:
                extend_index(connection, 0)

        found = holding(connection, wanted)
        known = [] if answer_index.covered_to(connection) else sorted(bounds)
        ranges = list(zip(known[::2], known[1::2], strict=False))
        others_found = holding(connection, wanted, None, ranges)

        assert not answer_index.fault_in(connection)
    assert others_found == {
        number: common
        for number, common in found.items()
        if not any(first <= number <= last for first, last in ranges)
    }
    expected = {number: wanted.intersection(answers) for number, answers in enumerate(kept, 1)}
    assert found == {number: common for number, common in expected.items() if common}


def test_the_index_finds_the_same_as_a_search_without_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_search, "MOST_CHUNKS_BEHIND", 30)
    for number in range(120):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))
    world.read()
    ledger = world.place / "data/ledger.sqlite3"
    for step in range(3):  # an old answer with more tokens, a copy of it, and a new one
        append(
            world.root / "projects/p/s7.jsonl",
            line(id="m7", timestamp=at(7), output_tokens=10 + step),
            line(id=f"new{step}", timestamp=at(8)),
        )
        write_log(world.root, f"p/copy{step}.jsonl", line(id=f"m{step}", timestamp=at(step)))
        world.read()

    with closing(connect(ledger)) as connection:
        assert answer_index.covered_to(connection) >= 120
        assert answer_index.fault_in(connection) == ""
    assert figures(world.tracker()) == figures(world.read(data="other"))


def test_the_first_index_comes_later_than_it_is_extended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_search, "MOST_CHUNKS_BEHIND", 5)
    covered = []
    for number in range(24):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))
        world.read()
        with closing(connect(world.place / "data/ledger.sqlite3")) as connection:
            covered.append(answer_index.covered_to(connection))

    assert covered == [*[0] * 15, *[16] * 6, *[22] * 3]


def test_the_number_of_an_indexed_chunk_is_not_reused(world: World) -> None:
    for number in range(3):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))
    world.read()
    with closing(connect(world.place / "data/ledger.sqlite3")) as connection:
        with transaction(connection):
            extend_index(connection, 0)
            for chunk in list(chunks.load(connection, "c.id >= 2")):
                chunks.replace(connection, chunk.without({0}))
        assert answer_index.next_chunk(connection) == 4
    append(world.root / "projects/p/s0.jsonl", line(id="later", timestamp=at(4)))
    write_log(world.root, "p/new.jsonl", line(id="new", timestamp=at(5)))
    world.read()
    with closing(connect(world.place / "data/ledger.sqlite3")) as connection:
        numbers = [number for (number,) in connection.execute("SELECT id FROM chunks ORDER BY id")]
    assert numbers == [1, 4, 5]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE answer_index SET places = ZEROBLOB(LENGTH(places)) WHERE page < 16384",
        "DELETE FROM answer_index WHERE page < 16384",
        "UPDATE answer_index SET places = ZEROBLOB(8) WHERE page = 16384",
    ],
)
def test_a_damaged_index_is_noticed_when_read_and_rebuilt(world: World, damage: str) -> None:
    for number in range(9):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))
    right = figures(world.read())
    ledger = world.place / "data/ledger.sqlite3"
    with closing(connect(ledger)) as connection:
        (packed,) = connection.execute("SELECT answers FROM chunk_answers LIMIT 1").fetchone()
        held = hashes(packed)[0]
        with transaction(connection):
            extend_index(connection, 0)
        assert answer_index.fault_in(connection) == ""
        connection.execute(damage)
        with pytest.raises(answer_index.DamagedIndexError):
            holding(connection, {held})
    ledger.with_name(f"{ledger.name}-pages").unlink()

    tracker = world.read()

    assert figures(tracker) == right
    assert causes(tracker) == [LedgerMendedError]
    with closing(connect(ledger)) as connection:
        assert answer_index.covered_to(connection) == 0
        assert holding(connection, {held})
    assert world.read().warnings == ()


def _packed(answer: int) -> bytes:
    return answer.to_bytes(WORD_BYTES, "little", signed=True)


@pytest.mark.parametrize(("most", "covered"), [(30, 40), (40, 0)])
def test_a_tracker_with_nothing_to_do_indexes_what_is_not_indexed_yet(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int, covered: int
) -> None:
    monkeypatch.setattr(answer_search, "MOST_CHUNKS_AT_REST", most)
    for number in range(40):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))
    tracker = world.read()

    tracker.get_ready()

    with closing(connect(world.place / "data/ledger.sqlite3")) as connection:
        assert answer_index.covered_to(connection) == covered
    append(world.root / "projects/p/s7.jsonl", line(id="m3", timestamp=at(3), output_tokens=99))
    tracker.refresh()
    assert figures(tracker) == figures(world.read(data="other"))
