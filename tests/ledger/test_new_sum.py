"""A new quantity needs one row of the table: packing, summing, merging and storing follow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.makers import NOON_MS, line, write_log
from tests.tracker.worlds import World, at, total

import spendlight
from spendlight.assets import resource

SOURCE = Path(spendlight.__file__).parent

_LAST_MEASURE = '    Measure("first_offset", Merging.LEAST, of_entry="offset"),\n'
_LAST_IN_THE_LOOP = "            reset_ms,\n            _,\n"
CHANGES = {
    "metering/entry.py": [
        ("    limit_reset_ms: int | None = None\n", "    tool_calls: int = 0\n"),
    ],
    "metering/sums.py": [
        (_LAST_MEASURE, '    _count("tool_calls"),\n'),
        ("    first_offset: int\n", "    tool_calls: int\n"),
        ("    first_offset: int = 0\n", "    tool_calls: int = 0\n"),
    ],
    "metering/slices.py": [(_LAST_IN_THE_LOOP, "            _,\n")],  # where it is shown
}
"""What is added after what, besides a reader that fills it and a schema step."""

PROGRAM = """
import sqlite3, sys
from datetime import UTC
from pathlib import Path

from spendlight.ledger import chunks
from spendlight.ledger.sums.kept import rebuild_all
from spendlight.ledger.connection import connect_to
from spendlight.ledger.usage_ledger import Batch, FileMark, LogName, UsageLedger
from spendlight.metering.entry import ModelVariant, SessionName, UsageEntry
from spendlight.metering.packed import pack
from spendlight.metering.periods import Span
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.tracker import UsageTracker

path, folder, NOON_MS, OUTPUT = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
connection = connect_to(path)
connection.execute("ALTER TABLE buckets ADD COLUMN tool_calls INTEGER NOT NULL DEFAULT 0")
rebuild_all(connection, [200000])
connection.close()

options = TrackerOptions(
    data_dir=path.parent,
    environ={"CLAUDE_CONFIG_DIR": folder},
    is_offline=True,
    has_threads=False,
    zone=UTC,
)
tracker = UsageTracker.open(options)
assert tracker.refresh().new_answers == 3, tracker.warnings
assert not tracker.warnings, tracker.warnings

name = SessionName("p", "p", "new")
log = LogName(f"{folder}/projects/p/new.jsonl", folder, "", "", name)
model = ModelVariant("claude-opus-4-5")
with UsageLedger(path) as ledger:
    (file,) = ledger.enlist([log]).values()
    entries = [
        UsageEntry(
            1000 + n, 2000 + n, NOON_MS + n, file, n, model.number, 0, 1, 2, 3, 4, 5, tool_calls=n
        )
        for n in range(5)
    ]
    packed = [pack(file, entries[:3], ledger.context_thresholds)]
    variants = {model.number: model}
    mark = FileMark(file, 1, 1, 1, 1, 1)
    ledger.record(Batch([mark], [], packed, [], variants, [], ledger.context_thresholds))
    ledger.record(Batch([mark], [], [], entries[3:], variants, []))
    scope = ledger.scope([folder])
    span = Span(0, 2**52, 0)
    answers = list(ledger.answers(scope, span))
    assert sorted(piece.tool_calls for piece in answers) == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4], answers
    slots = list(ledger.by_slot(scope, span, with_sessions=True))
    sessions = list(ledger.by_session(scope, [span]))
    days = list(ledger.by_day(scope, [span]))
    for pieces in (slots, sessions, days):
        assert sum(piece.tool_calls for piece in pieces) == 10, pieces
        assert sum(piece.answers for piece in pieces) == 10, pieces
        assert sum(piece.output for piece in pieces) == OUTPUT + 10, pieces

connection = connect_to(path)
before = connection.execute("SELECT * FROM buckets").fetchall()
rebuild_all(connection, [200000])
assert connection.execute("SELECT * FROM buckets").fetchall() == before
held = [entry.tool_calls for chunk in chunks.load(connection, "1") for entry in chunk.entries]
assert sorted(held) == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4], held
print("ok")
"""


def test_a_thirteenth_sum_is_a_row_of_the_table(world: World, tmp_path: Path) -> None:
    write_log(world.root, "p/s.jsonl", *(line(id=f"m{n}", timestamp=at(n)) for n in range(2)))
    output = total(world.read()).tokens.output
    new = [line(id=f"n{n}", timestamp=at(9 + n)) for n in range(3)]
    write_log(world.root, "p/one.jsonl", new[0])
    write_log(world.root, "p/two.jsonl", *new[1:])
    copy = tmp_path / "changed"
    shutil.copytree(
        SOURCE,
        copy / "spendlight",
        ignore=shutil.ignore_patterns("__pycache__", "desktop", "cli", "resources"),
    )
    (copy / "spendlight/resources").mkdir()
    for file in resource("prices.json").parent.glob("*.*"):
        shutil.copy(file, copy / "spendlight/resources")
    for place, changes in CHANGES.items():
        path = copy / "spendlight" / place
        text = path.read_text(encoding="utf-8")
        for old, added in changes:
            assert text.count(old) == 1, (place, old)
            text = text.replace(old, old + added)
        path.write_text(text, encoding="utf-8")

    ledger = world.place / "data/ledger.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ledger, world.root, str(NOON_MS), str(output * 5 // 2)],
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.stdout, done.returncode) == ("ok\n", 0), done.stderr
