"""Writes an invoice as PDF: the same page that a browser prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QIODevice, QLocale, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

if TYPE_CHECKING:
    from pathlib import Path

DOTS_PER_INCH: Final = 96
"""The resolution for which the page is laid out: that of CSS."""

_PER_METER: Final = 39.3701
_PRINTED: Final = 1200
_MARGINS_MM: Final = QMarginsF(16, 16, 16, 20)
_FOOT_PX: Final = 40
_FOOT_POINTS: Final = 8.0
_GREY: Final = "#66707a"


def write_pdf(path: Path, html: str, title: str) -> None:
    """Write a page of HTML as PDF, on Letter where people use inches, otherwise on A4.

    Raises:
        OSError: If it cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("Spendlight")
    writer.setResolution(_PRINTED)
    writer.setPageSize(QPageSize(_size()))
    writer.setPageMargins(_MARGINS_MM, QPageLayout.Unit.Millimeter)
    _draw(writer, html)
    path.write_bytes(buffer.data().data())


def _size() -> QPageSize.PageSizeId:
    is_american = QLocale().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
    return QPageSize.PageSizeId.Letter if is_american else QPageSize.PageSizeId.A4


def _draw(writer: QPdfWriter, html: str) -> None:
    """Draw the page of HTML on as many pages of paper as it needs, with their numbers."""
    screen = QImage(1, 1, QImage.Format.Format_RGB32)  # whatever the resolution of the real one
    for set_dots in (screen.setDotsPerMeterX, screen.setDotsPerMeterY):
        set_dots(round(DOTS_PER_INCH * _PER_METER))
    scale = writer.resolution() / DOTS_PER_INCH
    page = QRectF(0, 0, writer.width() / scale, writer.height() / scale)
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setUseDesignMetrics(True)
    document.documentLayout().setPaintDevice(screen)
    document.setHtml(html)
    document.setPageSize(QSizeF(page.width(), page.height()))
    pages = document.pageCount()
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.save()
        painter.scale(scale, scale)
        _number(painter, page, number + 1, pages)
        top = number * page.height()
        painter.translate(0, -top)
        painter.setClipRect(page.translated(0, top))
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = page.translated(0, top)
        document.documentLayout().draw(painter, context)
        painter.restore()
    painter.end()


def _number(painter: QPainter, page: QRectF, number: int, pages: int) -> None:
    """Write the number of a page below it, if there are several."""
    if pages == 1:
        return
    font = QFont()
    font.setPixelSize(round(_FOOT_POINTS * DOTS_PER_INCH / 72))
    painter.setFont(font)
    painter.setPen(_GREY)
    foot = QRectF(0, page.height(), page.width(), _FOOT_PX)
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(foot, flags, f"{number} / {pages}")
