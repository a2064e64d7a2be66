"""Asks where to save a table or a picture, and has it written on another thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.export import has_parquet, write_table
from spendlight.desktop.window.page import Work
from spendlight.desktop.window.report_view import ReportView


class Saver(QObject):
    """Saves what a page shows.

    Signals:
        work_requested: A task for another thread; carries `Work`.
        told: The result, to be shown as a notice; None for no notice.
    """

    work_requested = Signal(object)
    told = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def export_table(self, view: ReportView | None, name: str) -> None:
        """Write a table into a file of the user's choice, unless it is empty."""
        if view is None or not view.rows:
            return
        path = ask_for_path(self._window, name, is_picture=False)
        if path is not None:
            self._write(table_writer(path, view))

    def save_picture(self, chart: Chart | None, name: str) -> None:
        """Save a chart as a picture in a file of the user's choice, as soon as it is drawn."""
        if chart is None or chart.surface is None:
            return
        path = ask_for_path(self._window, name, is_picture=True)
        if path is not None:
            self._write(picture_writer(path, chart))

    def _write(self, write: Callable[[], None]) -> None:
        self.work_requested.emit(Work(lambda _: write(), self._on_written, self._on_failed))

    def _on_written(self, _: object) -> None:
        self.told.emit(None)

    def _on_failed(self, error: Exception) -> None:
        self.told.emit(
            (
                self.tr("The file was not written: {0}").format(error),
                self.tr("Choose another folder, or check whether the disk is full."),
            )
        )


def ask_for_path(parent: QWidget, name: str, *, is_picture: bool) -> Path | None:
    """Return the file that the user has chosen, with an extension for its format."""
    kinds = _picture_kinds() if is_picture else _table_kinds()
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    first = next(iter(kinds.values()))
    start = Path(QStandardPaths.writableLocation(documents)) / f"spendlight-{name}{first}"
    title = _tr("Save picture") if is_picture else _tr("Export table")
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(start), ";;".join(kinds))
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() in kinds.values():
        return path
    return path.with_name(path.name + kinds.get(kind, first))


def table_writer(path: Path, view: ReportView) -> Callable[[], None]:
    """Return a function that writes the current rows of a table."""
    columns, rows = list(view.model.columns), list(view.rows)
    return lambda: write_table(path, columns, rows)


def picture_writer(path: Path, chart: Chart) -> Callable[[], None]:
    """Return a function that writes the current chart."""
    return chart.picture(path)


def _table_kinds() -> dict[str, str]:
    kinds = {
        _tr("Comma-separated values (*.csv)"): ".csv",
        _tr("JSON (*.json)"): ".json",
        _tr("Markdown (*.md)"): ".md",
    }
    if has_parquet():
        kinds[_tr("Parquet (*.parquet)")] = ".parquet"
    return kinds


def _picture_kinds() -> dict[str, str]:
    return {_tr("PNG picture (*.png)"): ".png", _tr("SVG drawing (*.svg)"): ".svg"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Saving", text)
