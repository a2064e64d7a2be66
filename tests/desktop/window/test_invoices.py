"""Invoices of what the window shows, as PDF, as a web page and as CSV."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
)
from tests.desktop.window.conftest import Shown, child

from spendlight.desktop.window.invoice_dialog import InvoiceDialog
from spendlight.desktop.window.invoice_pdf import write_pdf
from spendlight.desktop.window.pages import PageKey
from spendlight.desktop.window.scope_bar import RangeChoice
from spendlight.metering.invoicing import Terms

A4_POINTS = b"/MediaBox [0 0 595"
LETTER_POINTS = b"/MediaBox [0 0 612"


def dialog_of(shown: Shown) -> InvoiceDialog:
    """Open the dialog from the menu, and return it."""
    (action,) = (each for each in shown.window.actions() if each.text() == "Invoice…")
    action.trigger()
    (dialog,) = shown.window.findChildren(InvoiceDialog)
    return dialog


def save_button(dialog: InvoiceDialog) -> QPushButton:
    buttons = dialog.findChild(QDialogButtonBox)
    assert isinstance(buttons, QDialogButtonBox)
    return buttons.button(QDialogButtonBox.StandardButton.Save)


def saved(shown: Shown, monkeypatch: pytest.MonkeyPatch, file: Path) -> bytes:
    """Save an invoice on the usual terms, and return the file's content."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    save_button(dialog_of(shown)).click()
    QApplication.processEvents()
    return (file if file.suffix else file.with_suffix(".pdf")).read_bytes()


def test_what_is_selected_is_invoiced(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown.window.show_page(PageKey.SESSIONS)
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    total = shown.report.total

    text = saved(shown, monkeypatch, tmp_path / "invoice.csv").decode()
    rows = list(csv.DictReader(text.splitlines()))

    assert sum(int(row["totalTokens"]) for row in rows) == total.tokens.total
    amount = sum(Decimal(row["amount"]) for row in rows)
    assert amount == Decimal(f"{total.cost:.2f}")


def test_an_invoice_of_one_project_is_a_page_or_a_pdf(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown.window.show_page(PageKey.SESSIONS)
    project = shown.report.rows[0].name.project
    shown.window.scope_bar.choose_filter(project=project)

    page = saved(shown, monkeypatch, tmp_path / "invoice.html").decode()
    pdf = saved(shown, monkeypatch, tmp_path / "invoice")  # the first format is PDF

    assert ">Project</p>" in page
    assert "Estimate from list prices" in page
    assert pdf.startswith(b"%PDF-")


@pytest.mark.parametrize(("locale", "box"), [("en_US", LETTER_POINTS), ("de_DE", A4_POINTS)])
def test_the_paper_is_the_one_of_the_country(
    qapp: QApplication,  # noqa: ARG001  # fonts need it
    tmp_path: Path,
    locale: str,
    box: bytes,
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(locale))
    try:
        write_pdf(tmp_path / "page.pdf", "<p>One</p>" * 400, "Long")
    finally:
        QLocale.setDefault(before)

    pdf = (tmp_path / "page.pdf").read_bytes()
    assert pdf.count(box) > 1  # several pages


def test_the_terms_are_those_that_were_typed(shown: Shown) -> None:
    dialog = dialog_of(shown)
    rate = child(dialog, QDoubleSpinBox, "Rate")
    currency = child(dialog, QLineEdit, "Currency")
    exchange = child(dialog, QDoubleSpinBox, "One dollar is")
    assert isinstance(rate, QDoubleSpinBox)
    assert isinstance(currency, QLineEdit)
    assert isinstance(exchange, QDoubleSpinBox)
    assert (dialog.terms, exchange.isEnabled()) == (Terms(), False)

    currency.setText("eu")
    assert not save_button(dialog).isEnabled()
    currency.setText("eur")
    rate.setValue(1.2)
    exchange.setValue(0.92)

    assert save_button(dialog).isEnabled()
    assert exchange.suffix() == " EUR"
    assert dialog.terms == Terms(Decimal("1.2"), "EUR", Decimal("0.92"))


def test_a_file_that_cannot_be_written_is_reported(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        saved(shown, monkeypatch, tmp_path / "no" / "invoice.pdf")

    assert any("The file was not written" in text for text in shown.texts())


def test_nothing_is_written_when_the_dialog_is_cancelled(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def ask(*words: object) -> tuple[str, str]:
        asked.append(words)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)

    dialog_of(shown).reject()

    assert asked == []
