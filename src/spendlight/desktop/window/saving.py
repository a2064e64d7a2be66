"""Asks where to save a table, a picture or an invoice, and has it written on another thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.export import has_parquet, write_table
from spendlight.desktop.window.page import Work
from spendlight.desktop.window.report_view import ReportView
from spendlight.tracker.questions.invoice import Invoice
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker


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
        path = ask_for_path(self._window, name, _tr("Export table"), _table_kinds())
        if path is not None:
            self._write(table_writer(path, view))

    def save_picture(self, chart: Chart | None, name: str) -> None:
        """Save a chart as a picture in a file of the user's choice, as soon as it is drawn."""
        if chart is None or chart.surface is None:
            return
        path = ask_for_path(self._window, name, _tr("Save picture"), _picture_kinds())
        if path is not None:
            self._write(picture_writer(path, chart))

    def make_invoice(self, selection: Selection) -> None:
        """Ask for the terms of an invoice for the selected usage, and write it into a file."""
        if selection.is_of_team:
            self.told.emit(
                (
                    self.tr("There are no invoices for other machines of the team."),
                    self.tr("Select machines that are not marked as the team’s."),
                )
            )
            return
        from spendlight.desktop.window.invoice_dialog import InvoiceDialog  # rarely needed

        dialog = InvoiceDialog(self._window)
        dialog.accepted.connect(lambda: self._save_invoice(Invoice(selection, terms=dialog.terms)))
        dialog.open()

    def _save_invoice(self, invoice: Invoice) -> None:
        path = ask_for_path(self._window, "invoice", _tr("Save invoice"), _invoice_kinds())
        if path is not None:
            write = invoice_writer(path, invoice)
            self.work_requested.emit(Work(write, self._on_written, self._on_failed))

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


def ask_for_path(parent: QWidget, name: str, title: str, kinds: Mapping[str, str]) -> Path | None:
    """Return the file that the user has chosen, with an extension for its format.

    Args:
        parent: The window.
        name: What is saved, for the suggested name of the file.
        title: The title of the dialog.
        kinds: The extensions of the formats, by their descriptions.
    """
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    first = next(iter(kinds.values()))
    start = Path(QStandardPaths.writableLocation(documents)) / f"spendlight-{name}{first}"
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


def invoice_writer(path: Path, invoice: Invoice) -> Callable[[UsageTracker], None]:
    """Return a function that asks for an invoice and writes it in the format of the extension."""

    def write(tracker: UsageTracker) -> None:
        from spendlight.tracker.invoice_files import as_html, title_of, write_csv

        selection = invoice.selection._replace(zone=tracker.time_zone)
        sheet = tracker.ask(invoice._replace(selection=selection))
        if path.suffix.lower() == ".csv":
            with path.open("wb") as sink:
                write_csv(sheet, sink)
        elif path.suffix.lower() == ".html":
            path.write_text(as_html(sheet), encoding="utf-8")
        else:
            from spendlight.desktop.window.invoice_pdf import write_pdf

            write_pdf(path, as_html(sheet), title_of(sheet))

    return write


def _invoice_kinds() -> dict[str, str]:
    return {
        _tr("PDF (*.pdf)"): ".pdf",
        _tr("Web page (*.html)"): ".html",
        _tr("Comma-separated values (*.csv)"): ".csv",
    }


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
