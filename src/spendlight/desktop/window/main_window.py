"""The main window: a list of pages, a range and a filter for all of them, and the trail back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from spendlight.desktop.window.asking import Asking
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.charts.palette import ColorBook
from spendlight.desktop.window.column_choices import ColumnChoices
from spendlight.desktop.window.dialogs import KeysDialog, TextDialog, why_figures_differ
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.frame import WindowFrame
from spendlight.desktop.window.page import Around, Page, moment_shown
from spendlight.desktop.window.page_now import NowPage
from spendlight.desktop.window.pages import PageBook, PageKey, listed_pages
from spendlight.desktop.window.raising import RaisedWindow
from spendlight.desktop.window.saving import Saver
from spendlight.desktop.window.scope_bar import PageScope, RangeChoice, ScopeBar
from spendlight.desktop.window.shortcuts import Keys
from spendlight.desktop.window.stops import Stops
from spendlight.desktop.window.targets import FilterTarget, Target, hour_of
from spendlight.metering.budgets import Alert
from spendlight.tracker.snapshot import UsageSnapshot

log = logging.getLogger(__name__)

RELEASE_MS: Final = 60_000
"""How long after it was closed the window releases its pages."""

SIZE: Final = QSize(1080, 720)
SMALLEST: Final = QSize(640, 460)


class MainWindow(RaisedWindow):
    """Shows all figures: what is spent now, and on what.

    It emits the user's requests as signals, and its owner sets what it shows. It asks questions
    when it is shown and when days that it shows have changed; the answer to a question that has
    been replaced is dropped by its number. Pages are created when they are first shown.

    Signals:
        asked: A question; carries a number and the `Question`.
        answered: An answer that is shown now; carries it.
        work_requested: A task for another thread; carries `Work`.
        refresh_requested: The user wants a refresh.
        cancel_requested: The user wants the reading of the logs to stop.
        private_toggled: The user wants amounts hidden or shown; carries whether hidden.
        settings_requested: The user wants to see the settings.
        budgets_requested: The user wants to set a budget.
        quit_requested: The user wants the program to end.
    """

    asked = Signal(int, object)
    answered = Signal(object)
    work_requested = Signal(object)
    refresh_requested = Signal()
    cancel_requested = Signal()
    private_toggled = Signal(bool)
    settings_requested = Signal()
    budgets_requested = Signal()
    quit_requested = Signal()

    def __init__(self, zone: tzinfo = UTC, columns: ColumnChoices | None = None) -> None:
        """Create the window.

        Args:
            zone: The user's time zone.
            columns: The chosen columns of its tables.
        """
        super().__init__()
        self._snapshot: UsageSnapshot | None = None
        self._figures: tuple[str, tuple[tuple[str, str, str], ...], str] = ("", (), "")
        self._week_start = 6
        self._is_stale = False
        self._formats = Formats(zone, parent=self)
        self._maker = ChartMaker(self._formats, ColorBook(), ColorBook())
        self._asking = Asking(self._formats, self._maker, self)
        self._book = PageBook(self._formats, self._maker, columns or ColumnChoices())
        self._stops = Stops(PageKey.NOW)
        self._frame = WindowFrame(self._book)
        self._scope_bar = self._frame.scope_bar
        self._saver = Saver(self)
        self._releasing = QTimer(self)
        self._releasing.setSingleShot(True)
        self._releasing.setInterval(RELEASE_MS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._frame)
        self._join()
        self._add_shortcuts()
        self.resize(SIZE)
        self.setMinimumSize(SMALLEST)

    @property
    def formats(self) -> Formats:
        """How figures are written, and whether amounts are hidden."""
        return self._formats

    @property
    def page(self) -> Page:
        """The page that is shown; created on demand."""
        return self._book.page(self.page_key)

    @property
    def page_key(self) -> PageKey:
        """Which page is shown."""
        return self._stops.here.page

    @property
    def scope(self) -> PageScope:
        """The selected range and filter."""
        return self._scope_bar.scope

    @property
    def scope_bar(self) -> ScopeBar:
        """The bar to select range and filter."""
        return self._scope_bar

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._asking.is_waiting

    def show_figures(
        self,
        title: str,
        cards: Sequence[tuple[str, str, str]],
        price_line: str,
        notice: tuple[str, str] | None,
        empty: tuple[str, str] | None,
    ) -> None:
        """Show the current situation.

        Args:
            title: The window's title.
            cards: Caption, figure and context of each.
            price_line: The price list in force.
            notice: A notice about the figures, and what to do about it.
            empty: The message instead of figures, if there are none.
        """
        self._figures = (title, tuple((c[0], c[1], c[2]) for c in cards), price_line)
        self._frame.show_notice(notice)
        self._frame.show_empty(empty)
        self._write_figures()

    def show_snapshot(self, snapshot: UsageSnapshot | None) -> None:
        """Set the snapshot: the active block and its projection."""
        self._snapshot = snapshot
        if self.isVisible():
            self._show_around()

    def show_stale(self, is_stale: bool) -> None:  # noqa: FBT001  # as Qt's own setters
        """Show whether the figures are outdated."""
        if is_stale != self._is_stale:
            self._is_stale = is_stale
            self._write_figures()

    def show_demo(self) -> None:
        """Show that the figures are made up."""
        self._frame.show_demo()

    def show_hint(self, hint: tuple[str, str] | None) -> None:
        """Show a hint about the desktop, or none."""
        self._frame.hint.show_message(hint)

    def offer_budgets(self) -> None:
        """Ask whether the user wants a budget, until that is answered."""
        self._frame.offer.show()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show the progress of reading the logs; a total of 0 hides it."""
        self._frame.progress.show_progress(done, total, text)

    def show_page(self, key: PageKey) -> None:
        """Show the start of a page."""
        self._restore(self._stops.begin(key))
        self._arrive()

    def show_alert(self, alert: Alert) -> None:
        """Show the hour that caused an alert, and raise the window."""
        self.come_up()
        self.show_page(PageKey.ALERTS)
        self.open_target(hour_of(alert, self._formats))

    def open_target(self, target: Target | None) -> None:
        """Drill down; None, for a part that is the same as the whole, does nothing."""
        if target is None:
            return
        self._stops.drill_down(target, self.scope)
        if isinstance(target, FilterTarget):
            self._scope_bar.choose_filter(project=target.project, model=target.model)
        self._arrive()

    def go_back(self) -> None:
        """Go back one stop."""
        if self._stops.depth:
            self._go_to_stop(self._stops.depth - 1)

    def shut_down(self) -> None:
        """Close the window, and stop running work."""
        self.hide()
        self._releasing.stop()
        self._book.shut_down()
        plot_loader().wait()

    def set_private(self, is_private: bool) -> None:  # noqa: FBT001  # a slot
        """Hide amounts, or show them again."""
        self._frame.menu.private.setChecked(is_private)

    def use_zone(self, zone: tzinfo) -> None:
        """Change the time zone."""
        if zone != self._formats.zone:
            self._formats.zone = zone
            self.on_days_changed()

    def use_week_start(self, week_start: int) -> None:
        """Set the first day of the week; 0 is Monday, 6 is Sunday."""
        if week_start != self._week_start:
            self._week_start = week_start
            self.on_days_changed()

    def on_days_changed(self) -> None:
        """Ask for reports again, now or when the window is shown."""
        self._asking.outdate()
        if self.isVisible():
            self._show_around()

    def on_answer(self, number: int, answer: object) -> None:
        """Handle the answer to the question with this number."""
        if self._asking.take(number, answer):
            self._frame.show_failure(self._asking.failure(self.page))
            self.answered.emit(answer)

    def on_answer_failed(self, number: int, reason: tuple[str, str]) -> None:
        """Show why a question has no answer; it is asked again when something changes."""
        if self._asking.fail(number, reason):
            self._frame.show_failure(self._asking.failure(self.page))

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the reports that were not needed while the window was hidden."""
        super().showEvent(event)
        self._releasing.stop()
        plot_loader().load()
        if not self._book.pages:
            self._arrive()
        else:
            self._show_around()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the pages for a while, in case the user comes back."""
        super().hideEvent(event)
        self._releasing.start()

    def release(self) -> None:
        """Release the pages; they are created again when needed."""
        self._asking.forget_pages()
        self._book.release()

    def export_table(self) -> None:
        """Write the table of this page into a file of the user's choice."""
        self._saver.export_table(self.page.table(), self.page_key)

    def save_picture(self) -> None:
        """Save the chart of this page as a picture."""
        self._saver.save_picture(self.page.chart(), self.page_key)

    def explain_figures(self) -> None:
        """Explain why these figures may differ from others."""
        answers, unpriced = self._asking.known
        unread = self._snapshot.unread_lines if self._snapshot else 0
        prices = self._formats.text(self._figures[2])
        sections = why_figures_differ(self._formats.count(answers), prices, unpriced, unread)
        TextDialog(self.tr("Why do these numbers differ?"), sections, self).open()

    def show_keys(self) -> None:
        """Show the keyboard shortcuts."""
        KeysDialog(self).open()

    def _arrive(self) -> None:
        """Show the page at the end of the trail."""
        page = self.page
        page.target = self._stops.here.target
        self._book.setCurrentWidget(page)
        self._frame.navigation.show_page(self._stops.first.page)
        self._frame.trail.show_stops(self._stops.titles(is_private=self._formats.is_private))
        self._scope_bar.setVisible(page.has_scope)
        self._show_around()
        self._frame.show_failure(self._asking.failure(self.page))

    def _show_around(self) -> None:
        """Update the page with the current situation, and ask its questions."""
        now = moment_shown(self._snapshot)
        today = now.astimezone(self._formats.zone).date()
        self._scope_bar.set_today(today)
        page = self.page
        self._scope_bar.set_has_range(page.has_range, self.tr("This page has its own time range."))
        page.scope = self._scope_bar.scope
        page.show_around(Around(now, today, self._week_start, self._snapshot))
        page.come_into_sight()
        self._asking.ask(page)

    def _ask_again(self) -> None:
        self._asking.forget(self.page)
        self._show_around()

    def _clear_scope(self) -> None:
        with QSignalBlocker(self._scope_bar):
            self._scope_bar.choose_filter(machine="", agent="")
            self._scope_bar.choose_range(RangeChoice.ALL)
        self._show_around()

    def _go_to_stop(self, number: int) -> None:
        self._restore(self._stops.go_back(number))
        self._arrive()

    def _restore(self, scope: PageScope | None) -> None:
        if scope is not None:
            self._scope_bar.restore(scope)

    def _write_figures(self) -> None:
        """Show texts with their figures in the user's locale."""
        title, cards, prices = self._figures
        text = self._formats.text
        self._frame.trail.show_stops(self._stops.titles(is_private=self._formats.is_private))
        self.setWindowTitle(text(title))
        self._frame.show_prices(text(prices))
        now = self._book.pages.get(PageKey.NOW)
        if isinstance(now, NowPage) and cards:
            shown = [(text(a), text(b), text(c)) for a, b, c in cards]
            now.show_cards(shown, is_stale=self._is_stale)

    def _join(self) -> None:
        self._releasing.timeout.connect(self.release)
        self._join_frame()
        self._book.made.connect(self._join_page)
        self._saver.work_requested.connect(self.work_requested)
        self._saver.told.connect(self._frame.notice.show_message)
        self._asking.asked.connect(self.asked)
        self._asking.choices_known.connect(self._scope_bar.show_choices)
        self._asking.work_requested.connect(self.work_requested)
        self._formats.changed.connect(self._write_figures)

    def _join_page(self, page: Page) -> None:
        page.opened.connect(self.open_target)
        page.asked.connect(self._ask_again)
        page.export_requested.connect(self.export_table)
        page.save_requested.connect(self.save_picture)
        page.clear_requested.connect(self._clear_scope)
        page.work_requested.connect(self.work_requested)
        page.settings_requested.connect(self.settings_requested)
        self._write_figures()

    def _join_frame(self) -> None:
        frame, menu = self._frame, self._frame.menu
        frame.refresh_requested.connect(self.refresh_requested)
        frame.settings_requested.connect(self.settings_requested)
        frame.progress.cancel.clicked.connect(self.cancel_requested)
        frame.offer.accepted.connect(self.budgets_requested)
        frame.navigation.page_chosen.connect(self._on_page_chosen)
        frame.trail.stop_chosen.connect(self._go_to_stop)
        frame.scope_bar.changed.connect(self._show_around)
        menu.export_requested.connect(self.export_table)
        menu.save_requested.connect(self.save_picture)
        menu.invoice_requested.connect(lambda: self._saver.make_invoice(self.page.selection))
        menu.private.toggled.connect(self._formats.set_private)
        menu.private.toggled.connect(self.private_toggled)
        menu.why_requested.connect(self.explain_figures)
        menu.keys_requested.connect(self.show_keys)

    def _on_page_chosen(self, key: PageKey) -> None:
        if self._stops.depth or key is not self.page_key:
            self.show_page(key)

    def _add_shortcuts(self) -> None:
        self.addActions(self._frame.menu.actions())  # for their shortcuts
        for keys, action in (
            (Keys.CLOSE, self.close),
            (Keys.QUIT, self.quit_requested.emit),
            (Keys.REFRESH, self.refresh_requested.emit),
            (Keys.BACK, self.go_back),
            (Keys.FILTER, self._scope_bar.focus_filter),
            (Keys.HELP_TOO, self.show_keys),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)
        for page in listed_pages():
            shortcut = QShortcut(QKeySequence(page.shortcut), self)
            shortcut.activated.connect(lambda key=page.key: self.show_page(key))
