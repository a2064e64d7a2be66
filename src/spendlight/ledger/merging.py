"""Copies into a ledger what is still sound in another file of the same ledger."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.attributions import circumstances_of
from spendlight.ledger.batches import Batch, LogName
from spendlight.ledger.checking import UNREADABLE
from spendlight.ledger.enlisting import enlist
from spendlight.ledger.proving import chunk_rows, signed_row
from spendlight.ledger.recording import Recorder
from spendlight.ledger.sums.buckets import context_thresholds_in
from spendlight.metering.entry import ModelVariant, Role, SessionName

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from spendlight.ledger.proving import ChunkRow
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import UsageEntry


class Merged(NamedTuple):
    """What was copied.

    Attributes:
        logs: The logs of which something was found.
        whole: Those of which everything was found to be sound.
        answers: How many copies of answers were new.
    """

    logs: set[str]
    whole: set[str]
    answers: int


def merge(
    target: sqlite3.Connection, source: sqlite3.Connection, only: Collection[str] | None = None
) -> Merged:
    """Copy the answers that another file holds and this one does not. Within a transaction.

    The other file may be damaged; only its sound parts are used.

    Args:
        target: Where to write.
        source: What to read.
        only: Only what was in these logs; by default all.
    """
    variants: dict[int, ModelVariant] = {}
    logs: dict[int, LogName | None] = {}
    spoilt: set[str] = set()
    found: set[str] = set()
    answers = 0
    for row in _rows(source):
        if row.file not in logs:
            logs[row.file] = _log(source, row.file)
        log = logs[row.file]
        if log is None or (only is not None and log.path not in only):
            continue
        entries = _entries(source, row, variants)
        if entries is None:
            spoilt.add(log.path)
            continue
        found.add(log.path)
        number = enlist(target, [log])[log.path]
        known = _known(target, number)
        fresh = [entry._replace(file=number) for entry in entries if _identity(entry) not in known]
        if fresh:
            answers += len(fresh)
            attributions, tools = _circumstances(source, fresh)
            batch = Batch((), (), (), fresh, variants, (), attributions=attributions, tools=tools)
            Recorder(target, context_thresholds_in(target)).record(batch)
    return Merged(found, found - spoilt, answers)


def _rows(source: sqlite3.Connection) -> Iterator[ChunkRow]:
    """Yield the chunks that can be read; if the file is torn, some cannot."""
    last = 0
    with suppress(*UNREADABLE):
        last = source.execute("SELECT MAX(id) FROM chunks").fetchone()[0] or 0
    for number in range(1, min(last, 1 << 24) + 1):
        with suppress(*UNREADABLE, *chunks.NO_CHUNK):
            yield from chunk_rows(source, "c.id = ?", number)


def _log(source: sqlite3.Connection, number: int) -> LogName | None:
    """Return a log's names, or None if one of them is damaged."""
    with suppress(*UNREADABLE, TypeError):
        file: Any = signed_row(source, "files", number)
        if file is None:
            return None
        root: Any = signed_row(source, "roots", file[1])
        session: Any = signed_row(source, "sessions", file[2])
        if root is not None and session is not None:
            name = SessionName(*session[2:])
            return LogName(file[3], root[1], root[2], root[3], name, agent=root[4])
    return None


def _entries(
    source: sqlite3.Connection, row: ChunkRow, variants: dict[int, ModelVariant]
) -> list[UsageEntry] | None:
    """Return a chunk's entries, and note their variants; None if it is damaged."""
    try:
        if not row.is_signed:
            return None
        entries = chunks.unpacked(
            row.number, row.file, 0, row.answers, row.columns, row.shadows
        ).entries
        for number in {entry.variant for entry in entries} - variants.keys():
            variant: Any = signed_row(source, "variants", number)
            if variant is None:
                return None
            _, name, is_fast, geo, role = variant
            variants[number] = ModelVariant(name, bool(is_fast), geo, Role(role))
    except (*UNREADABLE, *chunks.NO_CHUNK):
        return None
    return entries


def _circumstances(
    source: sqlite3.Connection, entries: Sequence[UsageEntry]
) -> tuple[dict[int, Attribution], dict[int, Tools]]:
    """Return what is known of the circumstances of entries; a backup may be older than that."""
    with suppress(*UNREADABLE):
        return circumstances_of(source, entries)
    return {}, {}


def _known(target: sqlite3.Connection, file: int) -> set[tuple[int, int, int]]:
    return {
        _identity(entry)
        for chunk in chunks.load(target, "c.file = ?", (file,))
        for entry in chunk.entries
    }


def _identity(entry: UsageEntry) -> tuple[int, int, int]:
    return entry.answer, entry.request, entry.offset
