"""The arithmetic of invoices: terms, amounts that add up, and active time."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DOLLARS: Final = "USD"

MOST_GAP_MS: Final = 15 * 60_000
"""Two answers that are further apart than this do not belong to the same stretch of work."""

MINUTE_MS: Final = 60_000

_SMALLEST: Final = Decimal("1e-10")
"""Dollars: finer than any price of a token, and coarser than the noise of floating point."""

_DIGITS: Final = 100
"""Enough for any product of an amount, a rate and an exchange rate to be exact."""

_CENTS: Final = 2

_OTHER_DECIMALS: Final = {
    code: decimals
    for decimals, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
"""The decimals of the currencies that do not have two (ISO 4217)."""


class Terms(NamedTuple):
    """How a cost becomes an amount.

    Attributes:
        rate: The factor by which the cost is multiplied.
        currency: The currency of amounts, as in ISO 4217.
        exchange: How much of it a dollar is worth, as the user said.
    """

    rate: Decimal = Decimal(1)
    currency: str = DOLLARS
    exchange: Decimal = Decimal(1)

    @property
    def decimals(self) -> int:
        """How many decimals amounts have."""
        return _OTHER_DECIMALS.get(self.currency, _CENTS)

    @property
    def unit(self) -> Decimal:
        """The smallest amount of the currency."""
        return Decimal(1).scaleb(-self.decimals)

    def exact(self, dollars: float) -> Decimal:
        """Return the amount for a cost in dollars, before it is rounded."""
        with localcontext(prec=_DIGITS):
            return Decimal(dollars).quantize(_SMALLEST, ROUND_HALF_UP) * self.rate * self.exchange

    def text(self, amount: Decimal) -> str:
        """Return a rounded amount as text, without the currency."""
        return f"{amount:,.{self.decimals}f}"


def added(parts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of amounts."""
    with localcontext(prec=_DIGITS):
        return sum(parts, Decimal(0))


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Return an amount rounded to a multiple of the unit, halves away from zero.

    >>> rounded(Decimal("0.125"), Decimal("0.01"))
    Decimal('0.13')
    """
    with localcontext(prec=_DIGITS):
        return amount.quantize(unit, ROUND_HALF_UP)


def shared_out(total: Decimal, parts: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Return the parts of a rounded total, rounded so that they add up to it.

    Each is rounded down, and what is then missing goes, one unit each, to those that lost most by
    it (the method of largest remainders); among equal ones to the first. So none is off by a whole
    unit or more as long as the total is the rounded sum of the parts.

    >>> shared_out(Decimal("1.00"), [Decimal(1) / 3] * 3, Decimal("0.01"))
    [Decimal('0.34'), Decimal('0.33'), Decimal('0.33')]

    Args:
        total: A multiple of the unit.
        parts: What it is made of, exactly.
        unit: The smallest amount.
    """
    with localcontext(prec=_DIGITS):
        floors = [part.quantize(unit, ROUND_FLOOR) for part in parts]
        missing = int((total - sum(floors, Decimal(0))) / unit)
        order = sorted(range(len(parts)), key=lambda index: (floors[index] - parts[index], index))
        if order and missing:
            each, more = divmod(missing, len(order))
            for rank, index in enumerate(order):
                floors[index] += (each + (rank < more)) * unit
    return floors


def stretches(moments_ms: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the active time between answers: from one to the next, if that is at most 15 minutes.

    Args:
        moments_ms: When the answers were given, in any order.

    Yields:
        The beginning and the end of each stretch, in Unix milliseconds.
    """
    before_ms: int | None = None
    for at_ms in sorted(moments_ms):
        if before_ms is not None and 0 < at_ms - before_ms <= MOST_GAP_MS:
            yield before_ms, at_ms
        before_ms = at_ms
