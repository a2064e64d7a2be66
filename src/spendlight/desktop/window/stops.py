"""The stops on the trail: the page that is shown, and the way that led to it."""

from __future__ import annotations

from typing import NamedTuple

from spendlight.desktop.window.pages import PageKey, page_of, title_of
from spendlight.desktop.window.scope_bar import PageScope
from spendlight.desktop.window.targets import Target


class Stop(NamedTuple):
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


class Stops:
    """The stops from a page that one can go to down to the page that is shown."""

    def __init__(self, first: PageKey) -> None:
        self._stops = [Stop(first, title_of(first))]

    @property
    def here(self) -> Stop:
        """The page that is shown."""
        return self._stops[-1]

    @property
    def first(self) -> Stop:
        """The page that it began at."""
        return self._stops[0]

    @property
    def depth(self) -> int:
        """How many stops lead here from the first."""
        return len(self._stops) - 1

    @property
    def titles(self) -> list[str]:
        """What its stops are called."""
        return [stop.title for stop in self._stops]

    def begin(self, key: PageKey) -> PageScope | None:
        """Begin anew at a page; return the scope from before anything was drilled down to."""
        scope = self.first.scope if self.depth else None
        self._stops = [Stop(key, title_of(key))]
        return scope

    def drill_down(self, target: Target, scope: PageScope) -> None:
        """Go on to the page that a target is about.

        Args:
            target: What to drill down to.
            scope: What is chosen at the page that is left.
        """
        page = page_of(target)
        if page is not None:
            self._stops[-1] = self.here._replace(scope=scope)
            self._stops.append(Stop(page, target.title, target))

    def go_back(self, number: int) -> PageScope | None:
        """Go back to a stop, counted from the first; return what was chosen when it was left."""
        del self._stops[number + 1 :]
        return self.here.scope
