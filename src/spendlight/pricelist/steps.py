"""The earlier prices of models whose makers have changed them, each with its last day.

The file is made by ``maintenance/price_steps.py`` from the dated releases of LiteLLM, and read when
the first model of another maker than Anthropic is priced.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from spendlight.metering.price_history import EarlierPrice
from spendlight.pricelist.files import MAX_BYTES
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STEPS_NAME: Final = "price-steps.json"
"""The file name of the shipped steps."""

_MS: Final = 1000


class PriceSteps:
    """The steps in a file, read on first use; without a file, there are none.

    Args:
        path: The file, or None.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def of(self, name: str, /) -> Sequence[EarlierPrice]:
        """Return the earlier prices under a listed name, the oldest first."""
        return self._models.get(name, ())

    def __len__(self) -> int:
        """Return how many names have earlier prices."""
        return len(self._models)

    @property
    def since(self) -> date | None:
        """The day of the first list that was looked at."""
        return _day(self._content.get("since"))

    @cached_property
    def fingerprint(self) -> str:
        """An identifier of the contents."""
        return format(crc32(self._text), "08x")

    @cached_property
    def _text(self) -> bytes:
        if self._path is None:
            return b""
        try:
            return read_regular(self._path, MAX_BYTES)
        except OSError:
            return b""

    @cached_property
    def _content(self) -> dict[str, Any]:
        try:
            content = json.loads(self._text or b"{}")
        except ValueError:  # edited by hand
            return {}
        return content if isinstance(content, dict) else {}

    @cached_property
    def _models(self) -> dict[str, tuple[EarlierPrice, ...]]:
        models = self._content.get("models")
        if not isinstance(models, dict):
            return {}
        found = {name: tuple(sorted(map(_earlier, steps))) for name, steps in models.items()}
        return {name: steps for name, steps in found.items() if steps}


def _earlier(step: dict[str, Any]) -> EarlierPrice:
    day = date.fromisoformat(step["until"])
    until_ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * _MS
    return EarlierPrice(until_ms, step["source"], step["prices"])


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None
