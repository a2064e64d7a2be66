"""Which columns of each table the user has chosen; kept while pages come and go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

MOST_NAMES: Final = 64
"""Nobody chooses more; a file with more was not written by us."""


class ColumnChoice(NamedTuple):
    """The columns of one table, by their headings.

    Attributes:
        added: Those that are hidden unless they are chosen.
        removed: Those that are shown unless they are hidden.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def changed(self, heading: str, *, is_extra: bool, is_wanted: bool) -> ColumnChoice:
        """Return the same with a column shown or hidden.

        Args:
            heading: Its heading.
            is_extra: Whether it is hidden unless it is chosen.
            is_wanted: Whether it is to be shown.
        """
        names, one = (self.added if is_extra else self.removed), frozenset({heading})
        names = names | one if is_wanted is is_extra else names - one
        return self._replace(added=names) if is_extra else self._replace(removed=names)


DEFAULT: Final = ColumnChoice()


class ColumnChoices:
    """The chosen columns of all tables, by the names of their pages."""

    def __init__(self) -> None:
        self._chosen: dict[str, ColumnChoice] = {}

    def of(self, table: str) -> ColumnChoice:
        """Return the columns of a table."""
        return self._chosen.get(table, DEFAULT)

    def choose(self, table: str, choice: ColumnChoice) -> None:
        """Set the columns of a table."""
        if choice == DEFAULT:
            self._chosen.pop(table, None)
        else:
            self._chosen[table] = choice

    def as_json(self) -> dict[str, dict[str, list[str]]]:
        """Return all choices for a file."""
        return {
            table: {field: sorted(names) for field, names in choice._asdict().items()}
            for table, choice in self._chosen.items()
        }

    def restore(self, told: object) -> None:
        """Set the choices from a file; what was edited by hand and is odd is ignored."""
        if not isinstance(told, Mapping):
            return
        for table, choice in told.items():
            if isinstance(choice, Mapping):
                self.choose(str(table), ColumnChoice(*(_names(choice, f) for f in _FIELDS)))


_FIELDS: Final = ColumnChoice._fields


def _names(choice: Mapping[Any, Any], field: str) -> frozenset[str]:
    names = choice.get(field)
    if not isinstance(names, list):
        return frozenset()
    return frozenset(name for name in names[:MOST_NAMES] if isinstance(name, str))
