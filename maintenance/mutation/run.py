"""Changes the code in small ways, and reports which changes no test notices.

    make mutants [SAMPLE=100] [SEED=1] [ARGS="--package logs --only ID"]

A sample of mutations of each package is tried, one after the other, on a copy of the checkout; for
each, only those tests run that reach the line. A mutation that no test can notice, as it has no
visible effect, is listed with its reason in ``equivalent.toml``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Final

from mutations import Mutation, files_of, mutations_of, sample
from reach import Reach, measure
from workshop import ROOT, Workshop

PACKAGES: Final = ("metering", "logs", "ledger")
TESTS: Final = (
    *("tests/metering", "tests/logs", "tests/ledger", "tests/tracker", "tests/cli"),
    *("tests/faults", "tests/survey", "tests/pricelist", "tests/settings", "tests/claude_code"),
)
EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")
KILLED, EQUAL, SURVIVED = "killed", "equivalent", "survived"
_LEAST_SECONDS: Final = 30.0
"""The minimum time limit of a test; a test may take several times as long as without a mutation."""


def main() -> None:
    """Try a sample, and end with 1 if any survives."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--package", action="append", choices=PACKAGES, help="only this one")
    parser.add_argument("--sample", type=int, default=100, help="how many of each package")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others")
    parser.add_argument(
        "--only", action="append", help="only mutations of the sample whose line holds this"
    )
    parser.add_argument(
        "--budget", type=float, default=60.0, help="seconds of tests for each; the likeliest first"
    )
    parser.add_argument(
        "--tests", action="append", help="a file or folder of tests; only these are run"
    )
    parser.add_argument("--list", action="store_true", help="say what the sample is; run nothing")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutants")
    told = parser.parse_args()

    shop = Workshop(told.folder)
    chosen: list[Mutation] = []
    for package in told.package or PACKAGES:
        every = [
            m for path in files_of(shop.source, package) for m in mutations_of(shop.source, path)
        ]
        print(f"{package}: {min(told.sample, len(every))} of {len(every)} mutations")
        chosen += sample(every, told.sample, told.seed)
    if told.only:
        chosen = [m for m in chosen if any(part in str(m) for part in told.only)]
    if told.list:
        for mutation in chosen:
            print(mutation)
        return
    reasons = equivalents()
    reach = measure(shop, told.tests or TESTS, PACKAGES)
    if reach.failed:
        print(f"not used, as they fail without a mutation: {', '.join(sorted(reach.failed))}")
    verdicts: Counter[str] = Counter()
    for mutation in chosen:
        verdict, note = EQUAL, reasons.get(mutation.id)
        if note is None:
            verdict, note = tried(shop, reach, mutation, told.budget)
        verdicts[verdict] += 1
        print(f"{verdict:10} {mutation}  [{note}]", flush=True)
    print(", ".join(f"{verdicts[verdict]} {verdict}" for verdict in (KILLED, EQUAL, SURVIVED)))
    sys.exit(verdicts[SURVIVED] > 0)


def equivalents() -> dict[str, str]:
    """Return why each listed mutation cannot be noticed, by its id."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return {entry["id"]: entry["reason"] for entry in listed.get("equivalent", ())}


def tried(shop: Workshop, reach: Reach, mutation: Mutation, budget: float) -> tuple[str, str]:
    """Return the outcome of a mutation, with a remark.

    Args:
        shop: Where the tests are run.
        reach: Which tests reach what.
        mutation: The change.
        budget: The most seconds for all tests, as measured without the change; the least likely
            to notice it are left out.
    """
    text = (shop.source / mutation.path).read_text(encoding="utf-8")
    tests = reach.tests_for(
        mutation.path,
        mutation.first_line,
        mutation.last_line,
        is_call_time=mutation.is_call_time,
    )
    if not tests:
        return SURVIVED, "no test reaches it"
    reaching = len(tests)
    times = itertools.accumulate(reach.seconds[test] for test in tests)
    tests = [test for test, so_far in zip(tests, times, strict=True) if so_far <= budget] or tests[
        :1
    ]
    longest = max(_LEAST_SECONDS, 5 * max(reach.seconds[test] for test in tests))
    whole = longest + 3 * sum(reach.seconds[test] for test in tests)
    began = time.monotonic()
    listed = shop.folder / "tests.txt"
    listed.write_text("\n".join(tests), encoding="utf-8")
    with shop.changed(mutation.path, mutation.apply(text)):
        ran = shop.pytest(["-x", f"--timeout={longest:.0f}", f"@{listed}"], whole)
    took = f"{time.monotonic() - began:.0f} s, {len(tests)} of {reaching} tests"
    if ran.code is None:
        return KILLED, f"took too long; {took}"
    if ran.code == 0:
        return SURVIVED, took
    failed = [line for line in ran.said.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return KILLED, f"{failed[0].split(' - ')[0] if failed else f'code {ran.code}'}; {took}"


if __name__ == "__main__":
    main()
