"""The earlier prices of models whose makers have changed them, each with its last day.

The shipped file is made by ``maintenance/price_steps.py`` from the dated releases of LiteLLM, and
read when the first model of another maker than Anthropic is priced. What changes between two lists
that are fetched is noted in another one, until a shipped one covers those days.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from spendlight.metering.litellm import INPUT, OUTPUT, RETIRED, WINDOW
from spendlight.metering.price_history import EarlierPrice
from spendlight.pricelist import files
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from spendlight.pricelist.files import Models

STEPS_NAME: Final = "price-steps.json"
"""The file name of the shipped steps, and of those noted when lists were fetched."""

MOST_DAYS: Final = 31
"""If the list before is older than this, a change may be as old, so its day is unknown."""

_MS: Final = 1000
_PRICES: Final = (INPUT, OUTPUT)
_NO_PRICES: Final = {WINDOW, RETIRED}


class PriceSteps:
    """The steps in a file, read on first use; without a file, there are none.

    Args:
        path: The file, or None.
        noted: Another one, which counts from the day until which the first was made.
    """

    def __init__(self, path: Path | None, noted: Path | None = None) -> None:
        self._path = path
        self._noted = noted

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
        return format(crc32(repr(self._models).encode()), "08x")

    @cached_property
    def _content(self) -> dict[str, Any]:
        return _read(self._path)

    @cached_property
    def _models(self) -> dict[str, tuple[EarlierPrice, ...]]:
        steps = {name: list(found) for name, found in _models_in(self._content).items()}
        after = str(self._content.get("until", ""))
        for name, noted in _models_in(_read(self._noted)).items():
            if later := [step for step in noted if str(step.get("until")) > after]:
                steps[name] = [*steps.get(name, ()), *later]
        try:
            found = {name: tuple(map(_earlier, of_one)) for name, of_one in steps.items()}
        except (KeyError, TypeError, ValueError):  # edited by hand
            return {}
        return {name: tuple(sorted(of_one, key=_until)) for name, of_one in found.items() if of_one}


def is_makers_own(name: str) -> bool:
    """Return whether a name in a list is its maker's: without a seller, or with the maker as one.

    No name of Claude's counts: Anthropic has not changed a price since there has been Claude Code.
    """
    from spendlight.metering.model_names import identity, maker_of, seller_of  # a list was fetched

    seller = seller_of(name)
    return "claude" not in name and (not seller or seller == maker_of(identity(name)))


def base_prices(entry: Mapping[str, object]) -> tuple[str, ...]:
    """Return the prices of input and output, whose change is a step of a maker's."""
    prices = (entry.get(key) for key in _PRICES)
    return tuple(f"{price:.3e}" if isinstance(price, int | float) else "" for price in prices)


def only_prices(entry: Mapping[str, object]) -> dict[str, object]:
    """Return an entry without what is no price."""
    return {key: value for key, value in entry.items() if key not in _NO_PRICES}


def note_steps(path: Path, before: Models, after: Models, dated: date, today: date) -> None:
    """Note what models cost before, if a newer list has another price.

    Args:
        path: Where; what is noted there already stays.
        before: The models of other makers than Anthropic in the list before.
        after: The same of the newer one.
        dated: The date of the list before.
        today: The day, in UTC, from which the new prices hold.

    Raises:
        OSError: If it cannot be written.
    """
    if not 0 <= (today - dated).days <= MOST_DAYS:
        return
    changed = {
        name: entry
        for name, entry in before.items()
        if name in after and base_prices(entry) != base_prices(after[name]) and is_makers_own(name)
    }
    if not changed:
        return
    models: dict[str, Any] = {name: list(steps) for name, steps in _models_in(_read(path)).items()}
    for name, entry in changed.items():
        step = {
            "until": today.isoformat(),
            "source": f"LiteLLM list from {dated}",
            "prices": only_prices(entry),
        }
        models.setdefault(name, []).append(step)
    files.write(path, json.dumps({"models": models}))


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = json.loads(read_regular(path, files.MAX_BYTES))
    except (OSError, ValueError):  # ValueError: edited by hand
        return {}
    return content if isinstance(content, dict) else {}


def _models_in(content: dict[str, Any]) -> dict[str, Sequence[dict[str, Any]]]:
    models = content.get("models")
    return models if isinstance(models, dict) else {}


def _until(price: EarlierPrice) -> int:
    return price.until_ms


def _earlier(step: dict[str, Any]) -> EarlierPrice:
    day = date.fromisoformat(step["until"])
    until_ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * _MS
    return EarlierPrice(until_ms, step["source"], step["prices"])


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None
