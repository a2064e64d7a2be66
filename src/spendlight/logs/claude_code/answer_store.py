"""Holds the answers of a range, and packs the best copy of each."""

from __future__ import annotations

from itertools import chain, compress, repeat
from operator import attrgetter
from typing import TYPE_CHECKING

import xxhash

from spendlight.logs.claude_code.circumstances import (
    LoggedAttribution,
    attribution_of,
    logged_attribution,
)
from spendlight.logs.claude_code.copies import OFFSET, AnswerKey, Copy, Other, in_order, request_of
from spendlight.logs.claude_code.owners import sessions_by_offset
from spendlight.logs.claude_code.usual import (
    ModelKey,
    Usual,
    best_of_each,
    called_tools,
    entry_of,
    model_key,
    only_entry,
    take_apart,
    united_tools,
)
from spendlight.logs.claude_code.variants import number_of, variant_of
from spendlight.logs.identities import ANSWER
from spendlight.logs.timestamps import BadLineError
from spendlight.metering.attribution import UNKNOWN, Attribution, Tools, tools_number
from spendlight.metering.entry import ModelVariant, UsageEntry
from spendlight.metering.packed import PackedEntries, columns_of, pack_columns, pack_one

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spendlight.metering.summing import Columns


class ReadAgainError(Exception):
    """The preferred copy has an invalid timestamp; every timestamp must be checked."""


_usual_key = attrgetter("message.id", "requestId")


class AnswerStore:
    """Holds answers until they are packed.

    Args:
        number: The file's number in entries.
        session: The session's id from the path.

    Attributes:
        variants: The models found, by number.
        attributions: What is known of the circumstances of answers, by number.
        tools: The tools that answers called, by number.
        sessions: The sessions that the answers name; see `sessions_by_offset`.
        start: Where the range begins.
    """

    def __init__(self, number: int, session: str) -> None:
        self.number = number
        self.session = session
        self.variants: dict[int, ModelVariant] = {}
        self.attributions: dict[int, Attribution] = {}
        self.tools: dict[int, Tools] = {}
        self.sessions: list[tuple[int, str]] = []
        self.start = 0
        self._usual: list[Usual] = []
        self._offsets: list[int] = []
        self._named: dict[AnswerKey, Copy] = {}
        self._called: dict[AnswerKey, Tools] = {}
        self._others: dict[tuple[int, int], Other] = {}
        self._variant_numbers: dict[ModelKey, int] = {}
        self._attribution_numbers: dict[LoggedAttribution, int] = {}

    def packed(self, context_thresholds: Sequence[int]) -> PackedEntries:
        """Return the answers found, each once.

        Args:
            context_thresholds: Context sizes at which any price changes, ascending.

        Raises:
            ReadAgainError: If a timestamp was not checked that should have been.
        """
        if len(self._usual) != 1 or self._named or self._others or self._called:
            columns, sessions = self._columns(*self._best_copies())
            if not columns:
                return pack_columns(self.number, [], context_thresholds)
            self._note_sessions(columns[OFFSET], sessions)
            return pack_columns(self.number, in_order(columns), context_thresholds)
        (line,), (offset,) = self._usual, self._offsets
        (variant,) = self._numbers([model_key(line)])
        (attribution,) = self._attributions([line])
        (tools,) = self._tools_numbers([called_tools(line)])
        try:
            entry = only_entry(line, offset, self.number, variant, attribution, tools)
        except BadLineError as error:
            raise ReadAgainError from error
        self._note_sessions([offset], [line.sessionId])
        return pack_one(entry, context_thresholds)

    @property
    def has_some(self) -> bool:
        """Whether there are any answers."""
        return bool(self._usual or self._named or self._others)

    def unusual(
        self, is_better: Callable[[UsageEntry], bool]
    ) -> list[tuple[UsageEntry, str | None, bool]]:
        """Return the answers found, to be merged with others that are known elsewhere.

        Args:
            is_better: Returns whether a copy is better than those known elsewhere; and notes the
                tools that it calls there. Its moment, its variant and its attribution are not known
                yet.

        Returns:
            Each answer, the session that its line names, and whether there may be copies of it.

        Raises:
            ReadAgainError: If a timestamp was not checked that should have been.
        """
        known = self._best_copies()
        keys, lines, offsets, resets, tools = known
        numbers = self._tools_numbers(tools)
        chosen = [
            is_better(
                entry_of(line, request_of(key), 0, offset, self.number, 0)._replace(tools=number)
            )
            for key, line, offset, number in zip(keys, lines, offsets, numbers, strict=True)
        ]
        columns, sessions = self._columns(
            list(compress(keys, chosen)),
            list(compress(lines, chosen)),
            list(compress(offsets, chosen)),
            list(compress(resets, chosen)),
            list(compress(tools, chosen)),
        )
        entries = map(UsageEntry._make, zip(*columns, strict=True))
        may_repeat = chain(repeat(True, sum(chosen)), repeat(False))  # noqa: FBT003  # repeated
        return list(zip(entries, sessions, may_repeat, strict=False))

    def _columns(
        self,
        keys: Sequence[AnswerKey],
        lines: list[Usual],
        offsets: list[int],
        resets: list[int | None],
        tools: list[Tools],
    ) -> tuple[Columns, Sequence[str | None]]:
        """Return answers with copies, and those without: the fields of `UsageEntry`, and sessions.

        Raises:
            ReadAgainError: If a timestamp was not checked that should have been.
        """
        usual = len(keys)
        others = self._others.values()
        if others:
            lines += [other.copy.line for other in others]
            offsets += [other.copy.offset for other in others]
            resets += [None] * len(others)
            tools += [called_tools(other.copy.line) for other in others]
        if not lines:
            return [], []
        try:
            fields = take_apart(lines)
        except BadLineError as error:
            raise ReadAgainError from error
        digest = xxhash.xxh3_64_intdigest
        columns = columns_of(
            len(lines),
            answer=[digest(answer.encode(), ANSWER) >> 1 for answer in fields.answers[:usual]]
            + [answer for answer, _ in self._others],
            request=list(map(request_of, keys)) + [request for _, request in self._others],
            at_ms=fields.moments,
            file=[self.number] * len(lines),
            offset=offsets,
            variant=self._numbers(fields.models[:usual]) + [other.variant for other in others],
            flags=fields.flags,
            input=fields.input,
            output=fields.output,
            cache_write_5m=fields.cache_write_5m,
            cache_write_1h=fields.cache_write_1h,
            cache_read=fields.cache_read,
            web_searches=fields.web_searches,
            recorded_cost=[
                *fields.recorded_cost[:usual],
                *(other.recorded_cost for other in others),
            ],
            limit_reset_ms=resets,
            attribution=self._attributions(lines),
            tools=self._tools_numbers(tools),
        )
        return columns, fields.sessions

    def _note_sessions(self, offsets: Sequence[int], named: Sequence[str | None]) -> None:
        self.sessions = sessions_by_offset(offsets, named, self.session, is_whole=not self.start)

    def _best_copies(
        self,
    ) -> tuple[list[AnswerKey], list[Usual], list[int], list[int | None], list[Tools]]:
        """Return the best copy of each answer with an id: key, line, offset, reset, tools."""
        lines, offsets = self._usual, self._offsets
        keys: list[AnswerKey] = list(map(_usual_key, lines))
        resets: list[int | None] = [None] * len(keys)
        for key, copy in self._named.items():
            keys.append(key)
            lines.append(copy.line)
            offsets.append(copy.offset)
            resets.append(copy.reset)
        best = best_of_each(keys, lines, offsets)
        tools = united_tools(self._called, keys, lines)
        chosen = best.values()
        return (
            list(best),
            [lines[at] for at in chosen],
            [offsets[at] for at in chosen],
            [resets[at] for at in chosen],
            [tools.get(key, ()) for key in best],
        )

    def _attributions(self, lines: Sequence[Usual]) -> list[int]:
        """Return the numbers of what lines say about the circumstances of answers."""
        found = list(map(logged_attribution, lines))
        known = self._attribution_numbers
        for logged in set(found).difference(known):
            attribution = attribution_of(logged)
            number = known[logged] = attribution.number
            if number != UNKNOWN:
                self.attributions[number] = attribution
        return [known[logged] for logged in found]

    def _tools_numbers(self, called: Sequence[Tools]) -> list[int]:
        """Return the numbers of called tools."""
        known = {tools: tools_number(tools) for tools in set(called)}
        self.tools |= {number: tools for tools, number in known.items() if tools}
        return [known[tools] for tools in called]

    def _numbers(self, models: Sequence[ModelKey]) -> list[int]:
        """Return the variant numbers of models."""
        known = self._variant_numbers
        for key in set(models).difference(known):
            known[key] = self._numbered(variant_of(key))
        return [known[key] for key in models]

    def _numbered(self, variant: ModelVariant) -> int:
        number = number_of(variant)
        self.variants[number] = variant
        return number
