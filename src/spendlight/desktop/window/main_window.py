"""The window: pages at the side, a range and a filter above all of them, and the trail back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QPalette, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.asking import Asking
from spendlight.desktop.window.book import PAGE_KEYS, PageBook, title_of
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.charts.palette import ColorBook
from spendlight.desktop.window.dialogs import KeysDialog, TextDialog, why_figures_differ
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import (
    CAPTION,
    EDGE_PX,
    GROUP_PX,
    RELATED_PX,
    TITLE,
    Label,
    Notice,
    Progress,
)
from spendlight.desktop.window.navigation import Navigation, Trail, tinted_icon
from spendlight.desktop.window.offer import BudgetOffer
from spendlight.desktop.window.page import Around, Page, Work
from spendlight.desktop.window.page_alerts import hour_of
from spendlight.desktop.window.page_now import NowPage
from spendlight.desktop.window.saving import ask_for_path, picture_writer, table_writer
from spendlight.desktop.window.scope_bar import PageScope, RangeChoice, ScopeBar
from spendlight.desktop.window.targets import (
    FilterTarget,
    PageKey,
    Stop,
    Target,
    stop_of,
)
from spendlight.metering.limits import Alert
from spendlight.metering.reports import Report
from spendlight.tracker.snapshot import UsageSnapshot

log = logging.getLogger(__name__)

RELEASE_MS: Final = 60_000
"""So long after it was closed the window gives back what its pages hold."""

CLICK_S: Final = 0.3
"""A click on the tray takes the focus from the window this much before it is reported."""

SIZE: Final = QSize(1080, 720)
SMALLEST: Final = QSize(640, 460)


class MainWindow(QWidget):
    """Shows every figure: what is spent now, and where it went.

    It says what the user wants by signals, and is told what to show. It asks for reports when it
    is shown and when days have changed that it shows; an answer to a question that has been
    replaced is dropped by its number. Pages are made when they are first shown.

    Signals:
        report_requested: It wants a report; carries a number and the `ReportRequest`.
        report_arrived: A report that is shown now; carries `Report`.
        work_requested: It wants something done on another thread; carries `Work`.
        refresh_requested: The user wants the figures of this moment.
        cancel_requested: The user wants the reading of the logs to stop.
        private_toggled: The user wants amounts hidden, or shown again; carries which.
        settings_requested: The user wants to see the settings.
        budgets_requested: The user wants to set a budget.
        quit_requested: The user wants the program to end.
    """

    report_requested = Signal(int, object)
    report_arrived = Signal(object)
    work_requested = Signal(object)
    refresh_requested = Signal()
    cancel_requested = Signal()
    private_toggled = Signal(bool)
    settings_requested = Signal()
    budgets_requested = Signal()
    quit_requested = Signal()

    def __init__(self, zone: tzinfo = UTC) -> None:
        """Make the window.

        Args:
            zone: Where the user's clock is.
        """
        super().__init__()
        self._deactivated_at = 0.0
        self._snapshot: UsageSnapshot | None = None
        self._figures: tuple[str, tuple[tuple[str, str, str], ...], str] = ("", (), "")
        self._week_start = 6
        self._is_stale = False
        self._formats = Formats(zone, parent=self)
        self._maker = ChartMaker(self._formats, ColorBook(), ColorBook())
        self._asking = Asking(self._formats, self._maker, self)
        self._book = PageBook(self._formats, self._maker)
        self._trail: list[Stop] = [Stop(PageKey.NOW, title_of(PageKey.NOW))]
        self._notice, self._hint, self._offer = Notice(), Notice(), BudgetOffer()
        self._demo = Label(is_secondary=True)
        self._demo.hide()
        self._prices = Label(CAPTION, is_secondary=True)
        self._prices.setWordWrap(True)
        self._empty_title = Label(TITLE)
        self._empty_advice = Label(is_secondary=True)
        self._progress = Progress()
        self._scope_bar = ScopeBar()
        self._navigation = Navigation([(key, title_of(key)) for key in PAGE_KEYS])
        self._trail_bar = Trail()
        self._stack = QStackedWidget()
        self._more = QToolButton()
        self._releasing = QTimer(self)
        self._releasing.setSingleShot(True)
        self._releasing.setInterval(RELEASE_MS)
        self._lay_out()
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
        """The page that is shown; made if it was not yet."""
        return self._book.page(self._trail[-1].page)

    @property
    def page_key(self) -> PageKey:
        """Which page is shown."""
        return self._trail[-1].page

    @property
    def scope(self) -> PageScope:
        """What range and filter are chosen."""
        return self._scope_bar.scope

    @property
    def scope_bar(self) -> ScopeBar:
        """Where range and filter are chosen."""
        return self._scope_bar

    def show_figures(
        self,
        title: str,
        cards: Sequence[tuple[str, str, str]],
        price_line: str,
        notice: tuple[str, str] | None,
        empty: tuple[str, str] | None,
    ) -> None:
        """Show the present.

        Args:
            title: The window's title.
            cards: Caption, figure and context of each.
            price_line: Where the money comes from.
            notice: What must be known about the figures, and what to do about it.
            empty: What stands there in the place of figures, if there are none.
        """
        self._figures = (title, tuple((c[0], c[1], c[2]) for c in cards), price_line)
        self._notice.show_message(notice)
        if empty is not None:
            self._empty_title.show_text(empty[0])
            self._empty_advice.show_text(empty[1])
        self._stack.setCurrentIndex(int(empty is None))
        self._navigation.setEnabled(empty is None)
        self._write_figures()

    def show_snapshot(self, snapshot: UsageSnapshot | None) -> None:
        """Take the present: where the block ends, and where it leads."""
        self._snapshot = snapshot
        if self.isVisible():
            self._show_around()

    def show_stale(self, is_stale: bool) -> None:  # noqa: FBT001  # as Qt's own setters
        """Show that the figures are not of this moment, or that they are."""
        if is_stale != self._is_stale:
            self._is_stale = is_stale
            self._write_figures()

    def show_demo(self) -> None:
        """Say that the figures are made up."""
        self._demo.show_text(self.tr("Made-up data"))

    def show_hint(self, hint: tuple[str, str] | None) -> None:
        """Show a hint about the desktop, or none."""
        self._hint.show_message(hint)

    def offer_budgets(self) -> None:
        """Ask whether the user wants a budget, until that is answered."""
        self._offer.show()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far the reading of the logs is; a total of 0 ends that."""
        self._progress.show_progress(done, total, text)

    def show_page(self, key: PageKey) -> None:
        """Show a page from its beginning."""
        if self._trail[0].scope is not None and len(self._trail) > 1:
            self._restore(self._trail[0].scope)
        self._trail = [Stop(key, title_of(key))]
        self._arrive()

    def show_alert(self, alert: Alert) -> None:
        """Show the hour that caused an alert, and come up."""
        self.come_up()
        self.show_page(PageKey.ALERTS)
        self.open_target(hour_of(alert, self._formats))

    def open_target(self, target: object) -> None:
        """Drill down."""
        stop = stop_of(target)
        if stop is None:
            return
        self._trail[-1] = replace(self._trail[-1], scope=self.scope)
        self._trail.append(stop)
        if isinstance(target, FilterTarget):
            self._scope_bar.choose_filter(project=target.project, model=target.model)
        self._arrive()

    def go_back(self) -> None:
        """Go back to where one came from."""
        if len(self._trail) > 1:
            self._go_to_stop(len(self._trail) - 2)

    def shut_down(self) -> None:
        """Disappear, and tell what is under way to stop."""
        self.hide()
        self._releasing.stop()
        self._book.shut_down()
        plot_loader().wait()

    def set_private(self, is_private: bool) -> None:  # noqa: FBT001  # a slot
        """Hide amounts, or show them again."""
        self._private_action.setChecked(is_private)

    def use_week_start(self, week_start: int) -> None:
        """Let weeks begin on a day; 0 is Monday, 6 is Sunday."""
        if week_start != self._week_start:
            self._week_start = week_start
            self.on_days_changed()

    def on_days_changed(self) -> None:
        """Ask for reports again, now or when there is somebody to see them."""
        self._asking.outdate()
        if self.isVisible():
            self._show_around()

    def on_report(self, number: int, report: Report[Any]) -> None:
        """Take the answer to the question of that number."""
        if self._asking.take(number, report):
            self.report_arrived.emit(report)

    def on_report_failed(self, notice: tuple[str, str]) -> None:
        """Say why there is no answer; ask again when there is a reason to."""
        self._asking.outdate()
        self._notice.show_message(notice)

    def toggle(self) -> None:
        """Disappear, if the user sees the window; else come up."""
        is_active = self.isActiveWindow() or time.monotonic() - self._deactivated_at < CLICK_S
        if self.isVisible() and not self.isMinimized() and is_active:
            self.hide()
        else:
            self.come_up()

    def come_up(self) -> None:
        """Appear above all other windows."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the reports that were not worth asking for while nobody looked."""
        super().showEvent(event)
        self._releasing.stop()
        plot_loader().load()
        if not self._book.pages:
            self._arrive()
        else:
            self._show_around()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the pages for a while, lest somebody comes back."""
        super().hideEvent(event)
        self._releasing.start()

    def release(self) -> None:
        """Give back what the pages hold; they are made anew when somebody looks again."""
        self._asking.outdate()
        self._book.release()

    def changeEvent(self, event: QEvent) -> None:
        """Remember when the focus went, to tell a click on the tray from any other."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._deactivated_at = time.monotonic()
        elif event.type() == QEvent.Type.ApplicationPaletteChange and hasattr(self, "_more"):
            self._more.setIcon(tinted_icon("more", QPalette()))

    def export_table(self) -> None:
        """Write the table of this page into a file of the user's choice."""
        view = self.page.table()
        if view is None or not view.rows:
            return
        path = ask_for_path(self, self.page_key, is_picture=False)
        if path is not None:
            self._write(table_writer(path, view))

    def save_picture(self) -> None:
        """Save the chart of this page as a picture."""
        chart = self.page.chart()
        if chart is None or chart.surface is None:
            return
        path = ask_for_path(self, self.page_key, is_picture=True)
        if path is not None:
            self._write(picture_writer(path, chart))

    def explain_figures(self) -> None:
        """Say why these figures differ from others."""
        answers, unpriced = self._asking.known
        unread = self._snapshot.unread_lines if self._snapshot else 0
        sections = why_figures_differ(
            self._formats.count(answers), self._figures[2], unpriced, unread
        )
        TextDialog(self.tr("Why do these numbers differ?"), sections, self).open()

    def show_keys(self) -> None:
        """Say which keys there are."""
        KeysDialog(self).open()

    def _arrive(self) -> None:
        """Show the page the trail ends at."""
        stop = self._trail[-1]
        page = self._book.page(stop.page)
        target: Target | None = stop.target
        page.target = target
        self._book.setCurrentWidget(page)
        self._navigation.show_page(self._trail[0].page)
        self._trail_bar.show_stops([one.title for one in self._trail])
        self._scope_bar.setVisible(page.has_scope)
        self._scope_bar.set_has_range(
            page.has_range, self.tr("This page is about a time of its own.")
        )
        self._show_around()

    def _show_around(self) -> None:
        """Let the page know the present, and ask for what it does not know."""
        now = datetime.now(UTC)
        if self._snapshot is not None:
            now = max(now, self._snapshot.at) if self._is_live else self._snapshot.at
        today = now.astimezone(self._formats.zone).date()
        self._scope_bar.set_today(today)
        page = self.page
        page.scope = self._scope_bar.scope
        page.show_around(Around(now, today, self._week_start, self._snapshot))
        page.come_into_sight()
        self._asking.ask(page)

    @property
    def _is_live(self) -> bool:
        """Whether the snapshot is of about now; tests and pictures have another clock."""
        assert self._snapshot is not None  # noqa: S101  # asked by the caller
        return abs(datetime.now(UTC) - self._snapshot.at) < timedelta(days=1)

    def _ask_anew(self) -> None:
        self._asking.forget(self.page)
        self._show_around()

    def _clear_scope(self) -> None:
        self._scope_bar.choose_filter()
        self._scope_bar.choose_range(RangeChoice.ALL)

    def _go_to_stop(self, number: int) -> None:
        stop = self._trail[number]
        del self._trail[number + 1 :]
        if stop.scope is not None:
            self._restore(stop.scope)
        self._arrive()

    def _restore(self, scope: PageScope) -> None:
        self._scope_bar.blockSignals(True)  # noqa: FBT003  # Qt's own
        self._scope_bar.choose_filter(project=scope.project, model=scope.model)
        days = scope.days if scope.choice is RangeChoice.CUSTOM else None
        self._scope_bar.choose_range(scope.choice, days)
        self._scope_bar.blockSignals(False)  # noqa: FBT003  # Qt's own

    def _write_figures(self) -> None:
        """Write what came as text, as figures are written here."""
        title, cards, prices = self._figures
        text = self._formats.text
        self.setWindowTitle(text(title))
        self._prices.show_text(text(prices))
        now = self._book.pages.get(PageKey.NOW)
        if isinstance(now, NowPage) and cards:
            shown = [(text(a), text(b), text(c)) for a, b, c in cards]
            now.show_cards(shown, is_stale=self._is_stale)

    def _join(self) -> None:
        self._releasing.timeout.connect(self.release)
        self._progress.cancel.clicked.connect(self.cancel_requested)
        self._offer.accepted.connect(self.budgets_requested)
        book = self._book
        book.made.connect(self._write_figures)
        book.opened.connect(self.open_target)
        book.asked.connect(self._ask_anew)
        book.export_requested.connect(self.export_table)
        book.save_requested.connect(self.save_picture)
        book.clear_requested.connect(self._clear_scope)
        book.work_requested.connect(self.work_requested)
        book.settings_requested.connect(self.settings_requested)
        self._navigation.page_chosen.connect(self._on_page_chosen)
        self._trail_bar.stop_chosen.connect(self._go_to_stop)
        self._scope_bar.changed.connect(self._show_around)
        self._asking.asked.connect(self.report_requested)
        self._asking.choices_known.connect(self._scope_bar.show_choices)
        self._asking.models_seen.connect(self._order_colors)
        self._formats.changed.connect(self._write_figures)

    def _write(self, write: Callable[[], None]) -> None:
        self.work_requested.emit(Work(lambda _: write(), self._on_written, self._on_write_failed))

    def _on_written(self, _: object) -> None:
        self._notice.show_message(None)

    def _on_write_failed(self, error: object) -> None:
        self._notice.show_message(
            (
                self.tr("The file was not written: {0}").format(error),
                self.tr("Choose another place, or look whether the disk is full."),
            )
        )

    def _order_colors(self, models: tuple[str, ...]) -> None:
        """Give models their colours in the order that was remembered."""
        work = Work(
            lambda tracker: tracker.color_order(models), self._on_colors, self._on_no_colors
        )
        self.work_requested.emit(work)

    def _on_colors(self, models: object) -> None:
        assert isinstance(models, tuple)  # noqa: S101  # what color_order returns
        if self._maker.models.learn(models):
            self._formats.changed.emit()

    def _on_no_colors(self, error: object) -> None:
        log.warning("Colours are not remembered: %s", error)

    def _on_page_chosen(self, key: PageKey) -> None:
        if len(self._trail) > 1 or key is not self.page_key:
            self.show_page(key)

    def _add_shortcuts(self) -> None:
        for keys, action in (
            ("Ctrl+W", self.close),
            ("Ctrl+Q", self.quit_requested.emit),
            ("F5", self.refresh_requested.emit),
            ("Alt+Left", self.go_back),
            ("Ctrl+F", self._scope_bar.focus_filter),
            ("Ctrl+E", self.export_table),
            ("Ctrl+Shift+E", self.save_picture),
            ("Ctrl+H", self._private_action.toggle),
            ("Ctrl+,", self.settings_requested.emit),
            ("F1", self.show_keys),
            ("Ctrl+/", self.show_keys),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)
        for number, key in enumerate(PAGE_KEYS, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(lambda key=key: self.show_page(key))

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(EDGE_PX, GROUP_PX, EDGE_PX, GROUP_PX)
        right.setSpacing(GROUP_PX)
        for widget in (self._hint, self._notice, self._offer):
            right.addWidget(widget)
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._data_page())
        right.addWidget(self._stack, 1)
        right.addWidget(self._progress)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, GROUP_PX, 0, 0)
        outer.setSpacing(0)
        outer.addSpacing(RELATED_PX)
        outer.addWidget(self._navigation)
        outer.addLayout(right, 1)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(RELATED_PX)
        layout.addStretch(2)
        for label in (self._empty_title, self._empty_advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        again = QPushButton(self.tr("Look again"))
        again.clicked.connect(self.refresh_requested)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(again, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page

    def _data_page(self) -> QWidget:
        page = QWidget()
        refresh = QPushButton(self.tr("Refresh"))
        refresh.setToolTip("F5")
        refresh.clicked.connect(self.refresh_requested)
        self._more.setAccessibleName(self.tr("More"))
        self._more.setToolTip(self.tr("More"))
        self._more.setIcon(tinted_icon("more", QPalette()))
        self._more.setAutoRaise(True)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._make_menu())
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        line.addWidget(self._trail_bar, 1)
        line.addWidget(self._demo)
        line.addWidget(refresh)
        line.addWidget(self._more)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addLayout(line)
        layout.addWidget(self._scope_bar)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(self._book, 1)
        layout.addWidget(self._prices)
        return page

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for text, keys, action in (
            (self.tr("Export table…"), "Ctrl+E", self.export_table),
            (self.tr("Save picture…"), "Ctrl+Shift+E", self.save_picture),
        ):
            menu.addAction(f"{text}\t{keys}").triggered.connect(action)
        menu.addSeparator()
        self._private_action = menu.addAction(f"{self.tr('Hide amounts')}\tCtrl+H")
        self._private_action.setCheckable(True)
        self._private_action.toggled.connect(self._formats.set_private)
        self._private_action.toggled.connect(self.private_toggled)
        menu.addSeparator()
        why = menu.addAction(self.tr("Why do these numbers differ?"))
        why.triggered.connect(self.explain_figures)
        keys_action = menu.addAction(f"{self.tr('Keyboard shortcuts')}\tF1")
        keys_action.triggered.connect(self.show_keys)
        settings = menu.addAction(f"{self.tr('Settings…')}\tCtrl+,")
        settings.triggered.connect(self.settings_requested)
        return menu
