"""Compares new entries with each other and with their copies in the ledger, all of them packed."""

from __future__ import annotations

from array import array
from itertools import chain, compress
from typing import TYPE_CHECKING, NamedTuple

from spendlight.ledger import packed_chunks
from spendlight.metering.byte_order import to_bytes
from spendlight.metering.packed import shadows_of, tools_of, with_tools
from spendlight.metering.settling import DISPUTED, LOST, Source, rows_of
from spendlight.metering.slices import slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spendlight.ledger.attributions import CalledTools
    from spendlight.ledger.packed_chunks import PackedChunk
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.settling import Called, LostCopy, Settler


class Compared(NamedTuple):
    """What came of it.

    Attributes:
        stored: New entries to be stored, with the numbers of their shadows (four bytes each), if
            any has one.
        disputed: New entries whose answer also has other requests, to be compared one by one.
        lost: Copies that have lost against one in another file.
        changed: The slots in which entries that the ledger held have changed, by their file.
    """

    stored: list[tuple[PackedEntries, bytes | None]]
    disputed: list[UsageEntry]
    lost: list[LostCopy]
    changed: dict[int, set[int]]


class Comparison:
    """Compares within a transaction.

    Args:
        connection: The ledger.
        context_thresholds: Context sizes at which any price changes, ascending.
        settler: Decides.
        file_of: Returns a file's root, its sort key among all files, and its session.
        shadow_of: Returns the number of the shadow of a copy that loses against some roots.
        tools: Unites the tools of copies.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what the recorder knows
        self,
        connection: sqlite3.Connection,
        context_thresholds: Sequence[int],
        settler: Settler,
        file_of: Callable[[int], tuple[int, str, int]],
        shadow_of: Callable[[frozenset[int]], int],
        tools: CalledTools,
    ) -> None:
        self._db = connection
        self._context_thresholds = context_thresholds
        self._settler = settler
        self._file_of = file_of
        self._shadow_of = shadow_of
        self._tools = tools

    def compare(self, found: Sequence[PackedEntries], holders: Iterable[int]) -> Compared:
        """Drop the copies that lose, in the ledger, too, and return the others.

        Args:
            found: New entries.
            holders: The numbers of the chunks that hold copies of their answers.
        """
        held = packed_chunks.load(self._db, holders)
        sources = [self._source(chunk.packed, chunk.shadows, is_held=True) for chunk in held]
        sources += [self._source(packed) for packed in found]
        settled = self._settler.settle(sources)
        shadows: dict[int, dict[int, int]] = {}
        for source, row, roots in settled.beaten:
            shadows.setdefault(source, {})[row] = self._shadow_of(roots)
        compared = Compared([], [], settled.lost, {})
        told = self._tools_of(sources, settled.called)
        for source, tools in told.items():
            packed = with_tools(sources[source].packed, tools)
            sources[source] = sources[source]._replace(packed=packed)
        for index, (chunk, verdicts) in enumerate(zip(held, settled.verdicts, strict=False)):
            renewed = chunk._replace(packed=sources[index].packed)
            beaten = shadows.get(index, {})
            slots = self._renew(renewed, verdicts, beaten, has_changed=index in told)
            if slots:
                compared.changed.setdefault(chunk.packed.file, set()).update(slots)
        for index, (packed, *_) in enumerate(sources[len(held) :], len(held)):
            verdicts, marks = settled.verdicts[index], shadows.get(index)
            if DISPUTED in verdicts:
                compared.disputed.extend(packed.at(rows_of(verdicts, DISPUTED)))
            compared.stored.append(self._rest(packed, verdicts, marks))
        return compared

    def _tools_of(
        self, sources: Sequence[Source], called: Iterable[Called]
    ) -> dict[int, dict[int, int]]:
        """Return the tools, by source and row, of copies that also call those of lost ones."""
        changes: dict[int, dict[int, int]] = {}
        own: dict[int, Sequence[int]] = {}
        for source, row, tools in called:
            if source not in own:
                own[source] = tools_of(sources[source].packed)
            before = changes.get(source, {}).get(row, own[source][row])
            united = self._tools.united(before, tools)
            if united != before:
                changes.setdefault(source, {})[row] = united
        return changes

    def _source(
        self, packed: PackedEntries, shadows: bytes | None = None, *, is_held: bool = False
    ) -> Source:
        root, order, _ = self._file_of(packed.file)
        return Source(packed, root, order, is_held, shadows)

    def _rest(
        self, packed: PackedEntries, verdicts: bytes, shadows: Mapping[int, int] | None
    ) -> tuple[PackedEntries, bytes | None]:
        """Return the new entries that stay, and their shadows."""
        marks = None
        if shadows is not None and any(shadows.values()):
            marks = to_bytes(array("I", [shadows.get(row, 0) for row in range(packed.count)]))
        if marks is not None or any(verdicts):
            packed = self._settler.rest(packed, verdicts, self._context_thresholds, marks)
        return packed, kept_shadows(marks, verdicts)

    def _renew(
        self,
        chunk: PackedChunk,
        verdicts: bytes,
        shadows: Mapping[int, int],
        *,
        has_changed: bool,
    ) -> set[int]:
        """Drop the entries of a chunk that have lost; return the slots whose sums change.

        Args:
            chunk: The chunk as it is to be, but for what is dropped.
            verdicts: One byte for each of its entries.
            shadows: The shadows that entries are to have, by row.
            has_changed: Whether the chunk differs from the one in the ledger already.
        """
        before = [0] * chunk.packed.count if chunk.shadows is None else shadows_of(chunk.shadows)
        changed = [row for row, shadow in shadows.items() if before[row] != shadow]
        if not changed and not has_changed and LOST not in verdicts:
            return set()
        after = array("I", before)
        for row in changed:
            after[row] = shadows[row]
        lost = rows_of(verdicts, LOST)
        lost_only = bytes([verdict == LOST for verdict in verdicts])
        packed = chunk.packed
        if lost:
            packed = self._settler.rest(packed, lost_only, self._context_thresholds)
        marks = kept_shadows(to_bytes(after), lost_only)
        packed_chunks.rewrite(self._db, chunk, packed, marks)
        return {slot_of(entry.at_ms) for entry in chunk.packed.at(chain(changed, lost))}


def kept_shadows(shadows: bytes | None, verdicts: bytes) -> bytes | None:
    """Return the shadows of the entries that stay, or None if none has one."""
    if shadows is None:
        return None
    stays = (not verdict for verdict in verdicts)
    kept = array("I", compress(shadows_of(shadows), stays))
    return to_bytes(kept) if any(kept) else None
