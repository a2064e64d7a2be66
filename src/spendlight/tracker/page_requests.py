"""What the pages of the window may ask, and the rows they get that the terminal has not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from spendlight.logs.attribution import Attribution
from spendlight.metering.periods import to_ms
from spendlight.metering.reports import (
    AnswerRow,
)
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.tracker.queries import ReportRequest

if TYPE_CHECKING:
    from collections.abc import Iterable


COURSE_STEP_MS: Final = 300_000
"""A block has sixty of these; finer steps would say no more on a screen."""


NOT_TOLD: Final = Attribution()
"""Stands where no log tells of an answer."""


class View(StrEnum):
    """What a page shows."""

    REPORT = "report"
    """The report of the request's kind, as the terminal has it."""
    PROJECTS = "projects"
    MODELS = "models"
    COURSE = "course"
    """A stretch of time, step by step."""
    STRETCH_SESSIONS = "stretch-sessions"
    """The sessions of a stretch of time."""
    ANSWERS = "answers"
    """One session, answer by answer."""
    CHOICES = "choices"
    """What a filter can offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest(ReportRequest):
    """What a page asks for.

    Attributes:
        model: Only this model, by the name that reports show; "" is all.
        since: Where a stretch of time begins.
        until: Where it ends; that moment is no longer in it.
        step_ms: How long the steps of a course are.
        session: The session whose answers are asked for.
    """

    view: View = View.REPORT
    model: str = ""
    since: datetime | None = None
    until: datetime | None = None
    step_ms: int = COURSE_STEP_MS
    session: str = ""


@dataclass(frozen=True, slots=True)
class NameRow:
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


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A project or a machine that there is something of.

    Attributes:
        name: The folder below ``projects``, or what the machine is called.
    """

    name: str
    is_machine: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a course.

    Attributes:
        at: Where it begins, in UTC.
    """

    at: datetime
    spending: Spending


@dataclass(frozen=True, slots=True)
class TimelineRow:
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
