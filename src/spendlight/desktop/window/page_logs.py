"""The page of logs: profiles of log folders, and what Claude Code's cleanup deletes next."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from spendlight.desktop.change_dialog import ChangeTask
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.choice import Choice
from spendlight.desktop.window.cleanup_dialog import CleanupDialog
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import CAPTION, GROUP_PX, RELATED_PX, CardRow, Label
from spendlight.desktop.window.log_tables import LogTable, columns_of, rows_of
from spendlight.desktop.window.page import Page, Work
from spendlight.desktop.window.report_view import ReportView
from spendlight.metering.reports import cost_text
from spendlight.tracker.profile import (
    CleanupOutlook,
    DaysOrigin,
    FileFilter,
    FolderProfile,
    SurveyProgress,
    WhyThreads,
    spending_of,
)

SOON: Final = timedelta(days=7)


class LogsPage(Page):
    """The profile of a folder, in many tables of which one is shown.

    Signals:
        progressed: The progress of the survey; sent from its thread.
    """

    progressed = Signal(object)

    has_range = False
    has_scope = False

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        super().__init__(formats, maker)
        self._stop: threading.Event | None = None
        self._profiles: tuple[FolderProfile, ...] = ()
        self._path: Path | None = None
        self._cards = CardRow()
        self._folders = QComboBox()
        self._folders.setAccessibleName(self.tr("Folder"))
        self._folders.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(self.tr("All files, or *.jsonl"))
        self._filter.setAccessibleName(self.tr("Only files with matching names"))
        self._filter.setMaximumWidth(200)
        self._choose = QPushButton(self.tr("Choose folder…"))
        self._again = QPushButton(self.tr("Scan again"))
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(RELATED_PX)
        self._bar.setAccessibleName(self.tr("Scanning the folder"))
        self._seen = Label(CAPTION, is_secondary=True)
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cleanup_text = Label()
        self._cleanup_text.setWordWrap(True)
        self._keep = QPushButton(self.tr("Keep logs longer…"))
        self._method = Label(CAPTION, is_secondary=True)
        self._table = Choice(
            self.tr("Table"),
            {
                self.tr("By project"): LogTable.PROJECTS,
                self.tr("By type"): LogTable.EXTENSIONS,
                self.tr("By depth"): LogTable.DEPTHS,
                self.tr("Largest"): LogTable.LARGEST,
                self.tr("Oldest"): LogTable.OLDEST,
                self.tr("Deleted next"): LogTable.DELETED_NEXT,
                self.tr("Oddities"): LogTable.ODDITIES,
            },
        )
        self._view = ReportView(self.tr("Contents of the folder"), formats)
        self._lay_out()
        self._join()

    @property
    def profile(self) -> FolderProfile | None:
        """The profile that is shown."""
        index = self._folders.currentIndex()
        return self._profiles[index] if 0 <= index < len(self._profiles) else None

    def table(self) -> ReportView:
        """Return the table."""
        return self._view

    def come_into_sight(self) -> None:
        """Survey the folder, if not done yet."""
        if not self._profiles and self._stop is None:
            self.look()

    def shut_down(self) -> None:
        """Stop a running survey."""
        if self._stop is not None:
            self._stop.set()

    def look(self) -> None:
        """Survey the folder."""
        self.shut_down()
        stop = self._stop = threading.Event()
        path, text = self._path, self._filter.text().strip()
        filters = FileFilter(names=tuple(text.replace(",", " ").split())) if text else None
        self._show_running(is_running=True)
        work = Work(
            lambda tracker: tracker.profile(path, filters, stop, self.progressed.emit),
            self.show_profiles,
            self._on_failed,
        )
        self.work_requested.emit(work)

    def look_for(self, names: str) -> None:
        """Survey files whose names match; "" means all."""
        self._filter.setText(names)
        self.look()

    def show_profiles(self, profiles: tuple[FolderProfile, ...]) -> None:
        """Show profiles."""
        self._stop = None
        self._show_running(is_running=False)
        self._profiles = profiles
        self._folders.blockSignals(True)  # noqa: FBT003  # Qt's own
        self._folders.clear()
        self._folders.addItems([profile.survey.folder for profile in profiles])
        self._folders.blockSignals(False)  # noqa: FBT003  # Qt's own
        self._show()

    def _show(self) -> None:
        profile = self.profile
        if profile is None:
            self._seen.show_text(self.tr("There is no log folder to scan."))
            return
        survey, formats = profile.survey, self.formats
        oldest = survey.oldest[0] if survey.oldest else None
        since = datetime.fromtimestamp(oldest.modified_ns / 1e9, UTC) if oldest else None
        odd = len(rows_of(LogTable.ODDITIES, profile))
        self._cards.show_cards(
            (
                (
                    self.tr("Files"),
                    formats.count(survey.files),
                    self.tr("{0} folders").format(formats.count(survey.folders)),
                ),
                (
                    self.tr("Size"),
                    formats.size(survey.size),
                    ""
                    if survey.disk_size is None
                    else self.tr("{0} on disk").format(formats.size(survey.disk_size)),
                ),
                (
                    self.tr("Oldest file"),
                    formats.day(since.astimezone(formats.zone).date()) if since else "–",
                    self.tr("depth {0} at most").format(survey.max_depth),
                ),
                (
                    self.tr("Oddities"),
                    formats.count(odd),
                    self.tr("empty, broken or unreadable"),
                ),
            )
        )
        self._show_cleanup(profile.cleanup)
        self._method.show_text(self._method_text(profile))
        self._show_table()

    def _show_table(self) -> None:
        profile = self.profile
        if profile is not None:
            table = LogTable(str(self._table.current))
            self._view.show_rows(columns_of(table, self.formats), rows_of(table, profile))
            self._view.say_where_empty(
                {
                    LogTable.ODDITIES: self.tr("Nothing is empty, broken or unreadable."),
                    LogTable.DELETED_NEXT: self.tr("Nothing is due to be deleted."),
                }.get(table, self.tr("No matching files."))
            )

    def _show_cleanup(self, cleanup: CleanupOutlook | None) -> None:
        self._keep.setVisible(cleanup is not None)
        if cleanup is None:
            self._cleanup_text.show_text("")
            return
        days, formats = cleanup.retention.days, self.formats
        if days is None:
            self._cleanup_text.show_text(cleanup.retention.problem)
            return
        whose = {
            DaysOrigin.DEFAULT: self.tr("its default"),
            DaysOrigin.USER: self.tr("your settings"),
            DaysOrigin.MANAGED: self.tr("your organisation’s settings"),
        }[cleanup.retention.origin]
        due = cleanup.due(datetime.now(UTC) + SOON)
        sentences = [
            self.tr(
                "Claude Code deletes logs {days} days after their last change ({whose})."
            ).format(days=formats.count(days), whose=whose),
            self.tr("{count} of them ({size}) are due within 7 days.").format(
                count=formats.count(len(due)), size=formats.size(sum(log.size for log in due))
            ),
        ]
        if due and cleanup.is_known:
            kept = spending_of(due)
            sentences.append(
                self.tr("Their cost of {cost} stays counted.").format(
                    cost=formats.text(cost_text(kept))
                )
            )
        self._cleanup_text.show_text(" ".join(sentences))

    def _method_text(self, profile: FolderProfile) -> str:
        method = profile.survey.method
        why = {
            WhyThreads.FEW_FILES: self.tr("because there are few files"),
            WhyThreads.MANY_FILES: self.tr("because there are many files"),
            WhyThreads.ONE_PROCESSOR: self.tr("because there is only one processor"),
            WhyThreads.ASKED: self.tr("as requested"),
            WhyThreads.NOT_ALLOWED: self.tr("because the system could not start another"),
        }[method.why]
        seconds = self.formats.locale.toString(max(0.1, profile.seconds), "f", 1)
        if method.threads == 1:
            text = self.tr("Scanned in {seconds} s by one thread, {why}.")
        else:
            text = self.tr("Scanned in {seconds} s by {count} threads, {why}.")
        text = text.format(seconds=seconds, count=method.threads, why=why)
        if not profile.survey.is_complete:
            text += " " + self.tr("The scan was stopped early.")
        return text

    def _show_running(self, *, is_running: bool) -> None:
        for widget in (self._bar, self._cancel):
            widget.setVisible(is_running)
        self._again.setEnabled(not is_running)
        self._choose.setEnabled(not is_running)
        self._seen.show_text(self.tr("Checking…") if is_running else "")

    def _on_progress(self, progress: SurveyProgress) -> None:
        if self._stop is not None:
            self._seen.show_text(
                self.tr("{files} files, {size}").format(
                    files=self.formats.count(progress.files), size=self.formats.size(progress.size)
                )
            )

    def _on_failed(self, error: Exception) -> None:
        self._stop = None
        self._show_running(is_running=False)
        self._seen.show_text(str(error))

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose folder"))
        if chosen:
            self._path = Path(chosen)
            self.look()

    def _keep_longer(self) -> None:
        profile = self.profile
        if profile is None or profile.cleanup is None:
            return
        dialog = CleanupDialog(
            Path(profile.cleanup.folder), profile.cleanup.retention.days or 30, self
        )
        dialog.work_requested.connect(self._hand_on)
        dialog.changed.connect(self.look)
        dialog.open()

    def _hand_on(self, task: ChangeTask[Any]) -> None:
        self.work_requested.emit(Work(lambda _: task.run(), task.done, task.failed))

    def _join(self) -> None:
        self.progressed.connect(self._on_progress)
        self._again.clicked.connect(self.look)
        self._filter.returnPressed.connect(self.look)
        self._choose.clicked.connect(self._choose_folder)
        self._cancel.clicked.connect(self.shut_down)
        self._keep.clicked.connect(self._keep_longer)
        self._table.chosen.connect(self._show_table)
        self._folders.currentIndexChanged.connect(self._show)
        self._view.export_requested.connect(lambda: self.export_requested.emit(self._view))
        self.formats.changed.connect(self._show)
        self._show_running(is_running=False)
        self._keep.hide()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        for widget in (self._folders, self._filter, self._choose, self._again):
            line.addWidget(widget)
        line.addStretch(1)
        running = QHBoxLayout()
        running.setSpacing(RELATED_PX)
        running.addWidget(self._bar, 1)
        running.addWidget(self._seen)
        running.addWidget(self._cancel)
        cleanup = QHBoxLayout()
        cleanup.setSpacing(GROUP_PX)
        cleanup.addWidget(self._cleanup_text, 1)
        cleanup.addWidget(self._keep, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addLayout(line)
        layout.addLayout(running)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(self._cards)
        layout.addSpacing(RELATED_PX)
        layout.addLayout(cleanup)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(self._table)
        layout.addWidget(self._view, 1)
        layout.addWidget(self._method)
