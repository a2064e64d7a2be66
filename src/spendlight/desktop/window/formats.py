"""How the window writes numbers, money, dates and names: by the user's locale, or hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Final

from PySide6.QtCore import QDate, QLocale, QObject, Signal

from spendlight.metering.reports import (
    SESSION_LETTERS,
    compact_count,
    money,
    session_label,
    short_model,
)
from spendlight.names import name

HIDDEN: Final = "•••"
"""Shown instead of an amount in privacy mode."""

_MONEY = re.compile(r"(-?)\$(\d[\d,]*)(\.\d+)?(?: \+ \?)?")
_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTH = re.compile(r"\b(\d{4})-(\d{2})\b(?!-)")
_NUMBER = re.compile(r"(?<![\w$.,:-])(\d{1,3}(?:,\d{3})+|\d+\.\d+)(?![\w:-])")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_plain(locale: QLocale) -> bool:
    """Return whether numbers and days are written like in reports."""
    return locale.language() in {QLocale.Language.C, QLocale.Language.English}


def day_form(locale: QLocale) -> str:
    """Return Qt's format string for days."""
    if is_plain(locale):
        return "yyyy-MM-dd"
    form = locale.dateFormat(QLocale.FormatType.ShortFormat)
    return form if "yyyy" in form else form.replace("yy", "yyyy")


class Formats(QObject):
    """How numbers, money, dates and names are written; one instance for the whole window.

    Reports and sentences are in plain English. Numbers and dates in them are rewritten for other
    languages, so that there is one text for each figure and not two.

    Signals:
        changed: All texts must be written again.
    """

    changed = Signal()

    def __init__(
        self, zone: tzinfo, locale: QLocale | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.zone = zone
        self.locale = locale or QLocale()
        self._is_private = False
        self._projects: Mapping[str, str] = {}

    @property
    def is_private(self) -> bool:
        """Whether amounts are hidden."""
        return self._is_private

    @property
    def is_plain(self) -> bool:
        """Whether the locale writes numbers like reports."""
        return is_plain(self.locale)

    def set_private(self, is_private: bool) -> None:  # noqa: FBT001  # a slot of a check box
        """Hide amounts, or show them again."""
        if is_private != self._is_private:
            self._is_private = is_private
            self.changed.emit()

    def set_projects(self, names: Mapping[str, str]) -> None:
        """Set the display names of projects."""
        if names != self._projects:
            self._projects = dict(names)
            self.changed.emit()

    @property
    def _has_dots(self) -> bool:
        """Whether the days of a month are ordinals with a dot."""
        return self.locale.language() == QLocale.Language.German

    def money(self, dollars: float) -> str:
        """Return an amount."""
        return self.text(money(dollars))

    def count(self, number: int) -> str:
        """Return a count with all digits."""
        return self.text(f"{number:,}")

    def compact(self, number: float, *, has_zeros: bool = False) -> str:
        """Return a count in three digits and a unit, or in fewer if the rest are zeros."""
        return self.text(compact_count(number, has_zeros=has_zeros))

    def size(self, size: float) -> str:
        """Return a size in bytes; a kilobyte is 1,000 bytes."""
        return self.locale.formattedDataSize(int(size), 1, QLocale.DataSizeFormat.DataSizeSIFormat)

    def share(self, share: float) -> str:
        """Return a share as a percentage."""
        digits = 0 if share >= 0.1 or share == 0 else 1  # noqa: PLR2004  # 12 %, but 1.2 %
        text = self.locale.toString(share * 100, "f", digits)
        return f"{text} %"

    def amount(self, value: float, *, is_money: bool) -> str:
        """Return dollars or tokens."""
        return self.money(value) if is_money else self.compact(value)

    def day(self, day: date) -> str:
        """Return a day."""
        if self.is_plain:
            return day.isoformat()
        return self.locale.toString(QDate(day.year, day.month, day.day), day_form(self.locale))

    def long_day(self, day: date) -> str:
        """Return a day with its weekday."""
        weekday = self.locale.dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
        return f"{weekday} {self.day(day)}"

    def short_day(self, day: date) -> str:
        """Return a day without its year."""
        month = self.locale.monthName(day.month, QLocale.FormatType.ShortFormat)
        return f"{day.day}. {month}" if self._has_dots else f"{day.day} {month}"

    def month(self, month: date) -> str:
        """Return a month by name."""
        title = self.locale.standaloneMonthName(month.month, QLocale.FormatType.ShortFormat)
        return f"{title} {month.year}"

    def clock(self, moment: datetime) -> str:
        """Return the time of day."""
        return f"{moment.astimezone(self.zone):%H:%M}"

    def moment(self, moment: datetime) -> str:
        """Return a day and the time of day."""
        local = moment.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def project(self, path: str) -> str:
        """Return the display name of a project; what follows its folder stays."""
        slug, _, rest = path.partition("/")
        called = self._projects.get(slug, slug)
        return name(f"{called}/{rest}" if rest else called)

    @staticmethod
    def model(label: str) -> str:
        """Return the display name of a model."""
        return short_model(label)

    def session(self, session: str, title: str = "") -> str:
        """Return the title of a session, unless amounts are hidden, and its shortened id."""
        if title and not self._is_private:
            return session_label(session, title)
        return f"{session[:SESSION_LETTERS]}…" if _ID.fullmatch(session) else name(session)

    def text(self, text: str) -> str:
        """Return a plain English text with its figures in the user's locale."""
        if self._is_private:
            text = _MONEY.sub(HIDDEN, text)
        if self.is_plain:
            return text
        text = _NUMBER.sub(self._number, text)  # first, as the others may produce dots, too
        text = _MONEY.sub(self._money, text)
        text = _DAY.sub(lambda found: self.day(date(*map(int, found.groups()))), text)
        return _MONTH.sub(lambda found: self.month(date(int(found[1]), int(found[2]), 1)), text)

    def _number(self, found: re.Match[str]) -> str:
        plain = found[0].replace(",", "")
        if "." not in plain:
            return self.locale.toString(int(plain))
        return self.locale.toString(float(plain), "f", len(plain.partition(".")[2]))

    def _money(self, found: re.Match[str]) -> str:
        digits = len(found[3] or ".") - 1
        amount = float(f"{found[1]}{found[2].replace(',', '')}{found[3] or ''}")
        suffix = " + ?" if found[0].endswith("?") else ""
        return self.locale.toCurrencyString(amount, "$", digits) + suffix
