"""The tokens that a line of a rollout counts.

OpenAI counts cache reads and writes within the input, and reasoning within the output.
"""

from __future__ import annotations

from typing import Final

from spendlight.logs.timestamps import BadLineError
from spendlight.metering.entry import MAX_COUNT
from spendlight.values import NamedTuple

_NAMES: Final = (
    ("input_tokens", "prompt_tokens"),
    ("cached_input_tokens", "cache_read_input_tokens"),
    ("cache_write_input_tokens", "cache_creation_input_tokens"),
    ("output_tokens", "completion_tokens"),
    ("reasoning_output_tokens", "reasoning_tokens"),
)
_MOST_SUM: Final = MAX_COUNT**2 >> 1
"""The most that a counter of a whole session may show."""


class Counts(NamedTuple):
    """Tokens as OpenAI counts them.

    Attributes:
        input: All tokens that were read, those from the cache and written to it included.
        cached: Those of them read from the cache.
        written: Those of them written to the cache.
        output: All tokens that were written, those of reasoning included.
        reasoning: Those of them for reasoning.
    """

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0

    def plus(self, more: Counts) -> Counts:
        """Return the sums."""
        return Counts._make(a + b for a, b in zip(self, more, strict=True))

    def since(self, before: Counts) -> Counts:
        """Return how much counters have risen; one that went back has begun again, and counts 0."""
        return Counts._make(max(0, a - b) for a, b in zip(self, before, strict=True))

    def limited(self) -> Counts:
        """Return the same with no part greater than the whole.

        Raises:
            BadLineError: If there are more tokens than an answer can have.
        """
        if max(self) > MAX_COUNT:
            message = f"{max(self):.3g} tokens are impossible"
            raise BadLineError(message)
        cached = min(self.cached, self.input)
        written = min(self.written, self.input - cached)
        return Counts(self.input, cached, written, self.output, min(self.reasoning, self.output))


def counts_in(found: object) -> Counts | None:
    """Return the counts in a usage; None if there are none.

    Raises:
        BadLineError: If one of them is no count.
    """
    if not isinstance(found, dict) or not found:
        return None
    return Counts._make(
        _count(name, found[name]) if name else 0
        for names in _NAMES
        for name in [next((one for one in names if found.get(one) is not None), "")]
    )


def _count(name: str, value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SUM:
        message = f"its {name} are not a count: {str(value)[:40]!r}"
        raise BadLineError(message)
    return value
