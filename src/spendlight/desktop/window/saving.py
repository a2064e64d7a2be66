"""Asks where a table or a picture shall go, and makes what writes it on another thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.export import has_parquet, write_table
from spendlight.desktop.window.report_view import ReportView


def ask_for_path(parent: QWidget, name: str, *, is_picture: bool) -> Path | None:
    """Return where the user wants a file, with an ending that says of which kind it is."""
    kinds = _picture_kinds() if is_picture else _table_kinds()
    place = QStandardPaths.StandardLocation.DocumentsLocation
    first = next(iter(kinds.values()))
    start = Path(QStandardPaths.writableLocation(place)) / f"spendlight-{name}{first}"
    title = _tr("Save picture") if is_picture else _tr("Export table")
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(start), ";;".join(kinds))
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() in kinds.values():
        return path
    return path.with_name(path.name + kinds.get(kind, first))


def table_writer(path: Path, view: ReportView) -> Callable[[], None]:
    """Return what writes the rows of a table as they are now."""
    columns, rows = list(view.model.columns), list(view.rows)
    return lambda: write_table(path, columns, rows)


def picture_writer(path: Path, chart: Chart) -> Callable[[], None]:
    """Return what writes a chart as it is now."""
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
