"""Reads the copies of answers on other machines from the cache, for a ledger that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.team.kept_rows import read_rows
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
    "r.vm, r.agent, r.root, r.path, r.project, r.project_path, r.session, r.model, r.is_fast,"
    ' r.geo, r.role, r.answer, r.request, r.at_ms, r."offset", r.is_sidechain, r.has_speed,'
    " r.is_refused, "
    + ", ".join(f"r.{name}" for name in TOKENS)
    + ", r.web_searches, r.recorded_cost, r.limit_reset_ms"
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
    rows = read_rows(
        cache,
        numbers,
        f"SELECT g.machine, {_OF_COPY} FROM rows r JOIN segments g ON g.id = r.number"
        " WHERE NOT r.is_withdrawn AND NOT EXISTS ("
        "  SELECT 1 FROM copies o JOIN segments h ON h.id = o.segment WHERE o.is_withdrawn"
        "  AND o.answer = r.answer AND o.copy = r.copy AND h.machine = g.machine"
        "  AND h.sequence > g.sequence)"
        ' ORDER BY g.machine, r.vm, r.root, r.path, r."offset", r.answer, r.request, r.copy',
    )
    return ForeignCopies(paths, list(map(ForeignCopy._make, rows)), _names(cache))


def _unknown(
    cache: TeamCache, this: str, known: Collection[str], most: int
) -> tuple[list[int], list[str]]:
    """Return the numbers and the paths of the first segments that are not known."""
    rows: list[tuple[Any, ...]] = cache.db.execute(
        "SELECT id, name, rows FROM segments WHERE fault = '' AND machine <> ?"
        " ORDER BY machine, sequence, name",
        [this],
    ).fetchall()
    numbers: list[int] = []
    paths: list[str] = []
    size = 0
    for number, path, count in rows:
        if path in known:
            continue
        size += count
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
