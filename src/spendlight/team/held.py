"""What a team holds of one machine: which copies of which answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.team.kept_rows import read_rows

if TYPE_CHECKING:
    from spendlight.team.cache import TeamCache


class HeldCopy(NamedTuple):
    """A copy that a machine has published and not withdrawn.

    Attributes:
        at_ms: When its answer was given, in Unix milliseconds.
        path: Its log, as published.
        model: The model, as logged.
    """

    at_ms: int
    path: str
    model: str


HeldCopies = dict[tuple[int, int], HeldCopy]
"""Copies by answer and id."""


def held_of(cache: TeamCache, machine: str) -> HeldCopies:
    """Return the copies that a machine has published.

    Args:
        cache: An up-to-date cache.
        machine: The machine's key.
    """
    found = cache.db.execute(
        "SELECT id FROM segments WHERE fault = '' AND machine = ?", [machine]
    ).fetchall()
    rows = read_rows(
        cache,
        [number for (number,) in found],
        "SELECT r.answer, r.copy, r.at_ms, r.path, r.model FROM rows r"
        " JOIN segments g ON g.id = r.number QUALIFY NOT r.is_withdrawn AND ROW_NUMBER() OVER"
        " (PARTITION BY r.answer, r.copy ORDER BY g.sequence DESC, r.is_withdrawn) = 1",
    )
    return {(answer, copy): HeldCopy(*rest) for answer, copy, *rest in rows}
