"""Creates the window on demand, updates it, and answers its questions."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from spendlight.desktop import words
from spendlight.desktop.door import Door
from spendlight.desktop.window_geometry import WindowGeometry
from spendlight.desktop.workers import TaskPool
from spendlight.metering.pricing import CostMode

if TYPE_CHECKING:
    from spendlight.desktop.window import ColumnChoices, MainWindow, Work
    from spendlight.metering.budgets import Alert
    from spendlight.tracker.questions.question import Question


class WindowDesk(QObject):
    """Manages the window.

    Attributes:
        mode: How reports determine the cost of an answer.

    Signals:
        made: The window was created; carries it. It is shown after that.
    """

    made = Signal(object)

    def __init__(  # noqa: PLR0913, PLR0917  # all of them are needed
        self,
        door: Door,
        zone: tzinfo,
        reading: TaskPool,
        working: TaskPool,
        geometry: WindowGeometry | None,
        parent: QObject,
    ) -> None:
        """Start without a window.

        Args:
            door: Where the answers come from.
            zone: The time zone of days.
            reading: For answering questions.
            working: For other work, one task after the other.
            geometry: Where the window was; None in a demo, which stores nothing.
            parent: The owner.
        """
        super().__init__(parent)
        self._door = door
        self._zone = zone
        self._reading = reading
        self._working = working
        self._geometry = geometry
        self._window: MainWindow | None = None
        self._columns: ColumnChoices | None = None
        self._hint: words.Message | None = None
        self._team_problem: words.Message | None = None
        self._is_shut_down = False
        self.mode = CostMode.AUTO

    @property
    def window(self) -> MainWindow:
        """The window; created on demand, as it is closed for most of the day."""
        if self._window is None:
            from spendlight.desktop.window import ColumnChoices, MainWindow  # only when opened

            self._columns = columns = ColumnChoices()
            if self._geometry is not None:
                columns.restore(self._geometry.columns)
            self._window = window = MainWindow(self._zone, columns)
            self.destroyed.connect(window.deleteLater)
            window.asked.connect(self._on_asked)
            window.work_requested.connect(self._on_work_requested)
            window.show_hint(self._hint)
            if self._geometry is not None:
                self._geometry.restore(window)
            self.made.emit(window)
        return self._window

    @property
    def is_made(self) -> bool:
        """Whether the window was created."""
        return self._window is not None

    def open(self) -> None:
        """Show the window in front, unless the program is ending."""
        if not self._is_shut_down:
            self.window.come_up()

    def toggle(self) -> None:
        """Show the window, or hide it."""
        if not self._is_shut_down:
            self.window.toggle()

    def open_page(self, page: str) -> None:
        """Show a page of the window."""
        if self._is_shut_down:
            return
        from spendlight.desktop.window.pages import PageKey  # comes with the window

        self.window.show_page(PageKey(page))
        self.window.come_up()

    def open_alert(self, alert: Alert | None) -> None:
        """Show what caused an alert; None is for the test notification."""
        if self._is_shut_down:
            return
        if alert is None:
            self.window.come_up()
        else:
            self.window.show_alert(alert)

    def show_hint(self, hint: words.Message | None) -> None:
        """Show a hint about the desktop, or none."""
        self._hint = hint
        if self._window is not None:
            self._window.show_hint(hint)

    def show(self, situation: words.Situation) -> None:
        """Update the window, if there is one."""
        window = self._window
        if window is None:
            return
        window.show_snapshot(situation.snapshot)
        window.show_stale(words.is_old(situation))
        window.show_figures(
            words.window_title(situation),
            words.cards(situation),
            words.price_line(situation),
            words.notice(situation),
            words.empty_state(situation),
        )
        progress = situation.progress
        if progress is None:
            window.show_progress(0, 0, "")
        else:
            text = words.progress_text(progress)
            window.show_progress(progress.bytes_done, progress.bytes_total, text)

    def use_zone(self, zone: tzinfo) -> None:
        """Change the time zone."""
        self._zone = zone
        if self._window is not None:
            self._window.use_zone(zone)

    def on_reports_changed(self) -> None:
        """Make the window ask again."""
        if self._window is not None:
            self._window.on_days_changed()

    def shut_down(self) -> None:
        """Store where the window was, and close it for good.

        A second start, a click or a hot key may still request it while the program ends. Nobody
        would wait for the threads it would start, and Qt aborts if one is still running.
        """
        self._is_shut_down = True
        if self._window is not None:
            if self._geometry is not None and self._columns is not None:
                self._geometry.remember(self._window, self._columns.as_json())
            self._window.shut_down()

    def _on_asked(self, number: int, question: Question[object]) -> None:
        selection = question.selection._replace(zone=self._zone, mode=self.mode)
        local = question._replace(selection=selection)
        self._reading.run(
            lambda: (number, *self._door.ask(local)),
            self._on_answer,
            partial(self._on_answer_failed, number),
        )

    def _on_answer(self, result: tuple[int, object, str]) -> None:
        number, answer, reason = result
        self.window.on_answer(number, answer)
        problem = words.team_problem(reason)
        if problem != self._team_problem:
            self._team_problem = problem
            self.window.show_hint(problem or self._hint)

    def _on_answer_failed(self, number: int, error: Exception) -> None:
        self.window.on_answer_failed(number, words.failure(error))

    def _on_work_requested(self, work: Work[Any]) -> None:
        self._working.run(lambda: work.run(self._door()), work.done, work.failed)
