"""Exports the ledger for other machines: every copy of an answer with everything known about it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.attributions import Names
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.machines import log_path, roots
from spendlight.ledger.opening import connect
from spendlight.metering.entry import ModelVariant, Role, SessionName
from spendlight.metering.packed import WORD_BYTES, hashes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from spendlight.ledger.machines import Root, Scope
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.periods import Span


class SharedCopy(NamedTuple):
    """A copy of an answer, with everything that another ledger must know about it.

    Attributes:
        path: Its log, by its name on the machine it is on.
        is_counted: Whether reports count this copy of the answer.
    """

    root: Root
    path: str
    session: SessionName
    variant: ModelVariant
    entry: UsageEntry
    is_counted: bool


class NamedCopy(NamedTuple):
    """A copy of an answer, and where the names are to which it refers.

    Attributes:
        number: The log's number.
        names: What the entry refers to by number, and what is known of names.
    """

    copy: SharedCopy
    number: int
    names: Names


class Holding(NamedTuple):
    """What the ledger holds of a root.

    Attributes:
        last_ms: The last answer's moment in Unix milliseconds.
    """

    answers: int
    last_ms: int


def shared_copies(
    path: Path, scope: Scope, span: Span, *, project: str | None = None
) -> Iterator[NamedCopy]:
    """Yield every copy in a consistent snapshot of a ledger, log by log.

    Args:
        path: The ledger.
        scope: Which roots, and which copies count.
        span: When.
        project: Only this project.

    Raises:
        LedgerError: If it cannot be read.
    """
    with translated_errors(path), closing(connect(path)) as connection:
        connection.execute("BEGIN")
        root_of = {root.number: root for root in roots(connection)}
        files = {
            number: (root_of[root], log_path(name, root_of[root].key), SessionName(*session))
            for number, root, name, *session in connection.execute(
                "SELECT f.id, f.root, f.path, s.project, s.project_path, s.session FROM files f"
                " JOIN sessions s ON s.id = f.session"
            )
        }
        variants = variants_in(connection)
        names = Names(connection)
        where = "c.last_ms >= ? AND c.first_ms < ?"
        if scope.roots is not None:
            where += f" AND f.root IN ({','.join(map(str, scope.roots))})"
        for chunk in chunks.load(connection, where, (span.start_ms, span.end_ms)):
            root, name, session = files[chunk.file]
            if project is not None and session.project != project:
                continue
            for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True):
                if span.start_ms <= entry.at_ms < span.end_ms:
                    variant = variants[entry.variant]
                    is_counted = shadow in scope.shadows
                    copy = SharedCopy(root, name, session, variant, entry, is_counted)
                    yield NamedCopy(copy, chunk.file, names)


def variants_in(connection: sqlite3.Connection) -> dict[int, ModelVariant]:
    """Return the models that entries refer to by number."""
    return {
        number: ModelVariant(name, bool(is_fast), geo, Role(role))
        for number, name, is_fast, geo, role in connection.execute(
            "SELECT id, name, is_fast, geo, role FROM variants"
        )
    }


def holdings(path: Path) -> dict[int, Holding]:
    """Return what a ledger holds of each root that has answers, by the root's number.

    Raises:
        LedgerError: If it cannot be read.
    """
    with translated_errors(path), closing(connect(path)) as connection:
        rows = connection.execute(
            "SELECT f.root, SUM(LENGTH(a.answers)), MAX(c.last_ms) FROM chunks c"
            " JOIN files f ON f.id = c.file JOIN chunk_answers a ON a.chunk = c.id GROUP BY f.root"
        ).fetchall()
    return {root: Holding(size // WORD_BYTES, last_ms) for root, size, last_ms in rows}


def answers_only_in(path: Path, roots: Collection[int]) -> dict[int, int]:
    """Return how many answers a ledger holds in some roots and in no other, if there are any.

    Args:
        path: The ledger.
        roots: Their numbers. An answer in several of them counts in each.

    Raises:
        LedgerError: If it cannot be read.
    """
    numbers = ",".join(map(str, roots))
    of_roots = "SELECT f.root, a.answers FROM files f JOIN chunks c ON c.file = f.id"
    of_roots += f" JOIN chunk_answers a ON a.chunk = c.id WHERE f.root {{}} ({numbers})"
    with translated_errors(path), closing(connect(path)) as connection:
        found: dict[int, set[int]] = {}
        for root, answers in connection.execute(of_roots.format("IN")):
            found.setdefault(root, set()).update(hashes(answers))
        if found:
            for _, answers in connection.execute(of_roots.format("NOT IN")):
                others = hashes(answers)
                for held in found.values():
                    held.difference_update(others)
    return {root: len(held) for root, held in found.items() if held}
