"""The native settler decides like the one in Python."""

from __future__ import annotations

import random
import subprocess
import sys
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.logs.claude_code import settling_fuzz
from tests.makers import entry

from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_settling import settler
from spendlight.metering.byte_order import to_bytes
from spendlight.metering.packed import pack
from spendlight.metering.settling import PYTHON, Source

pytestmark = pytest.mark.skipif(not NATIVE.instructions, reason="there is no native reader")

ROUNDS = 200


@pytest.fixture(autouse=True)
def reader() -> None:
    """Use the native reader in each test."""


def test_both_settlers_decide_the_same() -> None:
    settling_fuzz.fuzz(1, ROUNDS)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the sanitizers of Linux")
def test_it_never_reads_or_writes_outside_its_buffers(
    run_checked: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ran = run_checked("tests.logs.claude_code.settling_fuzz", "2", "100")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "no difference" in ran.stdout


def test_several_threads_settle_at_once() -> None:
    rng = random.Random(3)  # noqa: S311  # the same each time
    cases = [settling_fuzz.random_sources(rng) for _ in range(40)]
    expected = [PYTHON.settle(case).verdicts for case in cases]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda case: settler().settle(case).verdicts, cases * 4))

    assert found == expected * 4


def test_larger_fields_than_it_reads_are_left_to_python() -> None:
    held = pack(1, [entry(input=2**33)], ())  # as an older version may have stored
    sources = [Source(held, 1, "a", is_held=True), Source(pack(2, [entry(file=2)], ()), 1, "b")]

    assert settler().settle(sources) == PYTHON.settle(sources)
    assert settler().rest(held, b"\0", ()) == held


def test_columns_that_are_not_as_long_as_their_types_say_are_not_read() -> None:
    whole = pack(1, [entry(), entry(answer=2)], ())
    for size in range(len(whole.columns)):
        short = whole._replace(columns=whole.columns[:size])
        with pytest.raises(ValueError, match="columns"):
            settler().settle([Source(short, 1, "a"), Source(whole, 1, "b")])


def test_more_roots_than_it_can_represent_are_left_to_python() -> None:
    found = [pack(file, [entry(file=file, output=file)], ()) for file in range(1, 101)]
    sources = [Source(packed, packed.file, f"{packed.file:03}") for packed in found]

    expected, decided = PYTHON.settle(sources), settler().settle(sources)

    assert expected.verdicts == decided.verdicts
    assert sorted(expected.beaten) == sorted(decided.beaten)


def test_sums_are_separate_by_shadow() -> None:
    packed = pack(1, [entry(output=1), entry(answer=2, output=2)], ())
    shadows = to_bytes(array("I", [0, 7]))

    rest = settler().rest(packed, bytes(2), (), shadows)

    assert {key[3]: total.output for key, total in rest.sums.items()} == {0: 1, 7: 2}
