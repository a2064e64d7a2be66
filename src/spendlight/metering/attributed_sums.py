"""Sums up answers by their circumstances: by labels for what their entries refer to by number.

`PYTHON` does it here. The native reader's library does the same, with the same result to the last
bit, in a fiftieth of the time (`logs.claude_code.native_attributed_sums`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from spendlight.metering.attribution import UNKNOWN
from spendlight.metering.packed import shadows_of, unpack
from spendlight.metering.session_names import limited_offset
from spendlight.metering.sums import Sum, merged, sum_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LEFT_OUT: Final = -1
"""The label of answers that do not count."""

Label = tuple[int, int]
"""The labels of an answer's attribution and of its tools."""

LabelledSum = tuple[Label, int, int, int, int, Sum]
"""A label, the index of a range of time, the numbers of the session and of the variant, the price
class, and the sum. The same may occur repeatedly: they add up."""


PackedRun = tuple[Label, int, int, bytes]
"""A label, the index of a range of time, the number of the session, and their sums packed as in
`ledger.sums.packing`, in the order of time."""


class Labels(NamedTuple):
    """Labels from 0 on, by number; a number that is missing has the label of `UNKNOWN`.

    Attributes:
        attributions: Those of attributions.
        aside: The same on a side chain, where an answer without a subagent is a subagent's.
        tools: Those of called tools.
    """

    attributions: Mapping[int, int]
    aside: Mapping[int, int]
    tools: Mapping[int, int]


class Wanted(NamedTuple):
    """What to sum up.

    Attributes:
        labels: The labels by which answers are separated.
        ranges: Ranges of time in Unix milliseconds, the end exclusive, ascending, none overlapping
            another. Answers in none of them do not count.
        shadows: The shadows whose copies count, as in `ledger.machines.Scope`.
        context_thresholds: The context sizes by which sums are separated, ascending.
    """

    labels: Labels
    ranges: Sequence[tuple[int, int]]
    shadows: Sequence[int]
    context_thresholds: Sequence[int]

    @property
    def cuts(self) -> list[int]:
        """The bounds of the ranges, one after the other."""
        return [cut for bounds in self.ranges for cut in bounds]


class PackedAnswers(NamedTuple):
    """Packed answers of one log.

    Attributes:
        answers: Their hashes, as in `metering.packed.PackedEntries`.
        columns: Their other fields, likewise.
        shadows: The number of each one's shadow, four bytes each; None if none has one.
        session: The number of the session.
        start: What is added to the offsets in the log for those in the session, see
            `session_names.order_in_session`.
    """

    answers: bytes
    columns: bytes
    shadows: bytes | None
    session: int
    start: int


class Adder(Protocol):
    """Sums up packed answers."""

    def add_all(self, found: Sequence[PackedAnswers]) -> None:
        """Add answers of several logs.

        Raises:
            ValueError, LookupError: If they are damaged.
        """

    def sums(self) -> Iterable[LabelledSum]:
        """Return the sums, in no order."""

    def packed(self, kinds: Sequence[int]) -> Iterable[PackedRun] | None:
        """Return the sums packed, or None if it cannot pack them. Nothing is added afterwards.

        Args:
            kinds: The numbers of variants, in the order of those at the same place of a log.
        """


class PythonAdder:
    """Sums up packed answers.

    Args:
        wanted: What to sum up.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._cuts = wanted.cuts
        self._shadows = frozenset(wanted.shadows)
        self._sums: dict[tuple[Label, int, int, int, int], Sum] = {}

    def add_all(self, found: Sequence[PackedAnswers]) -> None:
        """Add answers of several logs."""
        for one in found:
            self._add(one)

    def _add(self, found: PackedAnswers) -> None:
        (attributions, aside, tools), _, _, thresholds = self._wanted
        entries = unpack(0, found.answers, found.columns)
        shadows = shadows_of(found.shadows) if found.shadows else [0] * len(entries)
        for entry, shadow in zip(entries, shadows, strict=True):
            of_attribution = aside if entry.is_sidechain else attributions
            label = (
                of_attribution.get(entry.attribution, of_attribution[UNKNOWN]),
                tools.get(entry.tools, tools[UNKNOWN]),
            )
            at, is_outside = divmod(bisect_right(self._cuts, entry.at_ms) - 1, 2)
            if min(label) == LEFT_OUT or is_outside or at < 0 or shadow not in self._shadows:
                continue
            price_class = 2 * bisect_left(thresholds, entry.context)
            price_class += entry.recorded_cost is not None
            key = label, at, found.session, entry.variant, price_class
            total = sum_of(entry)
            if found.start:
                offset = found.start + limited_offset(entry.offset)
                total = total._replace(first_offset=offset)
            so_far = self._sums.get(key)
            self._sums[key] = total if so_far is None else merged((so_far, total))

    def sums(self) -> Iterable[LabelledSum]:
        """Return the sums, in no order."""
        return [(*key, total) for key, total in self._sums.items()]

    def packed(self, kinds: Sequence[int]) -> Iterable[PackedRun] | None:
        """Return None: it packs nothing."""
        del kinds
        return None
