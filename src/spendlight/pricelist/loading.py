"""Which price lists count now: a fetched one or the one that ships, and the user's over it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spendlight import assets
from spendlight.errors import PriceListError
from spendlight.metering.litellm import BadPriceError, parse_entry
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.names import name as shown_name
from spendlight.pricelist import files
from spendlight.pricelist.others import OTHERS_NAME, OtherModels, OthersFile

if TYPE_CHECKING:
    from spendlight.pricelist.files import Models

PRICES_NAME = "prices.json"
"""What the shipped list of Claude's models is called, and the fetched one in its folder."""

LITELLM = "LiteLLM list"


class Fetched(NamedTuple):
    """The list that was fetched last.

    Attributes:
        at: When.
        etag: What the server called it.
        models: Claude's models.
        others: Where all others are.
    """

    at: datetime
    etag: str
    models: Models
    others: OthersFile


def load_prices(
    *,
    file: Path | None,
    cache_dir: Path,
    is_offline: bool = False,
    overrides: Mapping[str, object] | None = None,
) -> PricingTable:
    """Return the prices to count with. The network is not asked; `renewing` does that.

    Args:
        file: A list of the user's, bare or wrapped in ``{"models": …}``. What it prices counts;
            all else is priced as without it.
        cache_dir: Where `renewing` keeps what it fetched.
        is_offline: Whether to leave a fetched list aside and take the shipped one, so that the
            figures depend on nothing but the program and the logs.
        overrides: The user's own prices, see `PricingTable.with_overrides`.

    Raises:
        PriceListError: The file cannot be read as a price list, or the shipped one is damaged.
    """
    table = _load_litellm(cache_dir, is_offline=is_offline)
    if file is not None:
        content = files.read(file)
        source = PriceSource(str(file), files.dated(content))
        table = table.with_list(_own_models(file, files.models_in(content)), source)
    return table.with_overrides(overrides) if overrides else table


def _load_litellm(cache_dir: Path, *, is_offline: bool) -> PricingTable:
    shipped = read_shipped()
    dated = files.dated(shipped)
    others = shipped_others()
    fetched = None if is_offline else read_fetched(cache_dir)
    if fetched is not None and (dated is None or fetched.at.date() >= dated):
        with suppress(PriceListError):  # the shipped list is still there
            source = PriceSource(LITELLM, fetched.at, "fetched")
            both = OtherModels(fetched.others, *others)
            return PricingTable.from_litellm(fetched.models, source, others=both)
    source = PriceSource(LITELLM, dated, "shipped")
    both = OtherModels(*others)
    return PricingTable.from_litellm(files.models_in(shipped), source, others=both)


def _own_models(file: Path, models: Mapping[str, object]) -> dict[str, object]:
    """Return the models in a file of the user's that have a price.

    Raises:
        PriceListError: None has, or a price makes no sense: then the user must know, as the
            figures would not be those that he wants.
    """
    priced = {}
    for name, entry in models.items():
        try:
            parse_entry(entry)
        except BadPriceError as error:
            if error.is_price:
                raise PriceListError(str(file), f"{shown_name(name)}: {error}") from error
        else:
            priced[name] = entry
    if not priced:
        raise PriceListError(str(file), "it contains no model with a price per token")
    return priced


def read_shipped() -> dict[str, Any]:
    """Return the list of Claude's models that ships.

    Raises:
        PriceListError: It is not there, or it is damaged.
    """
    try:
        return files.read(assets.resource(PRICES_NAME))
    except FileNotFoundError as error:
        raise PriceListError(PRICES_NAME, "it is missing from the installation") from error


def shipped_others() -> list[OthersFile]:
    """Return where the list of other models is that ships; nothing where it is missing."""
    try:
        return [OthersFile(assets.resource(OTHERS_NAME))]
    except FileNotFoundError:
        return []


def read_fetched(cache_dir: Path) -> Fetched | None:
    """Return the list that was fetched last, or None where there is none that is whole."""
    try:
        content = files.read(cache_dir / PRICES_NAME)
        stamp = content["fetched_at"]
        at = datetime.fromisoformat(stamp)
        etag = content["etag"]
        models = files.models_in(content)
    except (KeyError, TypeError, ValueError, PriceListError):
        return None
    if at.tzinfo is None or not isinstance(etag, str):
        return None
    entries = {name: entry for name, entry in models.items() if isinstance(entry, dict)}
    return Fetched(at, etag, entries, OthersFile(cache_dir / OTHERS_NAME, stamp))
