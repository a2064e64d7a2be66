"""Machines that exchange entries."""

from __future__ import annotations

from pathlib import Path

from tests.tracker.worlds import World

from spendlight.tracker.entry_files import write_csv, write_json
from spendlight.tracker.entry_rows import EntryRow
from spendlight.tracker.exporting import EntryExport
from spendlight.tracker.importing import ImportedEntries
from spendlight.tracker.parquet import write_parquet
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.tracker import UsageTracker

FORMS = ("json", "csv", "parquet")


class Computer:
    """A machine with its own logs and ledger."""

    def __init__(self, world: World, name: str, *roots: Path, **changes: object) -> None:
        self.world = world
        self.name = name
        self.roots = roots or (world.make_root(name),)
        environ = {
            "CLAUDE_CONFIG_DIR": ",".join(map(str, self.roots)),
            "SPENDLIGHT_MACHINE": name,
        }
        self.tracker: UsageTracker = world.tracker(data=f"data-{name}", environ=environ, **changes)
        self._exports = 0

    def read(self) -> Computer:
        """Read all logs."""
        self.tracker.refresh()
        return self

    def export(self, form: str = "json", selection: Selection = EVERYTHING) -> Path:
        """Export entries to a new file."""
        self._exports += 1
        path = self.world.place / f"{self.name}-{self._exports}.{form}"
        self.tracker.export_entries(selection, lambda export: write(export, path))
        return path

    def take_in(self, *paths: Path) -> list[ImportedEntries]:
        """Import files."""
        found = []
        for outcome in self.tracker.import_entries(paths):
            if outcome.error is not None:
                raise outcome.error
            assert outcome.imported is not None
            found.append(outcome.imported)
        return found

    def rows(self, selection: Selection = EVERYTHING) -> list[EntryRow]:
        """Return what would be exported, in a fixed order."""
        found: list[EntryRow] = []

        def collect(export: EntryExport) -> int:
            found.extend(export.rows)
            return len(found)

        self.tracker.export_entries(selection, collect)
        return sorted(found, key=_in_order)


def _in_order(row: EntryRow) -> tuple[object, ...]:
    """Return what rows are sorted by; two machines may have a log of the same path."""
    return row.path, row.offset, row.answer, row.request, row.machine_id


def write(export: EntryExport, path: Path) -> int:
    """Write entries in the format selected by the file's ending."""
    with path.open("wb") as sink:
        if path.suffix == ".json":
            return write_json(export.rows, export.header, sink)
        if path.suffix == ".csv":
            return write_csv(export.rows, sink)
        return write_parquet(export.rows, sink)
