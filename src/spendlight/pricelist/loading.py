"""Loads the price lists in force: the fetched or the shipped one, with the user's on top."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spendlight import assets
from spendlight.errors import PriceListError
from spendlight.metering.litellm import BadPriceError, parse_entry
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.names import name as shown_name
from spendlight.pricelist import files
from spendlight.pricelist.others import OTHERS_NAME, OtherModels, OthersFile
from spendlight.pricelist.steps import STEPS_NAME, PriceSteps
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from spendlight.pricelist.files import Models

PRICES_NAME = "prices.json"
"""The file name of the shipped list of Claude's models, and of the fetched one."""

LITELLM = "LiteLLM list"


class Fetched(NamedTuple):
    """The list that was last fetched.

    Attributes:
        at: When.
        etag: The server's tag of it.
        models: Claude's models.
        others: The file of all others.
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
    """Return the prices in force, without using the network; `renewing` does that.

    Args:
        file: A list of the user's, bare or wrapped in ``{"models": …}``. Its prices take
            precedence; everything else is priced as without it.
        cache_dir: Where `renewing` keeps the fetched list.
        is_offline: Whether to ignore a fetched list and use the shipped one, so that the figures
            depend only on the program and the logs.
        overrides: The user's own prices, see `PricingTable.with_overrides`.

    Raises:
        PriceListError: If the file is not a valid price list, or the shipped one is damaged.
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
            steps = shipped_steps(noted=cache_dir / STEPS_NAME)
            return PricingTable.from_litellm(fetched.models, source, others=both, earlier=steps)
    source = PriceSource(LITELLM, dated, "shipped")
    both = OtherModels(*others)
    models = files.models_in(shipped)
    return PricingTable.from_litellm(models, source, others=both, earlier=shipped_steps())


def _own_models(file: Path, models: Mapping[str, object]) -> dict[str, object]:
    """Return the models in a user's file that have a price.

    Raises:
        PriceListError: If none has, or a price is invalid: the user must know, as the figures
            would not be the intended ones.
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
    """Return the shipped list of Claude's models.

    Raises:
        PriceListError: If it is missing or damaged.
    """
    try:
        return files.read(assets.resource(PRICES_NAME))
    except FileNotFoundError as error:
        raise PriceListError(PRICES_NAME, "it is missing from the installation") from error


def shipped_others() -> list[OthersFile]:
    """Return the file of the shipped list of other models; empty if it is missing."""
    try:
        return [OthersFile(assets.resource(OTHERS_NAME))]
    except FileNotFoundError:
        return []


def shipped_steps(noted: Path | None = None) -> PriceSteps:
    """Return the shipped steps of prices; there are none if their file is missing.

    Args:
        noted: Where those are that were noted when lists were fetched.
    """
    try:
        return PriceSteps(assets.resource(STEPS_NAME), noted)
    except FileNotFoundError:
        return PriceSteps(None, noted)


def read_fetched(cache_dir: Path) -> Fetched | None:
    """Return the list that was last fetched, or None if there is no complete one."""
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
