"""What one can drill down to, and the trail that leads back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from spendlight.desktop.window.scope_bar import PageScope


class PageKey(StrEnum):
    """The pages."""

    NOW = "now"
    HISTORY = "history"
    SESSIONS = "sessions"
    PROJECTS = "projects"
    MODELS = "models"
    BLOCKS = "blocks"
    LOGS = "logs"
    ALERTS = "alerts"
    STRETCH = "stretch"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class StretchTarget:
    """A stretch of time."""

    title: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class SessionTarget:
    """One session, answer by answer."""

    title: str
    session: str


@dataclass(frozen=True, slots=True)
class FilterTarget:
    """The sessions of a project or of a model."""

    title: str
    project: str | None = None
    model: str = ""


Target: TypeAlias = StretchTarget | SessionTarget | FilterTarget


@dataclass(frozen=True, slots=True)
class Stop:
    """A page on the trail.

    Attributes:
        title: What the trail calls it.
        target: What it is about, if it was drilled down to.
        scope: What was chosen when it was left, to come back to.
    """

    page: PageKey
    title: str
    target: Target | None = None
    scope: PageScope | None = None


def stop_of(target: object) -> Stop | None:
    """Return the stop that a target is drilled down to at."""
    if isinstance(target, StretchTarget):
        return Stop(PageKey.STRETCH, target.title, target)
    if isinstance(target, SessionTarget):
        return Stop(PageKey.SESSION, target.title, target)
    if isinstance(target, FilterTarget):
        return Stop(PageKey.SESSIONS, target.title, target)
    return None
