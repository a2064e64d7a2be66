"""Decides which copies of answers stay, among packed entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from spendlight.metering.attribution import NO_TOOLS
from spendlight.metering.entry import rank
from spendlight.metering.packed import hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spendlight.metering.entry import Rank
    from spendlight.metering.packed import PackedEntries

LostCopy = tuple[int, int, int, int]
"""A copy that does not count: its file, its answer, its offset, and the file it lost to."""

STAYS: Final = 0
LOST: Final = 1
DISPUTED: Final = 2


class Source(NamedTuple):
    """Entries of one file, among which there may be copies of the same answers.

    Attributes:
        packed: The entries.
        root: The number of the root that the file is in.
        order: The sort key of the file among all.
        is_held: Whether the ledger holds them already.
        shadows: The number of each entry's shadow, four bytes each, the least significant first;
            None if none has one.
    """

    packed: PackedEntries
    root: int
    order: str
    is_held: bool = False
    shadows: bytes | None = None


class Beaten(NamedTuple):
    """A copy that stays, though there are others in other roots.

    Attributes:
        source: The position of its source.
        row: Its row there.
        roots: The roots with a better copy.
    """

    source: int
    row: int
    roots: frozenset[int]


class Called(NamedTuple):
    """A copy that stays, and the tools that one called which has lost against it.

    Attributes:
        source: The position of its source.
        row: Its row there.
        tools: The number of the other's tools, which is not its own.
    """

    source: int
    row: int
    tools: int


class Settled(NamedTuple):
    """What was decided.

    Attributes:
        verdicts: For each source one byte for each entry: it stays; or it has lost against a
            better copy of the same request in the same root; or it is the best of these, but there
            are copies of other requests, so that it is not decided yet.
        lost: The copies that have lost against one in another file.
        beaten: The copies that stay of answers that are in several roots.
        called: The copies that stay, or are not decided yet, and called more tools than they say:
            each part of an answer may be a copy of it, with the tools that this part calls.
    """

    verdicts: list[bytes]
    lost: list[LostCopy]
    beaten: list[Beaten]
    called: list[Called]


class AnswerSet(Protocol):
    """A set of answers, which is asked about packed ones."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __iter__(self) -> Iterator[int]:
        """Yield them."""
        ...

    def __contains__(self, answer: object, /) -> bool:
        """Return whether one is in it."""
        ...

    def common(self, lists: Sequence[bytes]) -> dict[int, set[int]]:
        """Return which answers of which lists, packed as in `PackedEntries`, are in it.

        Args:
            lists: Lists of answers; those that have none in common are left out.

        Returns:
            The answers by the position of their list.
        """
        ...


class Settler(Protocol):
    """Decides which copies stay."""

    def answer_set(self, found: Iterable[bytes]) -> AnswerSet:
        """Return a set of answers, packed as in `PackedEntries`."""
        ...

    def settle(self, sources: Sequence[Source]) -> Settled:
        """Decide about all answers of which a source that is not held has a copy."""
        ...

    def rest(
        self,
        packed: PackedEntries,
        verdicts: bytes,
        context_thresholds: Sequence[int],
        shadows: bytes | None = None,
    ) -> PackedEntries:
        """Return the entries that stay.

        Args:
            packed: All entries.
            verdicts: One byte for each of them.
            context_thresholds: Context sizes at which any price changes, ascending.
            shadows: The number of the shadow of each of them, as in `Source`.
        """
        ...


class _PythonAnswers(set[int]):
    """A set of answers."""

    def common(self, lists: Sequence[bytes]) -> dict[int, set[int]]:
        """Return which answers of which lists are in it; see `AnswerSet`."""
        each = enumerate(self.intersection(hashes(answers)) for answers in lists)
        return {position: found for position, found in each if found}


class PythonSettler:
    """Decides in Python; what any other settler decides is the same."""

    @staticmethod
    def answer_set(found: Iterable[bytes]) -> AnswerSet:
        """Return a set of packed answers."""
        answers = _PythonAnswers()
        for packed in found:
            answers.update(hashes(packed))
        return answers

    @staticmethod
    def settle(sources: Sequence[Source]) -> Settled:
        """Decide; see `Settler`."""
        settled = Settled([], [], [], [])
        verdicts = [bytearray(source.packed.count) for source in sources]
        for answer, copies in _copies_by_answer(sources).items():
            _decide(answer, copies, verdicts, settled)
        settled.verdicts.extend(map(bytes, verdicts))
        return settled

    @staticmethod
    def rest(
        packed: PackedEntries,
        verdicts: bytes,
        context_thresholds: Sequence[int],
        shadows: bytes | None = None,
    ) -> PackedEntries:
        """Return the entries that stay; see `Settler`."""
        stays = [not verdict for verdict in verdicts]
        return packed.only(stays, context_thresholds, shadows)


PYTHON: Final = PythonSettler()


def rows_of(verdicts: bytes, verdict: int) -> list[int]:
    """Return the rows with a verdict."""
    return [row for row, found in enumerate(verdicts) if found == verdict]


class _Copy(NamedTuple):
    """A copy. The least one counts; of equal ones, which are the same entry, the first."""

    rank: Rank
    is_new: bool
    source: int
    row: int
    root: int
    request: int
    file: int
    offset: int
    tools: int
    has_shadow: bool


def _copies_by_answer(sources: Sequence[Source]) -> dict[int, list[_Copy]]:
    """Return the copies of answers of which there are several."""
    found: dict[int, list[_Copy]] = {}
    several = _found_twice(sources)
    for number, (packed, root, order, is_held, shadows) in enumerate(sources):
        if several.isdisjoint(hashes(packed.answers)):
            continue
        for row, entry in packed.pick(several):
            has_shadow = shadows is not None and any(shadows[4 * row : 4 * row + 4])
            index = (number, row, root, entry.request, packed.file, entry.offset, entry.tools)
            copy = _Copy(rank(entry, order), not is_held, *index, has_shadow)
            found.setdefault(entry.answer, []).append(copy)
    return found


def _decide(
    answer: int, copies: Sequence[_Copy], verdicts: Sequence[bytearray], settled: Settled
) -> None:
    """Decide about the copies of one answer."""
    best: dict[tuple[int, int], _Copy] = {}
    for copy in sorted(copies):
        winner = best.setdefault((copy.root, copy.request), copy)
        if winner is not copy:
            verdicts[copy.source][copy.row] = LOST
            if copy.file != winner.file:
                settled.lost.append((copy.file, answer, copy.offset, winner.file))
            if copy.tools != winner.tools and (copy.tools > NO_TOOLS or not winner.tools):
                settled.called.append(Called(winner.source, winner.row, copy.tools))
    if len({request for _, request in best}) > 1:
        for copy in best.values():
            verdicts[copy.source][copy.row] = DISPUTED
    elif len(best) > 1 or any(copy.has_shadow for copy in copies):
        better: list[int] = []
        for copy in best.values():
            settled.beaten.append(Beaten(copy.source, copy.row, frozenset(better)))
            better.append(copy.root)


def _found_twice(sources: Sequence[Source]) -> set[int]:
    """Return the answers that a new source has, and that another one has, or itself once more."""
    seen: set[int] = set()
    several: set[int] = set()
    for source in sources:
        if source.is_held:
            continue
        answers = hashes(source.packed.answers)
        fresh = set(answers)
        if len(fresh) < len(answers):
            several |= _repeated(answers)
        several |= seen & fresh
        seen |= fresh
    for source in sources:
        if source.is_held:
            several |= seen.intersection(hashes(source.packed.answers))
    return several


def _repeated(answers: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    repeated: set[int] = set()
    for answer in answers:
        (repeated if answer in seen else seen).add(answer)
    return repeated
