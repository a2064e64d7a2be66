"""Entries are unchanged by an export and an import, in every format."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from hypothesis import given, settings
from tests.tracker.machines import FORMS, Computer
from tests.tracker.worlds import World, logs, write_logs

from spendlight.tracker.entry_rows import EntryRow

Logs = dict[str, list[bytes]]


def rows_of(path: Path) -> Iterator[EntryRow]:
    from spendlight.tracker.entry_files import read_entries

    return read_entries(path)


@settings(max_examples=10, deadline=None)
@given(logs())
def test_exported_entries_are_read_back_unchanged(made: Logs) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        desk = Computer(world, "desk")
        write_logs(desk.roots[0], made)
        known = desk.read().rows()

        for form in FORMS:
            found = sorted(
                rows_of(desk.export(form)),
                key=lambda row: (row.path, row.offset, row.answer, row.request),
            )
            assert [_normal(row) for row in found] == [_normal(row) for row in known]


def _normal(row: EntryRow) -> tuple[object, ...]:
    """Return a row's values; Parquet gives moments in another form of ISO 8601."""
    values = msgspec.structs.asdict(row)
    return tuple(
        value.replace("+00:00", "Z").replace("000Z", "Z").replace(".Z", "Z")
        if isinstance(value, str) and value.startswith("2026-")
        else value
        for value in values.values()
    )
