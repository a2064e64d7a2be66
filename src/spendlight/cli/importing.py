"""Imports what other machines have exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.cli import terminal, words
from spendlight.cli.world import opened
from spendlight.names import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spendlight.cli.arguments import Arguments
    from spendlight.tracker.importing import ImportedEntries

_ENDINGS: Final = frozenset({".json", ".csv", ".parquet"})
"""Those of the files in a folder that are imported: of the formats of exports."""


def run(arguments: Arguments) -> bool:
    """Import all files that can be, and return whether all could.

    Raises:
        UsageError: If the ledger cannot be used.
    """
    is_good = True
    with opened(arguments) as world:
        world.read_logs()
        for path, imported, error in world.tracker.import_entries([*_files(arguments.files)]):
            if error is not None:
                terminal.complain(error)
                is_good = False
            if imported is not None:
                terminal.say(*_told(path, imported))
    return is_good


def _files(named: Iterable[Path]) -> Iterator[Path]:
    """Yield the files; expand patterns if the shell does not, as on Windows, and folders."""
    for path in named:
        found = sorted(path.parent.glob(path.name)) if "*" in path.name else []
        if path.is_dir():
            found = sorted(one for one in path.iterdir() if one.suffix.lower() in _ENDINGS)
        yield from found or [path]


def _told(path: Path, done: ImportedEntries) -> Iterator[str]:
    if done.entries:
        yield (
            f"{path}: {words.entries(done.entries)} from {', '.join(map(name, done.machines))}, "
            f"{words.counted(done.new_answers, 'new answer')}"
        )
    elif done.own_entries:
        yield f"{path}: skipped, because it contains only usage of this machine"
    else:
        yield f"{path}: no entries"
    if done.entries and done.own_entries:
        own = words.entries(done.own_entries)
        yield f"  {own} of this machine skipped, because its logs are read here"
    for machine in done.namesakes:
        yield (
            f"  Another machine has the same name as this one, {name(machine)}. To tell them "
            "apart, run 'spendlight export' there with SPENDLIGHT_MACHINE set to another name."
        )
