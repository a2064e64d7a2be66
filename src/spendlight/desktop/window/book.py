"""All pages of the window, each made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

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
from spendlight.desktop.window.targets import PageKey

PAGE_KEYS: Final = (
    PageKey.NOW,
    PageKey.HISTORY,
    PageKey.SESSIONS,
    PageKey.PROJECTS,
    PageKey.MODELS,
    PageKey.BLOCKS,
    PageKey.LOGS,
    PageKey.ALERTS,
)
"""The pages one can go to; to the others one drills down."""


def _logs_page(formats: Formats, maker: ChartMaker) -> Page:
    from spendlight.desktop.window.page_logs import LogsPage  # brings all that looks into folders

    return LogsPage(formats, maker)


_KINDS: Final[Mapping[PageKey, Callable[[Formats, ChartMaker], Page]]] = {
    PageKey.NOW: NowPage,
    PageKey.HISTORY: HistoryPage,
    PageKey.SESSIONS: SessionsPage,
    PageKey.PROJECTS: ProjectsPage,
    PageKey.MODELS: ModelsPage,
    PageKey.BLOCKS: BlocksPage,
    PageKey.LOGS: _logs_page,
    PageKey.ALERTS: AlertsPage,
    PageKey.STRETCH: StretchPage,
    PageKey.SESSION: SessionPage,
}


def title_of(key: PageKey) -> str:
    """Return what a page is called."""
    return {
        PageKey.NOW: _tr("Now"),
        PageKey.HISTORY: _tr("History"),
        PageKey.SESSIONS: _tr("Sessions"),
        PageKey.PROJECTS: _tr("Projects"),
        PageKey.MODELS: _tr("Models"),
        PageKey.BLOCKS: _tr("Blocks"),
        PageKey.LOGS: _tr("Logs"),
        PageKey.ALERTS: _tr("Alerts"),
    }[key]


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
            page = self._pages[key] = _KINDS[key](self._formats, self._maker)
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
