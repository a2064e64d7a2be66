"""Counts of real data folders, and of what was written so far."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from make_logs import totals_of

from spendlight.demo import DemoTokens


class Figures(NamedTuple):
    """Counts of a data folder.

    Attributes:
        size: Of all logs, in bytes.
        usage_lines: Lines with usage: their own, or that of the subagent's line they repeat.
        progress_lines: `progress` lines that repeat a line of a subagent; half have usage.
    """

    files: int = 0
    size: int = 0
    lines: int = 0
    usage_lines: int = 0
    progress_lines: int = 0

    def plus(self, other: "Figures") -> "Figures":
        """Return the sum of the counts of two folders."""
        return Figures(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def minus(self, other: "Figures") -> "Figures":
        """Return what is left after the other has been written, never below 0."""
        return Figures(*(max(0, mine - theirs) for mine, theirs in zip(self, other, strict=True)))

    def times(self, factor: float) -> "Figures":
        """Return the counts of a folder scaled by a factor."""
        return Figures(*(max(1, round(count * factor)) for count in self))


LARGE = Figures(556, 734_000_000, 199_570, 86_909, 64_518)
SMALL = Figures(338, 235_000_000, 57_094, 31_123, 5_615)
"""Two real users' folders, measured."""

ALL_BYTES = 1_300_000_000
"""The size of all data folders of a third person, the only figure measured there."""


@dataclass(slots=True)
class Tally:
    """Counts while a data folder is written.

    Attributes:
        done: What was written.
        by_model: Tokens of each model, each answer counted once, with its fullest usage.
        answers: Different answers of the API; `<synthetic>` lines are not answers.
    """

    done: Figures = field(default_factory=Figures)
    by_model: dict[str, DemoTokens] = field(default_factory=dict)
    answers: int = 0

    def add_file(self, written: Figures) -> None:
        """Count a file."""
        self.done = self.done.plus(written)

    def add_answer(self, model: str, tokens: DemoTokens) -> None:
        """Count an answer that is in no other file yet."""
        self.answers += 1
        before = self.by_model.get(model, DemoTokens(0, 0, 0, 0, 0))
        self.by_model[model] = DemoTokens(*map(sum, zip(before, tokens, strict=True)))


def truth_of(*tallies: Tally) -> dict[str, Any]:
    """Return the true totals of some data folders together, as JSON values."""
    done = Figures()
    together = Tally()
    for tally in tallies:
        done = done.plus(tally.done)
        together.answers += tally.answers
        for model, tokens in tally.by_model.items():
            before = together.by_model.get(model, DemoTokens(0, 0, 0, 0, 0))
            together.by_model[model] = DemoTokens(*map(sum, zip(before, tokens, strict=True)))
    tokens = DemoTokens(*map(sum, zip(*together.by_model.values(), strict=True)))
    return {
        **done._asdict(),
        "answers": together.answers,
        "by_model": {model: counts._asdict() for model, counts in together.by_model.items()},
        "totals": totals_of(tokens),
    }
