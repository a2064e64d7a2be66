"""Compares how exported entries are read natively and in Python: python -m … SEED ROUNDS."""

from __future__ import annotations

import io
import random
import sys
import tempfile
from pathlib import Path
from unittest import mock

from spendlight.ledger.machines import Machine
from spendlight.metering.entry import UsageEntry
from spendlight.tracker import import_reading
from spendlight.tracker.entry_files import write_json
from spendlight.tracker.entry_rows import EntryRow, Header, ImportFileError
from spendlight.tracker.import_reading import ImportFile

THIS = Machine("00000000000000aa", "here")
THRESHOLDS = (1000, 200_000)
_TEXTS = ("", "p", "-home-ü", 'a"b\\c', "x\ny\t", "refused", "😀" * 9, "a" * 300)
_MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "m\\", "")
_COUNTS = (0, 1, 255, 256, 70_000, 2**32 - 1, 2**32 - 1, 2**32)
_TIMES = (
    *("2026-06-04T08:32:57.807Z", "2026-06-04T08:45:00.000Z", "1970-01-01T00:00:00.000Z") * 4,
    *("2026-06-04T08:32:57+02:00", "2026-06-04", "2026-02-29T00:00:00.000Z"),
    *("2199-12-31T23:59:59.999Z", "2200-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "soon"),
)
_COSTS = (None, None, None, 0.25, 1e-7, 0.1234567890123456, -3.5, 5, 1e6, 1e7)
_BYTES = b'",:{}[]\\0e-.\n \x00\xff'

Contents = tuple[object, ...]


def fuzz(seed: int, rounds: int) -> None:
    """Compare some files that are as we write them, and as many that were changed.

    Raises:
        AssertionError: If there is a difference.
    """
    rng = random.Random(seed)  # noqa: S311  # the same each time
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export.json")
        for number in range(rounds):
            written = random_export(rng)
            for content in (written, changed(written, rng)):
                path.write_bytes(content)
                waiting, odd = rng.choice((3, 10, 16_000)), rng.choice((0, 1, 16))
                with (
                    mock.patch.object(import_reading, "MOST_WAITING", waiting),
                    mock.patch.object(import_reading, "MOST_ODD", odd),
                ):
                    found = contents(path)
                expected = contents(path, natively=False)
                assert found == expected, (seed, number, content, found, expected)


def contents(path: Path, *, natively: bool = True) -> Contents:
    """Return what is found in a file, or that it is not valid."""
    try:
        if natively:
            found = ImportFile(path, THIS, THRESHOLDS)
        else:
            with mock.patch.object(import_reading, "export_reader", return_value=None):
                found = ImportFile(path, THIS, THRESHOLDS)
    except ImportFileError:  # which of several reasons is told first may differ
        return ("not valid",)
    entries: dict[str, list[UsageEntry]] = {}
    for log, packed in (pair for part in found.parts for pair in part):
        entries.setdefault(log.name.path, []).extend(packed.entries())
        assert packed == packed.only([True] * packed.count, THRESHOLDS)
    return (
        {log.name: (log.end, sorted(entries[log.name.path])) for log in found.logs.values()},
        (found.entries, found.own, found.names, found.machine_names),
        found.variants,
    )


def random_export(rng: random.Random) -> bytes:
    """Return an export; in some of them there may be what no entry can have."""
    count = rng.choice((0, 1, 5, 40))
    return export(rng, count, is_odd=rng.random() < 0.3)


def export(rng: random.Random, count: int, *, is_odd: bool = False) -> bytes:
    """Return an export with some entries.

    Args:
        rng: Decides what is in it.
        count: How many entries there are.
        is_odd: Whether it may contain what no entry can have.
    """
    sink = io.BytesIO()
    logs = [_log(rng, is_odd=is_odd) for _ in range(rng.choice((1, 2, 5)))]
    rows = [_row(rng, rng.choice(logs), is_odd=is_odd and rng.random() < 0.1) for _ in range(count)]
    write_json(rows, Header("entries", 1), sink)
    return sink.getvalue()


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return a file with some bytes changed, dropped or repeated."""
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(content))
        size = rng.choice((1, 1, 1, 8, 400))
        piece = content[at : at + size]
        new = rng.choice((bytes([rng.choice(_BYTES)]), b"", piece * 2, piece.swapcase()))
        content = content[:at] + new + content[at + size :]
    return content


def _log(rng: random.Random, *, is_odd: bool) -> dict[str, str]:
    return {
        "machine": rng.choice(("m", "m", "other ü", "odd, name" if is_odd else "n")),
        "project": rng.choice(_TEXTS),
        "project_path": rng.choice(_TEXTS),
        "session_id": rng.choice(_TEXTS),
        "path": f"/h/.claude/projects/p/{rng.randrange(3)}{rng.choice(('', '/subagents/a'))}.jsonl",
        "root": "/h/.claude",
        "vm_of": rng.choice(("", "", "/h")),
        "machine_id": rng.choice(("00000000000000aa", "00000000000000bb", "00000000000000cc")),
        "agent": rng.choice(("claude-code", "claude-code", "codex")),
    }


def _row(rng: random.Random, log: dict[str, str], *, is_odd: bool) -> EntryRow:
    def count() -> int:
        return rng.choice(_COUNTS if is_odd else _COUNTS[:-1])

    return EntryRow(
        timestamp=rng.choice(_TIMES if is_odd else _TIMES[:3]),
        model=rng.choice(_MODELS),
        is_fast=rng.random() < 0.1,
        inference_geo=rng.choice(("", "", "us")),
        is_advisor=rng.random() < 0.1,
        role=rng.choice(("", "", "", "attempt", "refused", "odd" if is_odd else "")),
        input_tokens=count(),
        output_tokens=count(),
        cache_creation_5m_tokens=count(),
        cache_creation_1h_tokens=count(),
        cache_read_tokens=count(),
        web_search_requests=rng.choice((0, 0, 3)),
        reasoning_tokens=rng.choice((0, 0, 0, count())),
        cost=rng.choice(_COSTS),
        recorded_cost=rng.choice(_COSTS if is_odd else _COSTS[:-1]),
        limit_reset=rng.choice((None, None, _TIMES[0])),
        is_counted=rng.random() < 0.9,
        is_sidechain=rng.random() < 0.2,
        has_speed=rng.random() < 0.2,
        answer=f"{rng.getrandbits(63):016x}",
        request=f"{rng.getrandbits(63):016x}",
        offset=rng.choice((0, 5, 2**40, 2**53, rng.randrange(10**6))),
        **log,
    )


if __name__ == "__main__":
    fuzz(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write("no difference\n")
