"""The stops on the trail: the page that is shown, and those that led to it."""

from __future__ import annotations

from typing import NamedTuple

from spendlight.desktop.window.pages import PageKey, page_of, title_of
from spendlight.desktop.window.scope_bar import PageScope
from spendlight.desktop.window.targets import SessionTarget, Target, WhyTarget


class Stop(NamedTuple):
    """A page on the trail.

    Attributes:
        title: Its title in the trail.
        target: What it shows, if it was drilled down to.
        scope: The selection when it was left, to be restored.
    """

    page: PageKey
    title: str
    target: Target | None = None
    scope: PageScope | None = None


class Stops:
    """The stops from a listed page down to the page that is shown."""

    def __init__(self, first: PageKey) -> None:
        self._stops = [Stop(first, title_of(first))]

    @property
    def here(self) -> Stop:
        """The page that is shown."""
        return self._stops[-1]

    @property
    def first(self) -> Stop:
        """The first page."""
        return self._stops[0]

    @property
    def depth(self) -> int:
        """The number of stops after the first."""
        return len(self._stops) - 1

    def titles(self, *, is_private: bool) -> list[str]:
        """Return the titles of the stops; of sessions without their own, if amounts are hidden."""
        return [
            stop.target.hidden
            if is_private and isinstance(stop.target, SessionTarget | WhyTarget)
            else stop.title
            for stop in self._stops
        ]

    def begin(self, key: PageKey) -> PageScope | None:
        """Start again at a page; return the selection from before drilling down."""
        scope = self.first.scope if self.depth else None
        self._stops = [Stop(key, title_of(key))]
        return scope

    def drill_down(self, target: Target, scope: PageScope) -> None:
        """Add the page of a target.

        Args:
            target: What to drill down to.
            scope: The selection at the page that is left.
        """
        page = page_of(target)
        if page is not None:
            self._stops[-1] = self.here._replace(scope=scope)
            self._stops.append(Stop(page, target.title, target))

    def go_back(self, number: int) -> PageScope | None:
        """Go back to a stop, counted from the first; return the selection when it was left."""
        del self._stops[number + 1 :]
        return self.here.scope
