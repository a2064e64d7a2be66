"""Reads the copies of answers on other machines from the cache, for a ledger that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.team.segments import TOKENS
from spendlight.team.totals import MACHINE, TeamTotals

if TYPE_CHECKING:
    from collections.abc import Collection

    from spendlight.team.cache import TeamCache


class ForeignCopy(NamedTuple):
    """A copy of an answer on another machine, as it was published.

    Attributes:
        key: The machine's key.
        limit_reset_ms: In Unix milliseconds, or None.
        offset: Where its line begins in the log, in bytes.
    """

    key: str
    vm: str
    agent: str
    root: str
    path: str
    project: str
    project_path: str
    session: str
    model: str
    is_fast: bool
    geo: str
    role: int
    answer: int
    request: int
    at_ms: int
    offset: int
    is_sidechain: bool
    has_speed: bool
    is_refused: bool
    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    web_searches: int
    recorded_cost: float | None
    limit_reset_ms: int | None


class ForeignCopies(NamedTuple):
    """Copies of some segments.

    Attributes:
        segments: The paths of the segments.
        copies: Their copies that still exist, log by log.
        machines: The names of machines by their keys; no two are the same.
    """

    segments: list[str]
    copies: list[ForeignCopy]
    machines: dict[str, str]


_OF_COPY: Final = (
    'c.answer, c.request, c.at_ms, c."offset", c.is_sidechain, c.has_speed, c.is_refused, '
    + ", ".join(f"c.{name}" for name in TOKENS)
    + ", c.web_searches, c.recorded_cost, c.limit_reset_ms"
)


def foreign_copies(cache: TeamCache, this: str, known: Collection[str], most: int) -> ForeignCopies:
    """Return the copies in the first segments of other machines that are not known yet.

    A copy that the same machine has withdrawn later is left out.

    Args:
        cache: The cache.
        this: The key of this machine.
        known: The paths of segments that are known.
        most: About how many copies to return; at least those of one segment.
    """
    numbers, paths = _unknown(cache, this, known, most)
    if not numbers:
        return ForeignCopies([], [], {})
    rows = cache.db.execute(
        "SELECT g.machine, s.vm, s.agent, l.root, l.path, s.project, s.project_path, s.session,"
        f" v.model, v.is_fast, v.geo, v.role, {_OF_COPY} FROM copies c"
        " JOIN segments g ON g.id = c.segment"
        " JOIN names n ON n.segment = c.segment AND n.name = c.name JOIN logs l ON l.id = n.log"
        " JOIN sessions s ON s.id = n.session JOIN variants v ON v.id = n.variant"
        " WHERE c.segment IN (SELECT UNNEST(?)) AND NOT c.is_withdrawn AND NOT EXISTS ("
        "  SELECT 1 FROM copies o JOIN segments h ON h.id = o.segment WHERE o.is_withdrawn"
        "  AND o.answer = c.answer AND o.copy = c.copy AND h.machine = g.machine"
        "  AND h.sequence > g.sequence)"
        ' ORDER BY n.log, c."offset", c.answer, c.request, c.copy',
        [numbers],
    ).fetchall()
    return ForeignCopies(paths, list(map(ForeignCopy._make, rows)), _names(cache))


def _unknown(
    cache: TeamCache, this: str, known: Collection[str], most: int
) -> tuple[list[int], list[str]]:
    """Return the numbers and the paths of the first segments that are not known."""
    rows: list[tuple[Any, ...]] = cache.db.execute(
        "SELECT id, name FROM segments WHERE fault = '' AND machine <> ?"
        " ORDER BY machine, sequence, name",
        [this],
    ).fetchall()
    unknown = [(number, path) for number, path in rows if path not in known]
    if not unknown:
        return [], []
    counts = dict(
        cache.db.execute("SELECT segment, COUNT(*) FROM copies GROUP BY segment").fetchall()
    )
    numbers: list[int] = []
    paths: list[str] = []
    size = 0
    for number, path in unknown:
        size += counts.get(number, 0)
        if numbers and size > most:
            break
        numbers.append(number)
        paths.append(path)
    return numbers, paths


def _names(cache: TeamCache) -> dict[str, str]:
    totals = TeamTotals(cache)
    totals.labels(MACHINE)
    rows = cache.db.execute("SELECT key, machine FROM owners WHERE vm = ''").fetchall()
    return dict(rows)
