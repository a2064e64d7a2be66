"""Holds the native settler against the one in Python, on copies that were made at random.

python -m tests.logs.claude_code.settling_fuzz SEED ROUNDS
"""

from __future__ import annotations

import random
import sys
from array import array

from spendlight.logs.claude_code.native_settling import settler
from spendlight.metering.byte_order import to_bytes
from spendlight.metering.entry import UsageEntry
from spendlight.metering.packed import hashes, pack
from spendlight.metering.settling import PYTHON, Source

THRESHOLDS = (200_000, 1_000_000)
_COUNTS = (1, 3, 300, 2**32)
"""Each is more than a column of some width can hold, or few enough that copies are often equal."""


def fuzz(seed: int, rounds: int) -> None:
    """Compare both settlers on some rounds of random sources."""
    native = settler()
    assert native is not PYTHON
    for number in range(rounds):
        rng = random.Random(seed << 32 | number)  # noqa: S311  # the same for the same seed
        sources = random_sources(rng)
        expected, found = PYTHON.settle(sources), native.settle(sources)
        assert expected.verdicts == found.verdicts, number
        assert sorted(expected.lost) == sorted(found.lost), number
        assert set(expected.beaten) == set(found.beaten), number
        assert len(expected.beaten) == len(found.beaten), number
        assert sorted(expected.called) == sorted(found.called), number
        _compare_answer_sets(sources)
        for source, verdicts in zip(sources, found.verdicts, strict=True):
            shadows = _shadows(source.packed.count, rng)
            both = [
                one.rest(source.packed, verdicts, THRESHOLDS, shadows) for one in (PYTHON, native)
            ]
            assert both[0] == both[1], number
            assert list(both[0].sums) == list(both[1].sums), number


def _compare_answer_sets(sources: list[Source]) -> None:
    """Compare the sets of the answers in the first half of some sources."""
    answers = [source.packed.answers for source in sources]
    half = answers[: (len(answers) + 1) // 2]
    expected, found = PYTHON.answer_set(half), settler().answer_set(half)
    assert (len(expected), sorted(expected)) == (len(found), sorted(found))
    assert expected.common(answers) == found.common(answers)
    for packed in answers:
        for answer in hashes(packed):
            assert (answer in expected) == (answer in found)


def random_sources(rng: random.Random) -> list[Source]:
    """Return entries of some files, with many copies among them."""
    answers = [rng.randrange(2**63) for _ in range(rng.choice((1, 3, 10, 200)))]
    requests = [rng.randrange(2**63) for _ in range(rng.choice((1, 1, 2, 3)))]
    roots = rng.choice((1, 2, 3, 30))
    sources = []
    for _ in range(rng.choice((1, 2, 3, 20, 100))):
        file = rng.randrange(1, 30)
        count = rng.choice((0, 1, 2, 5, 60))
        found = [_entry(file, answers, requests, rng) for _ in range(count)]
        is_held = rng.random() < 0.3
        shadows = _shadows(count, rng) if is_held else None
        order = f"/r/{file % 5}/{file}.jsonl"
        sources.append(Source(pack(file, found, THRESHOLDS), file % roots, order, is_held, shadows))
    return sources


def _entry(file: int, answers: list[int], requests: list[int], rng: random.Random) -> UsageEntry:
    most = rng.choice(_COUNTS)
    return UsageEntry(
        answer=rng.choice(answers),
        request=rng.choice(requests),
        at_ms=rng.randrange(10 ** rng.choice((3, 13))),
        file=file,
        offset=rng.randrange(rng.choice((3, 2**40))),
        variant=rng.randrange(2 ** rng.choice((3, 32))),
        flags=rng.randrange(8),
        input=rng.randrange(most),
        output=rng.randrange(most),
        cache_write_5m=rng.randrange(most),
        cache_write_1h=rng.randrange(most),
        cache_read=rng.randrange(most),
        web_searches=rng.choice((0, 0, 7)),
        recorded_cost=rng.choice((None, None, 0.1 * rng.random())),
        limit_reset_ms=rng.choice((None, None, 1_772_000_000_000)),
        attribution=rng.choice((0, 5, 2**62 + rng.randrange(2))),
        tools=rng.choice((0, 1, 2, 2**62 + rng.randrange(3))),
        reasoning=rng.choice((0, 0, 0, rng.randrange(most))),
    )


def _shadows(count: int, rng: random.Random) -> bytes | None:
    if rng.random() < 0.6:
        return None
    return to_bytes(array("I", [rng.choice((0, 0, 3, 9)) for _ in range(count)]))


if __name__ == "__main__":
    fuzz(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write("no difference\n")
