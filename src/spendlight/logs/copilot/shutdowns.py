"""What Copilot CLI says when a session is shut down: the sums of all that it has used.

    {"type":"session.shutdown","id":…,"timestamp":…,"data":{"modelMetrics":{MODEL:{
        "requests":{"count":…},"usage":{"inputTokens":…,"outputTokens":…,"cacheReadTokens":…,
        "cacheWriteTokens":…,"reasoningTokens":…}},…}}}

The input includes what was read from the cache and written to it, the output the reasoning. After a
session has been resumed, some versions start to count again at 0, others go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.logs.copilot.models import model_name
from spendlight.logs.found_usage import as_count, as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_REQUESTS: Final = 10_000
"""Sums of more requests than this are divided among so many."""


class Sums(NamedTuple):
    """What requests to one model have used together.

    Attributes:
        requests: How many there were.
        input: Tokens that were neither read from the cache nor written to it.
        output: With reasoning.
    """

    requests: int = 0
    input: int = 0
    output: int = 0
    written: int = 0
    read: int = 0
    reasoning: int = 0

    def plus(self, other: Sums) -> Sums:
        """Return the sums of both."""
        return Sums._make(map(sum, zip(self, other, strict=True)))

    def since(self, before: Sums) -> Sums:
        """Return what has been added."""
        return Sums._make(max(0, now - then) for now, then in zip(self, before, strict=True))

    def is_after(self, before: Sums) -> bool:
        """Whether these may be the sums of the same requests and more."""
        return all(now >= then for now, then in zip(self, before, strict=True))

    def parts(self, outputs: Sequence[int]) -> Iterator[Sums]:
        """Yield what each request used, as far as it is known: all alike, except for their output.

        Args:
            outputs: The output of those requests whose output is known; they come first.
        """
        count = max(min(self.requests, MOST_REQUESTS), len(outputs), 1)
        rest = _shares(max(0, self.output - sum(outputs)), count - len(outputs) or count)
        own = [*outputs, *([0] * (count - len(outputs)))]
        for at in range(0 if len(outputs) == count else len(outputs), count):
            own[at] += next(rest)
        sent, written, read = (_shares(kind, count) for kind in (self.input, *self[3:5]))
        reasoning = _in_proportion(min(self.reasoning, sum(own)), own)
        for output in own:
            yield Sums(1, next(sent), output, next(written), next(read), next(reasoning))


def _shares(total: int, count: int) -> Iterator[int]:
    """Yield as many nearly equal parts of a number."""
    for at in range(count):
        yield total // count + (at < total % count)


def _in_proportion(total: int, sizes: Sequence[int]) -> Iterator[int]:
    """Yield parts of a number, none of which is greater than its size, nor all of them together."""
    whole, so_far, given = sum(sizes), 0, 0
    for size in sizes:
        so_far += size
        part = total * so_far // whole - given if whole else 0
        given += part
        yield part


def sums_in(metrics: Mapping[str, Any]) -> dict[str, Sums]:
    """Return the sums of each model; names of the same one are united.

    Raises:
        BadValueError: If a value is impossible.
    """
    found: dict[str, Sums] = {}
    for logged, of_model in metrics.items():
        told = as_object(of_model, "modelMetrics")
        usage = as_object(told.get("usage"), "usage")
        sent, output, read, written, reasoning = (
            as_count(usage.get(f"{kind}Tokens"), f"{kind}Tokens")
            for kind in ("input", "output", "cacheRead", "cacheWrite", "reasoning")
        )
        requests = as_count(as_object(told.get("requests"), "requests").get("count"), "count")
        sums = Sums(requests, fresh_input(sent, read, written), output, written, read, reasoning)
        name = model_name(logged)
        found[name] = found.get(name, Sums()).plus(sums)
    return found


def fresh_input(sent: int, read: int, written: int) -> int:
    """Return the input without what was read from the cache and written to it."""
    return max(0, sent - read - written)


class SinceLast(NamedTuple):
    """What has been used since the last shutdown.

    Attributes:
        sums: By model.
        beginning: From which of the possible beginnings on the known requests are in these sums.
    """

    sums: dict[str, Sums]
    beginning: int


def since_last(
    now: Mapping[str, Sums], before: Mapping[str, Sums], outputs: Sequence[int]
) -> SinceLast:
    """Return what has been used since the last shutdown: what fits to the known output best.

    Args:
        now: The sums of this one.
        before: Those of the last one.
        outputs: How much output is known for each possible beginning of what the sums contain: the
            last shutdown, and the last time that the session was resumed.
    """
    possible = [dict(now)]
    if before and all(now.get(model, Sums()).is_after(sums) for model, sums in before.items()):
        gone_on = {model: sums.since(before.get(model, Sums())) for model, sums in now.items()}
        possible.insert(0, gone_on)
    totals = [sum(sums.output for sums in one.values()) for one in possible]
    _, which, beginning = min(
        (abs(total - output), which, beginning)
        for which, total in enumerate(totals)
        for beginning, output in enumerate(outputs)
    )
    return SinceLast(possible[which], beginning)
