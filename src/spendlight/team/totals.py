"""Answers from the cache's sums: which usage, by what it is grouped, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.metering.entry import ModelVariant, Role, SessionName
from spendlight.metering.sums import UsageSlice
from spendlight.team.day_sums import day_in
from spendlight.team.engine import insert_rows
from spendlight.team.settling import QUARTER_MS, added

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from spendlight.metering.periods import Span
    from spendlight.team.cache import TeamCache

MACHINE: Final = "machine"
PERSON: Final = "person"
PROJECT: Final = "project"
SESSION: Final = "session"
MODEL: Final = "model"

_KEY_LETTERS: Final = 4
VARIANT: Final = ("model", "is_fast", "geo", "role")
"""What identifies a variant."""

OWNERS: Final = "JOIN owners o ON o.key = n.machine AND o.vm = n.vm"
"""The SQL that joins the names of machines, as ``o``, to sessions, ``n``."""


_MOST_OFFSETS: Final = 1 << 63
"""First offsets in sessions are below this."""


class TeamMachine(NamedTuple):
    """A machine of a team, or a virtual machine on one.

    Attributes:
        key: The machine's key.
        label: Its name in reports; no other one has it.
        person: Whose it is.
        answers: How many of its answers count.
        last_ms: When the last of them was given, in Unix milliseconds; None without any.
    """

    key: str
    label: str
    person: str
    answers: int
    last_ms: int | None


class TeamPiece(NamedTuple):
    """A slice of a team's usage.

    Attributes:
        label: The machine or the person, if slices are by that.
    """

    label: str
    slice: UsageSlice


class TeamFilter(NamedTuple):
    """Which usage.

    Attributes:
        spans: When, each with its offset from UTC; they follow one another without a gap.
        project: Only this project.
        machines: Only these machines, by label.
        steps: When prices change, in Unix milliseconds; slices on different sides of one are
            separate.
        ever: All time with usage, likewise, if *spans* are whole days of it.
    """

    spans: Sequence[Span]
    project: str | None = None
    machines: Collection[str] = ()
    steps: Sequence[int] = ()
    ever: Sequence[Span] = ()


class TeamTotals:
    """Reads sums from a cache.

    Args:
        cache: The cache; its context thresholds are those of the prices in force.

    Attributes:
        db: The database with the sums, and with the table ``owners`` of machines' names.
        passed: The context size that usage of each price class has passed.
    """

    def __init__(self, cache: TeamCache) -> None:
        self.db = cache.db
        self.passed = (0, *cache.context_thresholds)
        self._extent: tuple[int, int] | None = None
        self._name_machines()

    def extent(self) -> tuple[int, int] | None:
        """Return the moments of the first and the last answer, or None if there is none."""
        if self._extent is None:
            found = self.db.execute("SELECT MIN(first_ms), MAX(last_ms) FROM sums").fetchone()
            self._extent = None if found[0] is None else found
        return self._extent

    def models(self) -> set[str]:
        """Return the models that have been used, as logged."""
        rows = self.db.execute("SELECT DISTINCT model FROM variants").fetchall()
        return {name for (name,) in rows}

    def labels(self, of: str) -> list[str]:
        """Return the labels of machines or persons, in alphabetical order."""
        rows = self.db.execute(f"SELECT DISTINCT {of} FROM owners").fetchall()
        return sorted((row[0] for row in rows), key=str.casefold)

    def keys_and_labels(self) -> list[tuple[str, str, str]]:
        """Return the key and the label of each machine, and whose it is.

        Virtual machines have their host's key.
        """
        rows = self.db.execute("SELECT DISTINCT key, machine, person FROM owners").fetchall()
        return [(key, label, person) for key, label, person in rows]

    def machines(self) -> list[TeamMachine]:
        """Return all machines, in the order of their labels."""
        rows = self.db.execute(
            "SELECT o.key, o.machine, o.person, COALESCE(SUM(s.answers), 0)::BIGINT,"
            " MAX(s.last_ms) FROM owners o"
            " LEFT JOIN sessions n ON o.key = n.machine AND o.vm = n.vm"
            " LEFT JOIN sums s ON n.id = s.session GROUP BY ALL"
        ).fetchall()
        return sorted((TeamMachine(*row) for row in rows), key=lambda one: one.label.casefold())

    def count(self, which: TeamFilter) -> int:
        """Return of how many sums some usage is made, without regard to where days begin."""
        if not which.spans:
            return 0
        condition, parameters = where(which)
        (count,) = self.db.execute(
            f"SELECT COUNT(*) FROM sums s WHERE {condition}", parameters
        ).fetchone()
        return int(count)

    def pieces(
        self, which: TeamFilter, *, by: Collection[str] = (), by_day: bool = False
    ) -> list[TeamPiece]:
        """Return sums by model and price class, in the order of a ledger's.

        That is the order of logs: those of sessions by the session's log, day by day, others day
        by day.

        Args:
            which: Which usage.
            by: What else separates them: `MACHINE` or `PERSON`, and `SESSION`.
            by_day: Separate local days; the slices' group is the day's number since 1970-01-01.
        """
        if not which.spans:
            return []
        label = next((one for one in (MACHINE, PERSON) if one in by), None)
        is_by_session = SESSION in by
        keys = [
            "s.day",
            f"o.{label}" if label else "''",
            *(("n.project", "n.project_path", "n.session") if is_by_session else ("''",) * 3),
            *(f"v.{one}" for one in VARIANT),
            "s.price_class",
        ]
        grouped = [str(at) for at in range(1, len(keys) + 1)]
        if is_by_session:
            grouped.append("s.session")
        if which.steps:
            grouped.append("s.period")
        day = day_in(which.spans) if by_day else "0"
        condition, parameters = where(which)
        self._number_logs()
        rows = self.db.execute(
            f"WITH s AS (SELECT {day} AS day, session, variant, price_class,"
            f"{period_of(which.steps)} {added('s')} FROM sums s WHERE {condition} GROUP BY ALL)"
            f" SELECT {', '.join(keys)}, {added('s')},"
            f" MIN(p.log::HUGEINT * {_MOST_OFFSETS} + s.first_offset) FROM s"
            " JOIN log_order p USING (session) JOIN sessions n ON n.id = s.session"
            f" JOIN variants v ON v.id = s.variant {OWNERS if label else ''}"
            f" GROUP BY {', '.join(grouped)} HAVING SUM(s.answers) > 0",
            parameters,
        ).fetchall()
        found = [(row[-1], self._piece(row[:-1])) for row in rows]
        found.sort(key=_in_order_of_sessions if is_by_session else _in_order_of_days)
        return [piece for _, piece in found]

    def session_counts(
        self, which: TeamFilter, of: Sequence[str], model_label: Callable[[ModelVariant], str]
    ) -> dict[tuple[str, ...], int]:
        """Return in how many sessions each project, model, machine or person was used.

        Args:
            which: Which usage.
            of: By what: `PROJECT`, `MODEL`, `MACHINE` or `PERSON`, or several of them.
            model_label: Returns the name of a model in reports.
        """
        if not which.spans:
            return {}
        columns = [{PROJECT: "n.project", MODEL: "b.label"}.get(one, f"o.{one}") for one in of]
        variants = self.db.execute(f"SELECT id, {', '.join(VARIANT)} FROM variants").fetchall()
        self.db.execute("CREATE OR REPLACE TEMP TABLE model_labels (id INTEGER, label VARCHAR)")
        labels = [
            (number, model_label(ModelVariant(name, is_fast, geo, Role(role))))
            for number, name, is_fast, geo, role in variants
        ]
        insert_rows(self.db, "model_labels", labels)
        condition, parameters = where(which)
        rows = self.db.execute(
            f"WITH s AS (SELECT DISTINCT session, variant FROM sums s WHERE {condition})"
            f" SELECT COUNT(DISTINCT s.session), {', '.join(columns)} FROM s"
            " JOIN sessions n ON n.id = s.session JOIN model_labels b ON b.id = s.variant"
            f" {OWNERS} GROUP BY ALL",
            parameters,
        ).fetchall()
        return {tuple(names): count for count, *names in rows}

    def _piece(self, row: Sequence[Any]) -> TeamPiece:
        day, label, project, project_path, session, model, is_fast, geo, role, price_class = row[
            :10
        ]
        variant = ModelVariant(model, is_fast, geo, Role(role))
        passed, is_recorded = divmod(price_class, 2)
        name = SessionName(project, project_path, session)
        threshold = self.passed[passed]
        return TeamPiece(
            label, UsageSlice(day, name, variant, threshold, bool(is_recorded), *row[10:])
        )

    def _number_logs(self) -> None:
        """Make the table of the order of sessions' logs, see `ledger.sums.slicing.log_path`."""
        self.db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS log_order AS SELECT id AS session, DENSE_RANK()"
            " OVER (ORDER BY project_path || '/' || session || '.jsonl') AS log FROM sessions"
        )

    def _name_machines(self) -> None:
        """Make the table of owners: what each machine is called, and whose it is."""
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE owners AS"
            " WITH named AS (SELECT machine AS key, vm,"
            " COALESCE(NULLIF(s.vm, ''), NULLIF(m.name, ''), machine) AS label,"
            " COALESCE(NULLIF(m.person, ''), 'unknown') AS person FROM"
            " (SELECT machine, vm FROM sessions UNION SELECT machine, '' FROM machines) s"
            " LEFT JOIN machines m USING (machine))"
            " SELECT key, vm, CASE WHEN COUNT(*) OVER (PARTITION BY label) = 1 THEN label"
            f" ELSE label || ' (' || left(key, {_KEY_LETTERS}) || ')' END AS machine, person"
            " FROM named"
        )


def when(which: TeamFilter) -> str:
    """Return the SQL that selects sums by their time."""
    start, end = _floor(which.spans[0].start_ms), _ceil(which.spans[-1].end_ms)
    return f"s.quarter >= {start} AND s.quarter < {end}"


def period_of(steps: Sequence[int]) -> str:
    """Return SQL for the column ``period``: how many steps a quarter is after; "" without any."""
    if not steps:
        return ""
    return f" {' + '.join(f'(s.quarter >= {_ceil(at_ms)})::INTEGER' for at_ms in steps)} AS period,"


def where(which: TeamFilter) -> tuple[str, list[Any]]:
    """Return the SQL that selects sums, before names are joined to them, and its parameters."""
    found = [when(which)]
    parameters: list[Any] = []
    if which.project is not None:
        found.append("s.session IN (SELECT id FROM sessions WHERE project = ?)")
        parameters.append(which.project)
    if which.machines:
        found.append(
            "s.session IN (SELECT n.id FROM sessions n JOIN owners o ON o.key = n.machine"
            " AND o.vm = n.vm WHERE o.machine IN (SELECT UNNEST(?)))"
        )
        parameters.append(list(which.machines))
    return " AND ".join(found), parameters


def _in_order_of_sessions(found: tuple[int, TeamPiece]) -> tuple[object, ...]:
    position, piece = found
    log, offset = divmod(position, _MOST_OFFSETS)
    return log, piece.slice.group, offset, *_kind_of(piece)


def _in_order_of_days(found: tuple[int, TeamPiece]) -> tuple[object, ...]:
    position, piece = found
    return piece.slice.group, position, *_kind_of(piece)


def _kind_of(piece: TeamPiece) -> tuple[object, ...]:
    """Return the order of sums of the same line: an answer, then its advisors."""
    found = piece.slice
    model = found.variant
    names = model.role, model.name, model.is_fast, model.geo
    return *names, found.context_threshold, found.is_recorded, piece.label, found


def _floor(at_ms: int) -> int:
    return at_ms // QUARTER_MS


def _ceil(at_ms: int) -> int:
    return -(-at_ms // QUARTER_MS)
