"""Divides usage by dimensions and selects by them, with sums made on demand of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.ledger.attributed_sums import AttributedSums
from spendlight.logs.claude_code.native_attributed_sums import adder
from spendlight.metering.attributed_sums import LEFT_OUT, Labels
from spendlight.metering.dimensions import (
    DIMENSIONS,
    PROJECT,
    SESSION,
    TOOL,
    Circumstances,
    Part,
    value_of_session,
    value_of_tools,
)
from spendlight.metering.periods import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spendlight.ledger.attributed_sums import Key
    from spendlight.ledger.attributions import Names
    from spendlight.ledger.sums.slicing import Row
    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.metering.attribution import Tools
    from spendlight.metering.dimensions import Condition, Value
    from spendlight.metering.entry import SessionName
    from spendlight.metering.periods import Span

Values = tuple["Value", ...]
"""The values of several dimensions, in their order."""

_OF_SESSIONS = frozenset({SESSION, PROJECT})


class AttributedUsage(NamedTuple):
    """Usage that is divided by some dimensions.

    Attributes:
        scope: The data folders and machines that count.
        where: Only answers for which each of these conditions is true.
        by: The names of the dimensions.
        project: Only this project.
    """

    ledger: UsageLedger
    scope: Scope
    where: tuple[Condition, ...] = ()
    by: tuple[str, ...] = ()
    project: str | None = None

    def rows(
        self, ranges: Sequence[tuple[int, int]], *, by_session: bool = True
    ) -> dict[Values, list[Row]]:
        """Return sums by values; their group is the index of the range.

        Args:
            ranges: Ranges of time in Unix milliseconds, the end exclusive, ascending.
            by_session: Whether sessions are separate.
        """
        labels = _Labels(self.where, self.by, self.project)
        asked = AttributedSums(
            labels.of,
            ranges,
            adder,
            labels.of_session if labels.has_sessions else None,
            by_session=by_session,
        )
        found = self.ledger.attributed_rows(self.scope, asked)
        return {labels.values(key): rows for key, rows in found.items()}


class _Labels:
    """Numbers the combinations of values that occur.

    Args:
        where: Conditions; what does not meet them has no label.
        by: The names of the dimensions.
        project: Only this project.
    """

    def __init__(self, where: Sequence[Condition], by: Sequence[str], project: str | None) -> None:
        self._where = [one for one in where if one.dimension not in _OF_SESSIONS]
        self._where_session = [one for one in where if one.dimension in _OF_SESSIONS]
        self._by = by
        self._project = project
        self._functions = [DIMENSIONS[name].of for name in by]
        self._of_attributions: dict[Values, int] = {}
        self._of_tools: dict[Value, int] = {}
        self._of_sessions: dict[Values, int] = {}
        self._known: tuple[list[Values], list[Value], list[Values]] | None = None
        self.has_sessions = (
            project is not None or bool(self._where_session) or not _OF_SESSIONS.isdisjoint(by)
        )

    def of(self, names: Names) -> Labels:
        """Return the labels of all that a ledger knows."""
        main: dict[int, int] = {}
        aside: dict[int, int] = {}
        for number, attribution in names.all_attributions().items():
            agent_type = names.agent_type(attribution.agent) if attribution.agent else ""
            repository = names.repository(attribution.folder) if attribution.folder else ""
            one = Circumstances(attribution, agent_type, repository, is_aside=False)
            main[number] = self._of_attribution(one)
            aside[number] = (  # which says something only without a subagent's id
                main[number]
                if attribution.agent
                else self._of_attribution(one._replace(is_aside=True))
            )
        tools = {number: self._of_tool_set(one) for number, one in names.all_tools().items()}
        return Labels(main, aside, tools)

    def of_session(self, session: SessionName) -> int:
        """Return the label of a session."""
        is_selected = self._project in {None, session.project} and all(
            one.allows(value_of_session(one.dimension, session)) for one in self._where_session
        )
        if not is_selected:
            return LEFT_OUT
        values = tuple(
            value_of_session(name, session) if name in _OF_SESSIONS else None for name in self._by
        )
        return self._of_sessions.setdefault(values, len(self._of_sessions))

    def values(self, key: Key) -> Values:
        """Return the values that labels stand for."""
        if self._known is None:
            found = self._of_sessions or [tuple(None for _ in self._by)]
            self._known = list(self._of_attributions), list(self._of_tools), list(found)
        of_attributions, of_tools, of_sessions = self._known
        attribution, tools, session = key
        return tuple(
            of_tools[tools] if name == TOOL else in_session if name in _OF_SESSIONS else value
            for name, value, in_session in zip(
                self._by, of_attributions[attribution], of_sessions[session], strict=True
            )
        )

    def _of_attribution(self, one: Circumstances) -> int:
        for condition in self._where:
            of = DIMENSIONS[condition.dimension].of
            if of is not None and not condition.allows(of(one)):
                return LEFT_OUT
        values = tuple(None if of is None else of(one) for of in self._functions)
        return self._of_attributions.setdefault(values, len(self._of_attributions))

    def _of_tool_set(self, tools: Tools | None) -> int:
        value = value_of_tools(tools)
        if not all(one.allows(value) for one in self._where if one.dimension == TOOL):
            return LEFT_OUT
        kept = value if TOOL in self._by else None
        return self._of_tools.setdefault(kept, len(self._of_tools))


def day_ranges(spans: Iterable[Span]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the ranges of the local days in spans of time, and the day's number of each."""
    ranges, days = [], []
    for start, end, offset in spans:
        first, last = (start + offset) // DAY_MS, (end - 1 + offset) // DAY_MS
        for day in range(first, last + 1):
            begin = max(start, day * DAY_MS - offset)
            ranges.append((begin, min(end, (day + 1) * DAY_MS - offset)))
            days.append(day)
    return ranges, days


def in_groups(rows: Iterable[Row], groups: Sequence[int]) -> list[Row]:
    """Return rows with other groups, by the index of their range."""
    return [(groups[row[0]], *row[1:]) for row in rows]


def parts_of(found: Mapping[Values, list[Row]], by: str) -> list[tuple[Part | None, list[Row]]]:
    """Return the rows of each value of the only dimension; "" for none."""
    if not by:
        return [(None, found.get((), []))]
    return [(Part(by, values[0]), rows) for values, rows in found.items()]
