"""Numbers the names in a cache: of sessions, logs and variants."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Protocol

from spendlight.metering.session_names import SUBAGENTS, order_in_session
from spendlight.team.engine import insert_rows, register
from spendlight.team.ordering import VARIANTS
from spendlight.team.tables import SESSION, VARIANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.team.engine import Connection
    from spendlight.team.indices import Indices
    from spendlight.team.segment_index import LogNames, VariantNames

_MANY: Final = 100
_KINDS: Final[dict[type, str]] = {int: "int64", bool: "bool"}


class SegmentNames(Protocol):
    """The names in a segment, see `segment_index.IndexNames`."""

    @property
    def logs(self) -> Sequence[LogNames]:
        """The names of its logs."""

    @property
    def variants(self) -> Sequence[VariantNames]:
        """Its variants."""


class NameNumbers:
    """The numbers that the names in new segments get.

    Args:
        connection: The database, to which new names are added.
        names: The names in each segment.
        machines: The machine's key of each segment.

    Attributes:
        sessions: The number of the session of each log of each segment.
        logs: The number of each log.
        variants: The number of each variant of each segment.
        first_logs: The position of the first log of each segment.
        first_variants: The same of variants.
    """

    def __init__(
        self, connection: Connection, names: Sequence[SegmentNames], machines: Sequence[str]
    ) -> None:
        self.sessions = _sessions(connection, names, machines)
        self.logs = _logs(connection, names, self.sessions)
        self.variants = _numbers(
            connection, "variants", VARIANT, "TRUE", [], (one for n in names for one in n.variants)
        )
        self.first_logs = _firsts([len(one.logs) for one in names])
        self.first_variants = _firsts([len(one.variants) for one in names])


def add_names(connection: Connection, found: Indices, machines: Sequence[str]) -> None:
    """Add the names in the indices of new segments, and what they mean in each.

    Args:
        connection: The database.
        found: The indices.
        machines: The machine's key of each segment.
    """
    import numpy as np  # large

    from spendlight.team.indices import NAMES

    numbers = NameNumbers(connection, found.names, machines)
    is_counted = found["is_withdrawn"] == 0
    kinds = found.segment[is_counted].astype(np.int64) * NAMES + found.name[is_counted]
    kinds = np.unique(kinds)
    segment, name = np.divmod(kinds, NAMES)
    log, variant = np.divmod(name, VARIANTS)
    at_log = np.array(numbers.first_logs)[segment] + log
    at_variant = np.array(numbers.first_variants)[segment] + variant
    rows = {
        "segment": found.numbers[segment].astype(np.int32),
        "name": name.astype(np.uint64),
        "session": np.array(numbers.sessions, np.int32)[at_log],
        "log": np.array(numbers.logs, np.int32)[at_log],
        "variant": np.array(numbers.variants, np.int32)[at_variant],
    }
    register(connection, "new_names", rows)
    connection.execute(
        "INSERT INTO names SELECT n.segment, n.name, n.session, n.log, n.variant, l.start"
        " FROM new_names n JOIN logs l ON l.id = n.log"
    )
    connection.unregister("new_names")


def _sessions(
    connection: Connection, names: Sequence[SegmentNames], machines: Sequence[str]
) -> list[int]:
    """Return the number of the session of each log of each segment."""
    wanted = (
        (machine, vm, agent, project, project_path, session)
        for one, machine in zip(names, machines, strict=True)
        for vm, agent, _, _, project, project_path, session in one.logs
    )
    which = "machine IN (SELECT UNNEST(?))"
    return _numbers(connection, "sessions", SESSION, which, [sorted(set(machines))], wanted)


def _logs(
    connection: Connection, names: Sequence[SegmentNames], sessions: Sequence[int]
) -> list[int]:
    """Return the number of each log of each segment."""
    paths = ((root, path) for one in names for _, _, root, path, *_ in one.logs)
    wanted = (
        (
            session,
            root,
            path,
            path.removeprefix(root),
            order_in_session(path) if SUBAGENTS in path else 0,
        )
        for session, (root, path) in zip(sessions, paths, strict=True)
    )
    which = "session IN (SELECT UNNEST(?))"
    columns = "session, root, path, path_in_root, start"
    return _numbers(connection, "logs", columns, which, [sorted(set(sessions))], wanted)


def _numbers(  # noqa: PLR0913, PLR0917  # all different
    connection: Connection,
    table: str,
    columns: str,
    which: str,
    parameters: Sequence[object],
    wanted: Iterable[tuple[Any, ...]],
) -> list[int]:
    """Return the numbers of names in a table; new ones get the next ones.

    Args:
        connection: The database.
        table: The table.
        columns: Its columns, without the number.
        which: SQL for the rows that are there already and may be wanted.
        parameters: Of that SQL.
        wanted: The names.
    """
    ((last,),) = connection.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchall()
    known: dict[tuple[Any, ...], int] = {}
    if last:
        rows = connection.execute(f"SELECT id, {columns} FROM {table} WHERE {which}", parameters)
        known = {tuple(names): number for number, *names in rows.fetchall()}
    before = len(known)
    first = last + 1 - before
    numbers = [known.setdefault(names, first + len(known)) for names in wanted]
    new = [(number, *names) for names, number in list(known.items())[before:]]
    _insert(connection, f"{table} (id, {columns})", new)
    return numbers


def _insert(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows that may be many: arrays take a fifth of the time of lists."""
    if len(rows) < _MANY:
        insert_rows(connection, table, rows)
        return
    import numpy as np  # large

    columns: list[np.ndarray[Any, Any]] = [
        np.array(column, _KINDS.get(type(column[0]), "object"))
        for column in zip(*rows, strict=True)
    ]
    register(connection, "new_rows", {f"c{at}": column for at, column in enumerate(columns)})
    connection.execute(f"INSERT INTO {table} SELECT * FROM new_rows")
    connection.unregister("new_rows")


def _firsts(counts: Sequence[int]) -> list[int]:
    return list(accumulate(counts, initial=0))[:-1]
