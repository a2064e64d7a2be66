"""Asks for the terms of an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.labels import EDGE_PX, GROUP_PX, Label
from spendlight.metering.invoicing import DOLLARS, Terms

MOST_RATE: Final = 1000.0
MOST_EXCHANGE: Final = 1_000_000.0

RATE_DECIMALS: Final = 4
EXCHANGE_DECIMALS: Final = 6

CODE_LETTERS: Final = 3


class InvoiceDialog(QDialog):
    """Asks for rate, currency and exchange rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Invoice"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        said = Label(is_secondary=True)
        said.setWordWrap(True)
        said.setText(
            self.tr(
                "For the selected days and filter. Costs are estimates from list prices, and the "
                "invoice says so. The exchange rate is yours; none is fetched."
            )
        )
        self._rate = self._factor(RATE_DECIMALS, MOST_RATE, self.tr("Rate"))
        self._rate.setValue(1.0)
        self._rate.setSingleStep(0.1)
        self._rate.setToolTip(self.tr("Multiplies the cost: 1.2 adds 20 %"))
        self._currency = QLineEdit(DOLLARS)
        self._currency.setMaxLength(CODE_LETTERS)
        letters = QRegularExpression(f"[A-Za-z]{{{CODE_LETTERS}}}")
        self._currency.setValidator(QRegularExpressionValidator(letters, self))
        self._currency.setAccessibleName(self.tr("Currency"))
        self._exchange = self._factor(EXCHANGE_DECIMALS, MOST_EXCHANGE, self.tr("One dollar is"))
        self._exchange.setValue(1.0)
        kinds = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        self._buttons.button(kinds.Save).setText(self.tr("Save as…"))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.tr("&Rate"), self._rate)
        form.addRow(self.tr("&Currency"), self._currency)
        form.addRow(self.tr("&One dollar is"), self._exchange)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        column.setSpacing(GROUP_PX)
        column.addWidget(said)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self._currency.textChanged.connect(self._on_currency)
        self._on_currency()

    @property
    def terms(self) -> Terms:
        """The terms as typed."""
        currency = self._currency.text().upper()
        exchange = Decimal(1) if currency == DOLLARS else _exact(self._exchange)
        return Terms(_exact(self._rate), currency, exchange)

    def _factor(self, decimals: int, most: float, name: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setDecimals(decimals)
        field.setRange(10**-decimals, most)
        field.setAccessibleName(name)
        return field

    def _on_currency(self) -> None:
        currency = self._currency.text().upper()
        is_whole = len(currency) == CODE_LETTERS
        self._exchange.setEnabled(is_whole and currency != DOLLARS)
        self._exchange.setSuffix(f" {currency}" if is_whole else "")
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(is_whole)


def _exact(field: QDoubleSpinBox) -> Decimal:
    """Return a value as it is shown."""
    return Decimal(f"{field.value():.{field.decimals()}f}").normalize()
