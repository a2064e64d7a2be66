"""What the pages of the window may ask, and the rows they get that the terminal has not."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.logs.attribution import Attribution
from spendlight.metering.periods import to_ms
from spendlight.metering.reports import (
    AnswerRow,
)
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.tracker.queries import COURSE_STEP_MS, ReportRequest, View

if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = [
    "COURSE_STEP_MS",
    "NOT_TOLD",
    "ChoiceRow",
    "NameRow",
    "PageRequest",
    "StepRow",
    "TimelineRow",
    "View",
    "project_names",
]

NOT_TOLD: Final = Attribution()
"""Stands where no log tells of an answer."""


class PageRequest(ReportRequest):
    """What a page asks for: a `ReportRequest` that may also ask for what only pages show."""

    __slots__ = ()


class NameRow(NamedTuple):
    """What one project or one model used.

    Attributes:
        name: The folder below ``projects``, or the model as reports show it.
        share: Of the cost of all rows, from 0 to 1.
        sessions: How many sessions it was used in.
    """

    name: str
    spending: Spending
    share: float
    sessions: int


class ChoiceRow(NamedTuple):
    """A project or a machine that there is something of.

    Attributes:
        name: The folder below ``projects``, or what the machine is called.
    """

    name: str
    is_machine: bool


class StepRow(NamedTuple):
    """One step of a course.

    Attributes:
        at: Where it begins, in UTC.
    """

    at: datetime
    spending: Spending


class TimelineRow(NamedTuple):
    """One answer of a session, and what its log tells of it."""

    answer: AnswerRow
    attribution: Attribution = NOT_TOLD

    @property
    def at(self) -> datetime:
        """When, in UTC."""
        return self.answer.at

    @property
    def spending(self) -> Spending:
        """The answer as the sum that it is."""
        answer, at_ms = self.answer, to_ms(self.answer.at)
        cost, is_priced = answer.cost or 0.0, answer.cost is not None
        model = ModelSpending(answer.label, answer.tokens, cost, is_priced=is_priced, answers=1)
        return Spending(
            tokens=answer.tokens,
            cost=cost,
            models=(model,) if answer.label else (),
            answers=1,
            first_ms=at_ms,
            last_ms=at_ms,
        )


def project_names(slugs: Iterable[str]) -> dict[str, str]:
    """Return what to call projects: their folders' names without what all of them begin with.

    Claude Code writes a path with dashes, so where a folder ends can only be told by comparison.

    >>> project_names(["-home-ada-code-kettle", "-home-ada-code-moss-garden"])
    {'-home-ada-code-kettle': 'kettle', '-home-ada-code-moss-garden': 'moss-garden'}
    """
    known = list(dict.fromkeys(slugs))
    bare = {slug: _HOME.sub("", slug).strip("-") or slug for slug in known}
    paths = [name.split("-") for name in bare.values()]
    common = 0
    if len(paths) > 1:
        while all(len(path) > common + 1 for path in paths) and (
            len({path[common] for path in paths}) == 1
        ):
            common += 1
    return {slug: "-".join(name.split("-")[common:]) for slug, name in bare.items()}


_HOME = re.compile(r"^(?:[A-Za-z]-)?-?(?:home|Users)-[^-]+(?=-)|^-root(?=-)")
