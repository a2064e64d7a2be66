"""The pages of the window: a table with a row for each, from which all else is made.

The list at the side, its icons, the keys and the trail go by this table. A page's icon is
``resources/icons/pages/KEY.svg``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStackedWidget

from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.page import Page
from spendlight.desktop.window.page_alerts import AlertsPage
from spendlight.desktop.window.page_details import SessionPage, StretchPage
from spendlight.desktop.window.page_history import HistoryPage
from spendlight.desktop.window.page_lists import BlocksPage, ModelsPage, ProjectsPage, SessionsPage
from spendlight.desktop.window.page_now import NowPage
from spendlight.desktop.window.shortcuts import page_keys
from spendlight.desktop.window.targets import FilterTarget, SessionTarget, StretchTarget, Target


class PageKey(StrEnum):
    """The pages; each has a row in `PAGES`."""

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


class PageEntry(NamedTuple):
    """What there is to say of a page.

    Attributes:
        make: Makes it.
        title: Says what it is called; None where one can only drill down to it, so that what it is
            about is its title.
        target: What one drills down to it with, if one can.
    """

    make: Callable[[Formats, ChartMaker], Page]
    title: Callable[[], str] | None = None
    target: type[Target] | None = None


def _logs_page(formats: Formats, maker: ChartMaker) -> Page:
    from spendlight.desktop.window.page_logs import LogsPage  # brings all that looks into folders

    return LogsPage(formats, maker)


PAGES: Final[Mapping[PageKey, PageEntry]] = {
    PageKey.NOW: PageEntry(NowPage, lambda: _tr("Now")),
    PageKey.HISTORY: PageEntry(HistoryPage, lambda: _tr("History")),
    PageKey.SESSIONS: PageEntry(SessionsPage, lambda: _tr("Sessions"), FilterTarget),
    PageKey.PROJECTS: PageEntry(ProjectsPage, lambda: _tr("Projects")),
    PageKey.MODELS: PageEntry(ModelsPage, lambda: _tr("Models")),
    PageKey.BLOCKS: PageEntry(BlocksPage, lambda: _tr("Blocks")),
    PageKey.LOGS: PageEntry(_logs_page, lambda: _tr("Logs")),
    PageKey.ALERTS: PageEntry(AlertsPage, lambda: _tr("Alerts")),
    PageKey.STRETCH: PageEntry(StretchPage, target=StretchTarget),
    PageKey.SESSION: PageEntry(SessionPage, target=SessionTarget),
}
"""All pages, in the order of the list at the side."""


class ListedPage(NamedTuple):
    """A page that one can go to, as the list at the side shows it.

    Attributes:
        title: In the user's language.
        icon: The name of its icon.
        shortcut: The keys that lead to it.
    """

    key: PageKey
    title: str
    icon: str
    shortcut: str


def listed_pages() -> list[ListedPage]:
    """Return the pages that one can go to, in their order; to the others one drills down."""
    titles = [(key, entry.title()) for key, entry in PAGES.items() if entry.title is not None]
    return [
        ListedPage(key, title, key.value, page_keys(number))
        for number, (key, title) in enumerate(titles, start=1)
    ]


def title_of(key: PageKey) -> str:
    """Return what a page is called, in the user's language."""
    title = PAGES[key].title
    return "" if title is None else title()


def page_of(target: object) -> PageKey | None:
    """Return the page that a target is drilled down to at."""
    return next((key for key, entry in PAGES.items() if type(target) is entry.target), None)


class PageBook(QStackedWidget):
    """Makes pages when they are wanted.

    Signals:
        made: There is one more page; carries it.
    """

    made = Signal(object)

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        super().__init__()
        self._formats = formats
        self._maker = maker
        self._pages: dict[PageKey, Page] = {}

    @property
    def pages(self) -> Mapping[PageKey, Page]:
        """The pages there are already."""
        return self._pages

    def page(self, key: PageKey) -> Page:
        """Return a page."""
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = PAGES[key].make(self._formats, self._maker)
            self.addWidget(page)
            self.made.emit(page)
        return page

    def shut_down(self) -> None:
        """Tell what is under way to stop."""
        for page in self._pages.values():
            page.shut_down()

    def release(self) -> None:
        """Give back what the pages hold."""
        self.shut_down()
        for page in self._pages.values():
            self.removeWidget(page)
            page.deleteLater()
        self._pages.clear()


def _tr(text: str) -> str:
    return QCoreApplication.translate("MainWindow", text)
