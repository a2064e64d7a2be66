"""The pages of the window: a table with a row for each, which drives everything else.

The list of pages, its icons, the shortcuts and the trail are made from this table. A page's icon
is ``resources/icons/pages/KEY.svg``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStackedWidget

from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.column_choices import ColumnChoices
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.page import Page
from spendlight.desktop.window.page_alerts import AlertsPage
from spendlight.desktop.window.page_details import SessionPage, StretchPage
from spendlight.desktop.window.page_history import HistoryPage
from spendlight.desktop.window.page_lists import BlocksPage, ModelsPage, ProjectsPage, SessionsPage
from spendlight.desktop.window.page_now import NowPage
from spendlight.desktop.window.page_why import WhyPage
from spendlight.desktop.window.shortcuts import page_keys
from spendlight.desktop.window.targets import (
    FilterTarget,
    SessionTarget,
    StretchTarget,
    Target,
    WhyTarget,
)


class PageKey(StrEnum):
    """The pages; each has a row in `PAGES`."""

    NOW = "now"
    HISTORY = "history"
    SESSIONS = "sessions"
    PROJECTS = "projects"
    MODELS = "models"
    WHY = "why"
    BLOCKS = "blocks"
    LOGS = "logs"
    ALERTS = "alerts"
    STRETCH = "stretch"
    SESSION = "session"


class PageEntry(NamedTuple):
    """The definition of a page.

    Attributes:
        make: Creates it.
        title: Returns its title; None if it can only be drilled down to, so that its target
            decides the title.
        target: The type of target that it shows, if it can be drilled down to.
    """

    make: Callable[[Formats, ChartMaker], Page]
    title: Callable[[], str] | None = None
    target: type[Target] | None = None


def _logs_page(formats: Formats, maker: ChartMaker) -> Page:
    from spendlight.desktop.window.page_logs import LogsPage  # imports the profiler

    return LogsPage(formats, maker)


PAGES: Final[Mapping[PageKey, PageEntry]] = {
    PageKey.NOW: PageEntry(NowPage, lambda: _tr("Now")),
    PageKey.HISTORY: PageEntry(HistoryPage, lambda: _tr("History")),
    PageKey.SESSIONS: PageEntry(SessionsPage, lambda: _tr("Sessions"), FilterTarget),
    PageKey.PROJECTS: PageEntry(ProjectsPage, lambda: _tr("Projects")),
    PageKey.MODELS: PageEntry(ModelsPage, lambda: _tr("Models")),
    PageKey.WHY: PageEntry(WhyPage, lambda: _tr("Why"), WhyTarget),
    PageKey.BLOCKS: PageEntry(BlocksPage, lambda: _tr("Blocks")),
    PageKey.LOGS: PageEntry(_logs_page, lambda: _tr("Logs")),
    PageKey.ALERTS: PageEntry(AlertsPage, lambda: _tr("Alerts")),
    PageKey.STRETCH: PageEntry(StretchPage, target=StretchTarget),
    PageKey.SESSION: PageEntry(SessionPage, target=SessionTarget),
}
"""All pages, in the order of the list."""


class ListedPage(NamedTuple):
    """A page in the list.

    Attributes:
        title: Its title in the user's language.
        icon: The name of its icon.
        shortcut: Its keyboard shortcut.
    """

    key: PageKey
    title: str
    icon: str
    shortcut: str


def listed_pages() -> list[ListedPage]:
    """Return the pages in the list, in order; the others can only be drilled down to."""
    titles = [(key, entry.title()) for key, entry in PAGES.items() if entry.title is not None]
    return [
        ListedPage(key, title, key.value, page_keys(number))
        for number, (key, title) in enumerate(titles, start=1)
    ]


def title_of(key: PageKey) -> str:
    """Return the title of a page in the user's language."""
    title = PAGES[key].title
    return "" if title is None else title()


def page_of(target: object) -> PageKey | None:
    """Return the page that shows a target."""
    return next((key for key, entry in PAGES.items() if type(target) is entry.target), None)


class PageBook(QStackedWidget):
    """Creates pages on demand.

    Signals:
        made: A page was created; carries it.
    """

    made = Signal(object)

    def __init__(self, formats: Formats, maker: ChartMaker, columns: ColumnChoices) -> None:
        super().__init__()
        self._formats = formats
        self._maker = maker
        self._columns = columns
        self._pages: dict[PageKey, Page] = {}

    @property
    def pages(self) -> Mapping[PageKey, Page]:
        """The pages created so far."""
        return self._pages

    def page(self, key: PageKey) -> Page:
        """Return a page."""
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = PAGES[key].make(self._formats, self._maker)
            table = page.table()
            if table is not None:
                table.use_choices(self._columns, key)
            self.addWidget(page)
            self.made.emit(page)
        return page

    def shut_down(self) -> None:
        """Stop running work."""
        for page in self._pages.values():
            page.shut_down()

    def release(self) -> None:
        """Release the pages."""
        self.shut_down()
        for page in self._pages.values():
            self.removeWidget(page)
            page.deleteLater()
        self._pages.clear()


def _tr(text: str) -> str:
    return QCoreApplication.translate("MainWindow", text)
