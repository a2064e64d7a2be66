"""Settles a team's answers by partition, wherever that is done: here, on threads or in a cluster.

Batches of segments are read, each divided into the same partitions; each partition is settled; then
the sums of some partitions are added at a time until one file is left. Everything that is passed on
is the bytes of a Parquet file, so that each step can be on another machine.
"""

from __future__ import annotations

import socket
from itertools import accumulate
from operator import getitem
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.errors import UsageError
from spendlight.metering.sums import NAMES
from spendlight.team.checking import CUT, USUAL, distrusting, most_seconds
from spendlight.team.engine import connect, duckdb, insert_rows, limited
from spendlight.team.intake import (
    Endurance,
    checked,
    fetch,
    segments_in,
    unreadable_in,
)
from spendlight.team.listing import Listed, Listing, Unreadable
from spendlight.team.machine_names import MachineRow, machine_files, read_machines
from spendlight.team.segments import COLUMNS, DAYS_SUFFIX
from spendlight.team.settling import added, partitions, summed, which_of
from spendlight.team.shared_folder import SharedFolder
from spendlight.team.tables import SESSION, TABLES, VARIANT, add_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spendlight.team.cache import NewSegment, TeamCache
    from spendlight.team.engine import Connection
    from spendlight.team.workers import Workers

BATCH_BYTES: Final = 32 << 20
"""The most bytes of segments that are read at once, unless one is larger."""

LEAST_BATCH_BYTES: Final = 256 << 10
PARTITION_BYTES: Final = 64 << 20
"""The bytes of segments for which there is a partition: about a million copies."""

MERGED_AT_ONCE: Final = 4
MACHINES_AT_ONCE: Final = 50

_KEYS: Final = f"{SESSION}, {VARIANT}, quarter, price_class"


class Gathered(NamedTuple):
    """What was found in a team's folder.

    Attributes:
        segments: How many there are.
        unreadable: Those that cannot be read.
    """

    segments: int
    unreadable: tuple[Unreadable, ...]


class BatchNotes(NamedTuple):
    """What was found in a batch of segments.

    Attributes:
        unreadable: Those that cannot be read.
        models: The models in the others, as logged.
        problem: Why none can be read, or "".
    """

    unreadable: list[Unreadable]
    models: list[str]
    problem: str = ""


class WorkerFolderError(UsageError):
    """The team's folder cannot be used from where a function was called."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"A worker cannot read the team's files: {problem}",
            "Each worker must be able to use the same URL; a folder must be mounted at the same "
            "path everywhere.",
        )


def gather(
    shared: SharedFolder,
    workers: Workers,
    cache: TeamCache,
    thresholds_of: Callable[[set[str]], Iterable[int]],
) -> Gathered:
    """Compute a team's sums from all segments in its folder.

    Args:
        shared: The folder.
        workers: What computes them.
        cache: An empty one, which gets the sums and the names of machines, and no copies.
        thresholds_of: Returns the context sizes at which the price of any of some models changes.

    Raises:
        SharedFolderError: If the folder cannot be used.
        WorkerFolderError: If a worker cannot use it.
        UsageError: If the workers fail.
    """
    shared.demand_team()
    listing = shared.list(without=DAYS_SUFFIX)
    segments = [listed for _, listed in segments_in(listing)]
    machines = _parts(machine_files(listing.files), MACHINES_AT_ONCE)
    named = workers.map(read_names, [shared.url] * len(machines), machines)
    unreadable = _gather_sums(shared.url, segments, workers, cache, thresholds_of)
    unreadable += unreadable_in(listing)
    for rows, faults in workers.collect(named):
        cache.note_machines(rows)
        unreadable += faults
    return Gathered(len(segments), tuple(sorted(unreadable)))


def _gather_sums(
    url: str,
    segments: Sequence[Listed],
    workers: Workers,
    cache: TeamCache,
    thresholds_of: Callable[[set[str]], Iterable[int]],
) -> list[Unreadable]:
    if not segments:
        return []
    batches = _batches(segments, workers.count)
    size = sum(one.size for one in segments)
    count = max(workers.count, -(-size // PARTITION_BYTES))
    alike = [[value] * len(batches) for value in (url, count, workers.threads)]
    firsts = list(accumulate(map(len, batches), initial=1))[:-1]
    read = workers.map(read_batch, batches, firsts, *alike)
    notes: list[BatchNotes] = workers.collect(workers.map(getitem, read, [count] * len(read)))
    for note in notes:
        if note.problem:
            raise WorkerFolderError(note.problem)
    thresholds = sorted(thresholds_of({model for note in notes for model in note.models}))
    blocks = [workers.map(getitem, read, [number] * len(read)) for number in range(count)]
    sums = workers.map(settle, blocks, [thresholds] * count, [workers.threads] * count)
    while len(sums) > 1:
        groups = _parts(sums, MERGED_AT_ONCE)
        sums = workers.map(merge, groups, [workers.threads] * len(groups))
    (whole,) = workers.collect(sums)
    with TemporaryDirectory(prefix="spendlight-team-") as folder:
        cache.load_sums(_stored([whole], Path(folder))[0], thresholds)
    return [one for note in notes for one in note.unreadable]


def read_names(url: str, files: Sequence[Listed]) -> tuple[list[MachineRow], list[Unreadable]]:
    """Return what machines are called, and which files cannot be read."""
    shared = SharedFolder(url)
    return read_machines(files, shared, Endurance(shared))


def read_batch(
    batch: Sequence[Listed], first: int, url: str, count: int, threads: int | None = None
) -> tuple[bytes | BatchNotes, ...]:
    """Read and check segments; return the records of each partition, and then the notes.

    Args:
        batch: The segments.
        first: The number of the first one among all.
        url: The team's folder.
        count: How many partitions there are.
        threads: How many threads to use.
    """
    try:
        return _read_batch(batch, first, url, count, threads)
    except UsageError as error:
        notes = BatchNotes([], [], f"{socket.gethostname()}: {error.title}")
        return (*[b""] * count, notes)


def _read_batch(
    batch: Sequence[Listed], first: int, url: str, count: int, threads: int | None
) -> tuple[bytes | BatchNotes, ...]:
    shared = SharedFolder(url)
    shared.demand_team()
    wanted = segments_in(Listing(list(batch), []))
    with TemporaryDirectory(prefix="spendlight-team-") as folder, _database(folder, threads) as db:
        fetched = fetch(wanted, shared, Path(folder), Endurance(shared))
        if fetched.error is not None:
            raise fetched.error
        numbers = {one.path: number for number, one in enumerate(batch, first)}
        found, faults = checked(fetched.found, db, values=False)
        if not _read_usual(found, numbers, db):
            found, faults = checked(fetched.found, db)
            faults |= _read(found, numbers, db)
        faults |= fetched.faults
        known = {one.name.path for one in found} | faults.keys()
        absent = f"it was not found on {socket.gethostname()}"
        faults |= {one.path: absent for one in batch if one.path not in known}
        unreadable = [Unreadable(*fault) for fault in faults.items()]
        if len(faults) == len(batch):
            return (*[b""] * count, BatchNotes(unreadable, []))
        models = db.execute("SELECT DISTINCT model FROM records WHERE NOT is_withdrawn").fetchall()
        blocks = [
            _written(db, f"SELECT * FROM records c WHERE {which_of(one)}", folder)
            for one in partitions(count)
        ]
        return (*blocks, BatchNotes(unreadable, [model for (model,) in models]))


def _read_usual(
    found: Sequence[NewSegment], numbers: Mapping[str, int], connection: Connection
) -> bool:
    """Make the table ``records`` and look at the values; return whether all are usual."""
    errors = duckdb()
    try:
        size = sum(one.size for one in found)
        with distrusting(connection), limited(connection, most_seconds(size)):
            _make_records(found, numbers, connection, USUAL)
    except (errors.BinderException, errors.CatalogException, errors.ParserException):
        raise  # a mistake of ours
    except (errors.Error, UnicodeDecodeError):
        return False
    return True


def _read(
    found: Sequence[NewSegment], numbers: Mapping[str, int], connection: Connection
) -> dict[str, str]:
    """Make the table ``records``; return which segments turn out to be damaged."""
    errors = duckdb()
    faults: dict[str, str] = {}
    good = list(found)
    while True:
        try:
            _make_records(good, numbers, connection, "TRUE")
        except (errors.BinderException, errors.CatalogException, errors.ParserException):
            raise  # a mistake of ours
        except (errors.Error, UnicodeDecodeError):
            bad = [one for one in good if not _is_readable(one.file, connection)] or good
            faults |= {one.name.path: CUT for one in bad}
            good = [one for one in good if one not in bad]
        else:
            return faults


def _make_records(
    found: Sequence[NewSegment], numbers: Mapping[str, int], connection: Connection, which: str
) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE files"
        " (found_at INTEGER, number INTEGER, machine VARCHAR, sequence BIGINT)"
    )
    rows = [
        (at, numbers[one.name.path], one.name.machine, one.name.sequence)
        for at, one in enumerate(found)
    ]
    insert_rows(connection, "files", rows)
    columns = ", ".join(f'p."{name}"' for name in COLUMNS)
    selected = f"SELECT f.number, f.machine, f.sequence, {columns}"
    if found:
        source = f"(SELECT *, file_index::INTEGER AS found_at FROM read_parquet(?) WHERE {which}) p"
        parameters = [[str(one.file) for one in found]]
    else:
        nothing = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS.items())
        source, parameters = f"(SELECT {nothing}, 0 AS found_at LIMIT 0) p", []
    selected += f" FROM {source} JOIN files f USING (found_at)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE records AS {selected}", parameters)


def _is_readable(file: Path, connection: Connection) -> bool:
    errors = duckdb()
    try:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE tried AS FROM read_parquet(?)", [str(file)]
        )
    except (errors.Error, UnicodeDecodeError):
        return False
    return True


def settle(
    blocks: Sequence[bytes], context_thresholds: Sequence[int], threads: int | None = None
) -> bytes:
    """Choose the best copy of each answer in a partition; return the sums of those that count.

    Args:
        blocks: The partition's records: those of each batch.
        context_thresholds: Context sizes at which any price changes.
        threads: How many threads to use.
    """
    with TemporaryDirectory(prefix="spendlight-team-") as folder, _database(folder, threads) as db:
        db.execute(TABLES)
        files = _stored(blocks, Path(folder))
        if files:
            db.execute(f"CREATE TEMP VIEW records AS FROM {_contents(files)}")
            db.execute(
                "INSERT INTO segments (id, machine, sequence)"
                " SELECT DISTINCT number, machine, sequence FROM records"
            )
            add_records(db, "records")
            db.execute(f"INSERT INTO sums {summed('TRUE', context_thresholds)}")
        values = ", ".join(f"t.{name}" for name in NAMES)
        return _written(
            db,
            f"SELECT {_KEYS}, {values} FROM (SELECT session AS in_session, * EXCLUDE (session)"
            " FROM sums) t JOIN sessions s ON s.id = t.in_session"
            " JOIN variants v ON v.id = t.variant",
            folder,
        )


def merge(parts: Sequence[bytes], threads: int | None = None) -> bytes:
    """Add the sums of several partitions."""
    with TemporaryDirectory(prefix="spendlight-team-") as folder, _database(folder, threads) as db:
        found = _contents(_stored(parts, Path(folder)))
        return _written(db, f"SELECT {_KEYS}, {added('s')} FROM {found} s GROUP BY {_KEYS}", folder)


def _database(folder: str, threads: int | None) -> Connection:
    """Return a database in memory, which puts into a folder what does not fit."""
    connection = connect(threads=threads)
    connection.execute(f"SET temp_directory = '{_quoted(Path(folder, 'spilled'))}'")
    return connection


def _written(connection: Connection, statement: str, folder: str) -> bytes:
    """Return a Parquet file with the result of a statement."""
    file = Path(folder, "written")
    connection.execute(
        f"COPY ({statement}) TO '{_quoted(file)}'"
        " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    return file.read_bytes()


def _stored(parts: Sequence[bytes], folder: Path) -> list[Path]:
    """Write what is not empty into files."""
    files = []
    for number, part in enumerate(parts):
        if part:
            files.append(folder / f"part-{number}")
            files[-1].write_bytes(part)
    return files


def _contents(files: Iterable[Path]) -> str:
    """Return SQL that reads files."""
    names = ", ".join(f"'{_quoted(file)}'" for file in files)
    return f"read_parquet([{names}])"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _batches(segments: Iterable[Listed], count: int) -> list[list[Listed]]:
    """Return segments in batches of about the same size, enough of them for all workers."""
    segments = list(segments)
    size = sum(one.size for one in segments)
    most = max(LEAST_BATCH_BYTES, min(BATCH_BYTES, size // (2 * count)))
    batches: list[list[Listed]] = [[]]
    filled = 0
    for one in segments:
        if batches[-1] and filled + one.size > most:
            batches.append([])
            filled = 0
        batches[-1].append(one)
        filled += one.size
    return batches


def _parts(items: Sequence[Any], most: int) -> list[list[Any]]:
    return [list(items[start : start + most]) for start in range(0, len(items), most)]
