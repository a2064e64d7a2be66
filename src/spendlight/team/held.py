"""What a team holds of one machine: which copies of which answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
    rows = cache.db.execute(
        "SELECT c.answer, c.copy, c.at_ms, l.path, v.model FROM copies c"
        " JOIN segments g ON g.id = c.segment"
        " LEFT JOIN names n ON n.segment = c.segment AND n.name = c.name"
        " LEFT JOIN logs l ON l.id = n.log LEFT JOIN variants v ON v.id = n.variant"
        " WHERE g.machine = ?"
        " QUALIFY NOT c.is_withdrawn AND ROW_NUMBER() OVER"
        " (PARTITION BY c.answer, c.copy ORDER BY g.sequence DESC, c.is_withdrawn) = 1",
        [machine],
    ).fetchall()
    return {(answer, copy): HeldCopy(*rest) for answer, copy, *rest in rows}
