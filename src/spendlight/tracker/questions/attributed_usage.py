"""Divides usage by dimensions and selects by them, with sums made on demand of the answers."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from spendlight.ledger.attributed_sums import AttributedSums
from spendlight.logs.claude_code.native_attributed_sums import adder
from spendlight.metering.attributed_sums import LEFT_OUT, Labels
from spendlight.metering.dimensions import (
    AGENT,
    AGENT_TYPE,
    DIMENSIONS,
    PROJECT,
    REPOSITORY,
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
    from collections.abc import Set as AbstractSet

    from spendlight.ledger.attributed_sums import Key
    from spendlight.ledger.attributions import Names
    from spendlight.ledger.sums.runs import Runs
    from spendlight.ledger.sums.slicing import Row
    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.dimensions import Condition, Value
    from spendlight.metering.entry import SessionName
    from spendlight.metering.periods import Span
    from spendlight.metering.sums import UsageSlice

Values = tuple["Value", ...]
"""The values of several dimensions, in their order."""

_OF_SESSIONS = frozenset({SESSION, PROJECT})

_OF_AGENTS = frozenset({AGENT, AGENT_TYPE})
"""Those whose values depend on whether an answer is on a side chain."""


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

    def rows(self, ranges: Sequence[tuple[int, int]]) -> dict[Values, list[Row]]:
        """Return sums by values and session; their group is the index of the range.

        Args:
            ranges: Ranges of time in Unix milliseconds, the end exclusive, ascending.
        """
        labels = _Labels(self.where, self.by, self.project)
        found = self.ledger.attributed_rows(self.scope, labels.asked(ranges))
        return {labels.values(key): rows for key, rows in found.items()}

    def totals(self, ranges: Sequence[tuple[int, int]]) -> tuple[list[Values], Runs]:
        """Return a run of sums for each range and values, and the values of each run.

        Args:
            ranges: As for `rows`; the group of a run is the index of its range.
        """
        labels = _Labels(self.where, self.by, self.project)
        keys, runs = self.ledger.attributed_totals(self.scope, labels.asked(ranges))
        return list(map(labels.values, keys)), runs

    def pieces(self, ranges: Sequence[tuple[int, int]]) -> dict[Values, list[UsageSlice]]:
        """Return the same sums as slices, in the order of range and time."""
        of_runs, runs = self.totals(ranges)
        pieces = iter(runs.slices())
        found: dict[Values, list[UsageSlice]] = {}
        for values, count in zip(of_runs, runs.counts, strict=True):
            found.setdefault(values, []).extend(islice(pieces, count))
        return found


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
        self._has_sessions = (
            project is not None or bool(self._where_session) or not _OF_SESSIONS.isdisjoint(by)
        )

    def asked(self, ranges: Sequence[tuple[int, int]]) -> AttributedSums:
        """Return what to ask the ledger for."""
        of_session = self.of_session if self._has_sessions else None
        return AttributedSums(self.of, ranges, adder, of_session)

    def of(self, names: Names, numbers: AbstractSet[int] | None) -> Labels:
        """Return the labels of what a ledger knows, by default of all attributions."""
        known = names.attributions(numbers)
        asked = {*self._by, *(condition.dimension for condition in self._where)}
        type_of = names.agent_type if AGENT_TYPE in asked else _nothing
        repository_of = names.repository if REPOSITORY in asked else _nothing

        def circumstances(attribution: Attribution, *, is_aside: bool) -> Circumstances:
            type_, repository = type_of(attribution.agent), repository_of(attribution.folder)
            return Circumstances(attribution, type_, repository, is_aside)

        main = {
            number: self._of_attribution(circumstances(one, is_aside=False))
            for number, one in known.items()
        }
        aside = main
        if not asked.isdisjoint(_OF_AGENTS):  # it says something only without a subagent's id
            aside = main | {
                number: self._of_attribution(circumstances(one, is_aside=True))
                for number, one in known.items()
                if not one.agent
            }
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


def _nothing(name: str) -> str:
    """Return "": what nobody asks for is not looked up."""
    del name
    return ""


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


def parts_of(found: Mapping[Values, list[Any]], by: str) -> list[tuple[Part | None, list[Any]]]:
    """Return what belongs to each value of the only dimension; "" for none."""
    if not by:
        return [(None, found.get((), []))]
    return [(Part(by, values[0]), rows) for values, rows in found.items()]
