"""Verifies a ledger by its contents: that nothing in it was damaged after it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.ledger import answer_index, chunks, name_repairs
from spendlight.ledger.schema import SIGNED_ROWS, WITH_OWN_SIGNATURE
from spendlight.ledger.signing import sign, sign_row
from spendlight.ledger.sums.packing import pack_sums, unpack_sums
from spendlight.ledger.sums.session_days import SIGNING_KEY
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.packed import variants_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_ROOTS_BEFORE_AGENTS: Final = "id, folder, machine, parent"
"""What was signed of a data folder before its agent was stored."""

Key = int | str
Fields = tuple[float | str | bytes | None, ...]

_CHUNK: Final = (
    "SELECT c.id, c.file, c.first_ms, c.last_ms, c.columns, c.shadows, a.answers, c.signature,"
    " a.signature FROM chunks c LEFT JOIN chunk_answers a ON a.chunk = c.id"
)
_PACKED: Final = {
    "day_sums": ("day", "sums"),
    "block_sums": ("first_hour", "sums"),
    "session_sums": ("session", "sums, slots"),
    "session_day_sums": (SIGNING_KEY, "sums"),
}
"""Tables of packed sums, the signing key of each and what is signed."""


class ChunkRow(NamedTuple):
    """A chunk as it is in the ledger, sound or not; a damaged field may hold anything."""

    number: int
    file: Any
    first_ms: Any
    last_ms: Any
    columns: Any
    shadows: Any
    answers: Any
    signature: Any
    answers_signature: Any

    @property
    def is_signed(self) -> bool:
        """Whether it is undamaged."""
        return bool(self.made_signature() == self.signature and self.has_signed_answers)

    @property
    def has_signed_answers(self) -> bool:
        """Whether its list of answers is undamaged."""
        try:
            return bool(sign(self.answers, self.number) == self.answers_signature)
        except TypeError:
            return False

    def made_signature(self) -> int | None:
        """Return the signature it should have, or None if this is not a chunk."""
        try:
            return chunks.signature_of(*self[1:7])
        except chunks.NO_CHUNK:
            return None


class Faults(NamedTuple):
    """What is damaged.

    Attributes:
        chunks: The numbers of chunks.
        rows: Rows of other tables, each as the table and its key; also missing ones.
    """

    chunks: list[int]
    rows: list[tuple[str, Key]]


def faults_in(connection: sqlite3.Connection) -> Faults:
    """Return what is damaged in a ledger of the current schema.

    Sums are not checked: they can be rebuilt.

    Raises:
        sqlite3.Error: If it cannot be read.
    """
    return Faults(
        [row.number for row in chunk_rows(connection) if not row.is_signed],
        list(_faulty_rows(connection)),
    )


def fault_in(connection: sqlite3.Connection) -> str:
    """Return in words what is damaged, sums included, or "" if nothing is."""
    found = faults_in(connection)
    if found.chunks:
        return f"chunk {found.chunks[0]} was damaged after it was written"
    if found.rows:
        return "row {1} of {0} was damaged after it was written".format(*found.rows[0])
    for table, number in missing_rows(connection):
        return f"row {number} of {table} is missing"
    for number in chunks_gone(connection):
        return f"chunk {number} is missing"
    for table, (key, columns) in _PACKED.items():
        rows = connection.execute(f"SELECT {key}, signature, {columns} FROM {table}")  # noqa: S608  # our own names
        for number, signature, *values in rows:
            is_packed = all(isinstance(value, bytes) for value in values)
            if not is_packed or sign(b"".join(values), number) != signature:
                return f"row {number} of {table} was damaged after it was written"
    return answer_index.fault_in(connection) or name_repairs.fault_in(connection)


def chunks_gone(connection: sqlite3.Connection) -> list[int]:
    """Return the numbers of chunks of which nothing is left but which answers they held."""
    statement = "SELECT chunk FROM chunk_answers WHERE chunk NOT IN (SELECT id FROM chunks)"
    return [number for (number,) in connection.execute(statement)]


def missing_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield missing rows that others refer to, even if nothing says that they ever existed."""
    files: set[int] = set()
    variants: set[int] = set()
    for row in chunk_rows(connection):
        if row.is_signed:
            files.add(row.file)
            variants.update(variants_in(row.answers, row.columns))
    for table, needed in (
        ("files", files),
        ("variants", variants),
        ("sessions", _numbers(connection, "files", "session")),
        ("roots", _numbers(connection, "files", "root")),
        ("roots", _numbers(connection, "sessions", "root")),
    ):
        for number in sorted(needed - _numbers(connection, table)):
            yield table, number


def chunk_rows(
    connection: sqlite3.Connection, condition: str = "1", *parameters: object
) -> Iterator[ChunkRow]:
    """Yield chunks, sound or not; a chunk is ``c`` in the condition."""
    rows = connection.execute(
        f"{_CHUNK} WHERE {condition} ORDER BY c.id", parameters
    )  # our own conditions
    return map(ChunkRow._make, rows)


def signed_row(connection: sqlite3.Connection, table: str, key: Key) -> Fields | None:
    """Return a row of a table, or None if it is missing or damaged.

    The ledger may be of the previous schema, as backups are for some time.
    """
    columns = SIGNED_ROWS[table]
    added: tuple[str, ...] = ()
    if table == "roots" and not _has_column(connection, "roots", "agent"):
        columns, added = _ROOTS_BEFORE_AGENTS, (CLAUDE_CODE,)
    name = columns.partition(",")[0]
    row: Fields | None = connection.execute(
        f"SELECT {columns} FROM {table} WHERE {name} = ?",  # noqa: S608  # our own names
        (key,),
    ).fetchone()
    if row is None or sign_row(*row) != signature_of(connection, table, key):
        return None
    return (*row, *added)


def signature_of(connection: sqlite3.Connection, table: str, key: Key) -> int | None:
    """Return the signature of a row, as it is stored; None if there is none.

    The ledger may be of an earlier schema.
    """
    if _has_own_signature(connection, table):
        statement = f"SELECT signature FROM {table} WHERE id = :key"  # noqa: S608  # our own names
    else:
        statement = "SELECT signature FROM signatures WHERE of = :table AND key = :key"
    row = connection.execute(statement, {"table": table, "key": key}).fetchone()
    return None if row is None else row[0]


def _has_own_signature(connection: sqlite3.Connection, table: str) -> bool:
    return table in WITH_OWN_SIGNATURE and _has_column(connection, table, "signature")


def _has_column(connection: sqlite3.Connection, table: str, column: str) -> bool:
    statement = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
    return connection.execute(statement, (table, column)).fetchone() is not None


def sign_again(connection: sqlite3.Connection, table: str, key: Key | None = None) -> None:
    """Sign a row as it is, or all rows of a table. Within a transaction."""
    columns = SIGNED_ROWS[table]
    name = columns.partition(",")[0]
    condition = "1" if key is None else f"{name} = :key"
    if _has_own_signature(connection, table):
        statement = f"UPDATE {table} SET signature = sign_row({columns}) WHERE {condition}"  # noqa: S608  # our own names
    else:
        statement = (
            f"INSERT OR REPLACE INTO signatures SELECT '{table}', {name}, sign_row({columns})"  # noqa: S608  # our own names
            f" FROM {table} WHERE {condition}"
        )
    connection.execute(statement, {"key": key})


def sign_all(connection: sqlite3.Connection) -> None:
    """Sign everything that was written before there were signatures. Within a transaction.

    What cannot have been written by us is not signed, and so is found to be damaged.
    """
    variants = _numbers(connection, "variants")
    known_shadows = _numbers(connection, "shadows")
    files = _numbers(connection, "files")
    rows = connection.execute("SELECT c.id FROM chunks c").fetchall()
    for (number,) in rows:
        row = next(chunk_rows(connection, "c.id = ?", number))
        if row.file in files and _is_plausible(row, variants, known_shadows):
            connection.execute(
                "UPDATE chunks SET signature = ? WHERE id = ?", (row.made_signature(), number)
            )
            connection.execute(
                "UPDATE chunk_answers SET signature = ? WHERE chunk = ?",
                (sign(row.answers, number), number),
            )
    for table in SIGNED_ROWS:
        sign_again(connection, table)
    for table, key in (("day_sums", "day"), ("block_sums", "first_hour")):  # the rest is recomputed
        for number, sums in connection.execute(
            f"SELECT {key}, sums FROM {table}"  # noqa: S608  # our own names
        ).fetchall():
            _, columns_of = unpack_sums([sums])
            if pack_sums(zip(*columns_of, strict=True)) == sums:
                connection.execute(
                    f"UPDATE {table} SET signature = ? WHERE {key} = ? AND sums = ?",  # noqa: S608  # our own names
                    (sign(sums, number), number, sums),
                )


def sign_roots_again(connection: sqlite3.Connection) -> None:
    """Sign data folders again, now that their agent is stored. Within a transaction.

    A damaged one is not signed, and so is found to be damaged.
    """
    for row in connection.execute(f"SELECT {SIGNED_ROWS['roots']} FROM roots").fetchall():  # noqa: S608  # ours
        before = sign_row(*row[: _ROOTS_BEFORE_AGENTS.count(",") + 1])
        connection.execute(
            "UPDATE signatures SET signature = ? WHERE of = 'roots' AND key = ? AND signature = ?",
            (sign_row(*row), row[0], before),
        )


def is_plausible(connection: sqlite3.Connection, row: ChunkRow) -> bool:
    """Return whether a chunk without a signature may be undamaged."""
    return _is_plausible(row, _numbers(connection, "variants"), _numbers(connection, "shadows"))


def _is_plausible(row: ChunkRow, variants: set[int], known_shadows: set[int]) -> bool:
    try:
        chunk = chunks.unpacked(row.number, row.file, 0, row.answers, row.columns, row.shadows)
    except chunks.NO_CHUNK:
        return False
    moments = [entry.at_ms for entry in chunk.entries]
    return (
        bool(moments)
        and len(chunk.shadows) == len(moments)
        and (min(moments), max(moments)) == (row.first_ms, row.last_ms)
        and all(entry.variant in variants for entry in chunk.entries)
        and known_shadows.issuperset(chunk.shadows)
    )


def _numbers(connection: sqlite3.Connection, table: str, column: str = "id") -> set[int]:
    return {row[0] for row in connection.execute(f"SELECT {column} FROM {table}")}  # noqa: S608  # our own names


def _faulty_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, Key]]:
    known: dict[tuple[str, Key], int] = {
        (table, key): signature
        for table, key, signature in connection.execute("SELECT of, key, signature FROM signatures")
    }
    for table, columns in SIGNED_ROWS.items():
        stored = "signature" if table in WITH_OWN_SIGNATURE else "NULL"
        for *row, signature in connection.execute(f"SELECT {columns}, {stored} FROM {table}"):  # noqa: S608  # our own names
            if sign_row(*row) != (
                known.pop((table, row[0]), None) if signature is None else signature
            ):
                yield table, row[0]
    yield from known
