"""Where prices come from: the list that ships, a newer one fetched from LiteLLM, or a file.

Prices never stand in the way: without a network the newest list at hand serves.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spendlight import assets
from spendlight.errors import PriceListError
from spendlight.metering.litellm import MEDIUM_SEARCH, MULTIPLIERS, SEARCHES, WINDOW
from spendlight.metering.model_pricing import ModelPricing
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    import httpx  # 190 ms, so only the fetching imports it

PRICES_URL = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
"""LiteLLM's list, which ccusage reads too; some 3 MB."""

PRICES_NAME = "prices.json"
"""What the shipped list is called among the resources, and the fetched one in its folder."""

FAILURE_NAME = "prices-failure.json"

FETCH_EVERY = timedelta(days=1)
"""Prices change a few times a year; asking once a day is polite and enough."""

RETRY_AFTER = timedelta(hours=6)
"""A failure is remembered so long, or every start without a network would try again."""

TIMEOUT_S = 10.0
"""For connecting and for each part of the answer, as ccusage has it."""

DEADLINE_S = 60.0
"""For the whole answer: a server that drips must not hold a program that wants to end."""

MAX_BYTES = 32 * 1024 * 1024
"""Ten times what the list is today; whatever is longer is something else."""

APART_S = 120
"""How long another process may take to renew the list."""

MIN_MODELS = 10
"""LiteLLM has over twenty ``claude-`` models; a list with so few is broken or something else."""

SANE_PRICES = (1e-10, 1e-2)
"""Dollars per token. The cheapest cache read is 1e-8, the dearest output 1.4e-4."""

Models = dict[str, dict[str, object]]
"""Models by name, each in LiteLLM's form."""

_LITELLM = "LiteLLM list"
_HOST = PRICES_URL.split("/")[2]
_RELEVANT = r"(?:(?:[a-z-]+\.)?anthropic\.|vertex_ai/)?claude-"
_PRICE_KEY = (
    r"(?:input_cost_per_token|output_cost_per_token"
    r"|cache_creation_input_token_cost|cache_read_input_token_cost)"
    r"(?:_above_([0-9]+)k_tokens)?"
)
_RETIRED = "retired"
_MOST_BYTES = 256 << 20
"""A larger file is no price list."""


class RefreshStatus(StrEnum):
    """How an attempt to renew the price list ended."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_DUE = "not due"
    FAILED = "failed"


class RefreshOutcome(NamedTuple):
    """What came of an attempt to renew the price list.

    Attributes:
        status: How it ended. Only after `RefreshStatus.UPDATED` are there other prices to load.
        reason: What went wrong, if it failed now, or so lately that it was not tried again.
    """

    status: RefreshStatus
    reason: str = ""


def load_prices(
    *,
    file: Path | None,
    cache_dir: Path,
    is_offline: bool = False,
    overrides: Mapping[str, Mapping[str, object]] | None = None,
) -> PricingTable:
    """Return the prices to count with. The network is not asked; `refresh_prices` does that.

    Args:
        file: The list that the user wants, bare or wrapped in ``{"models": …}``. It wins.
        cache_dir: Where `refresh_prices` keeps what it fetched.
        is_offline: Whether to leave a fetched list aside and take the shipped one, so that the
            figures depend on nothing but the program and the logs.
        overrides: The user's own prices, see `PricingTable.with_overrides`.

    Raises:
        PriceListError: The file cannot be read as a price list, or the shipped one is damaged.
    """
    if file is not None:
        content = _read(file)
        source = PriceSource(str(file), _dated(content))
        return PricingTable.from_litellm(_models(content), source, overrides)
    shipped = _read_shipped()
    dated = _dated(shipped)
    fetched = None if is_offline else _read_fetched(cache_dir)
    if fetched is not None and (dated is None or fetched.at.date() >= dated):
        with suppress(PriceListError):  # the shipped list is still there
            source = PriceSource(_LITELLM, fetched.at, "fetched")
            return PricingTable.from_litellm(fetched.models, source, overrides)
    source = PriceSource(_LITELLM, dated, "shipped")
    return PricingTable.from_litellm(_models(shipped), source, overrides)


def refresh_prices(
    cache_dir: Path,
    *,
    now: datetime,
    client: httpx.Client | None = None,
    command: Sequence[str] = (),
) -> RefreshOutcome:
    """Renew the fetched price list if that is due. Whatever goes wrong is an outcome.

    Args:
        cache_dir: Where the list is kept; made if need be.
        now: The moment, with its time zone.
        client: How to ask; by default a client of its own.
        command: A program that renews it, to be run if that is due: what the network needs takes
            20 MB, which a process that goes on all day would not get back.
    """
    fetched = _read_fetched(cache_dir)
    wait = _not_due(cache_dir, fetched, now)
    if wait is not None:
        return wait
    if command:
        return _refresh_apart(cache_dir, fetched, command)
    try:
        models = _known(fetched)
        answer = _fetch(client, fetched.etag if fetched else "")
        if answer.body is not None:
            models = merge_models(models, _checked(answer.body, models))
        content = {"fetched_at": now.isoformat(), "etag": answer.etag, "models": models}
        _write(cache_dir / PRICES_NAME, content)
        (cache_dir / FAILURE_NAME).unlink(missing_ok=True)
    except _FetchError as error:
        return _failed(cache_dir, now, str(error))
    except PriceListError as error:
        return _failed(cache_dir, now, error.title)
    except OSError as error:
        return _failed(cache_dir, now, f"it cannot be kept: {error.strerror or error}")
    is_same = fetched is not None and models == fetched.models
    return RefreshOutcome(RefreshStatus.UNCHANGED if is_same else RefreshStatus.UPDATED)


def _not_due(cache_dir: Path, fetched: _Fetched | None, now: datetime) -> RefreshOutcome | None:
    """Return why the list need not be renewed yet, or None if it should be."""
    if fetched is not None and timedelta(0) <= now - fetched.at < FETCH_EVERY:
        return RefreshOutcome(RefreshStatus.NOT_DUE)
    failure = _read_failure(cache_dir)
    if failure is not None and timedelta(0) <= now - failure.at < RETRY_AFTER:
        return RefreshOutcome(RefreshStatus.NOT_DUE, failure.reason)
    return None


def _refresh_apart(
    cache_dir: Path, before: _Fetched | None, command: Sequence[str]
) -> RefreshOutcome:
    """Let another process renew the list, and see what came of it."""
    import subprocess  # most programs never need it

    try:
        subprocess.run(  # noqa: S603  # it is this program itself
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=APART_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return RefreshOutcome(RefreshStatus.FAILED, f"it cannot be fetched: {error}")
    fetched = _read_fetched(cache_dir)
    if fetched is None or (before is not None and fetched.at == before.at):
        failure = _read_failure(cache_dir)
        reason = failure.reason if failure else "nothing came of the attempt"
        return RefreshOutcome(RefreshStatus.FAILED, reason)
    is_same = before is not None and fetched.models == before.models
    return RefreshOutcome(RefreshStatus.UNCHANGED if is_same else RefreshStatus.UPDATED)


def select_models(raw: Mapping[str, object]) -> Models:
    """Return what matters here of LiteLLM's list: Claude's models and the prices of their tokens.

    Args:
        raw: The whole list. Of the many services that resell Claude, those stay whose names
            Claude Code itself logs: Anthropic, Bedrock and its regions, Vertex.
    """
    models: Models = {}
    for name, entry in raw.items():
        if not (re.match(_RELEVANT, name) and isinstance(entry, Mapping)):
            continue
        kept = {
            key: value
            for key, value in entry.items()
            if key in (WINDOW, MULTIPLIERS, SEARCHES) or re.fullmatch(_PRICE_KEY, key)
        }
        searches = kept.get(SEARCHES)
        if isinstance(searches, Mapping) and MEDIUM_SEARCH in searches:
            kept[SEARCHES] = {MEDIUM_SEARCH: searches[MEDIUM_SEARCH]}
        if "input_cost_per_token" in kept and "output_cost_per_token" in kept:
            models[name] = kept
    return models


def merge_models(
    known: Mapping[str, Mapping[str, object]], fresh: Mapping[str, Mapping[str, object]]
) -> Models:
    """Return a fresh list with what is no longer sold kept at its last price.

    LiteLLM drops models and terms when they are withdrawn, but old logs still need them: a
    model that the fresh list has no more, a fast speed or a region that it has no more, and a
    long-context price for contexts that the model can no longer read.

    Args:
        known: What was known before.
        fresh: The list of today, which is right about everything it has.
    """
    merged: Models = {
        name: {**entry, _RETIRED: True} for name, entry in known.items() if name not in fresh
    }
    for name, entry in fresh.items():
        merged[name] = {**_withdrawn(known.get(name, {}), entry), **entry}
        multipliers = {
            **_mapping(known.get(name, {}), MULTIPLIERS),
            **_mapping(entry, MULTIPLIERS),
        }
        if multipliers:
            merged[name][MULTIPLIERS] = multipliers
    return dict(sorted(merged.items()))


def _withdrawn(known: Mapping[str, object], fresh: Mapping[str, object]) -> dict[str, object]:
    window = fresh.get(WINDOW)
    if not isinstance(window, int) or any("_above_" in key for key in fresh):
        return {}
    matches = ((key, re.fullmatch(_PRICE_KEY, key)) for key in known)
    return {
        key: known[key]
        for key, match in matches
        if match and match[1] and int(match[1]) * 1000 >= window
    }


def _mapping(entry: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = entry.get(key)
    return value if isinstance(value, Mapping) else {}


class _FetchError(Exception):
    """Why no list could be fetched, in words."""

    def __init__(self, host: str, problem: str) -> None:
        super().__init__(f"{host} {problem}")


class _Fetched(NamedTuple):
    """The list that was fetched last."""

    at: datetime
    etag: str
    models: Models


class _Failure(NamedTuple):
    """The attempt that failed last."""

    at: datetime
    reason: str


class _Answer(NamedTuple):
    """What LiteLLM answered; no body where the list is the one we have."""

    etag: str
    body: bytes | None


def _fetch(client: httpx.Client | None, etag: str) -> _Answer:
    import httpx

    headers = {"If-None-Match": etag} if etag else {}
    ends_at = time.monotonic() + DEADLINE_S
    try:
        with (
            nullcontext(client) if client else httpx.Client(timeout=TIMEOUT_S) as session,
            session.stream("GET", PRICES_URL, headers=headers) as response,
        ):
            if response.status_code == httpx.codes.NOT_MODIFIED and etag:
                return _Answer(etag, None)
            if response.status_code != httpx.codes.OK:
                raise _FetchError(_HOST, f"answered {response.status_code}")
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise _FetchError(_HOST, "sent more than a price list")
                if time.monotonic() > ends_at:
                    raise _FetchError(_HOST, "took too long")
            return _Answer(response.headers.get("ETag", ""), bytes(body))
    except httpx.TimeoutException as error:
        raise _FetchError(_HOST, "took too long") from error
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, ValueError) as error:
        raise _FetchError(_HOST, f"cannot be reached: {error}") from error


def _checked(body: bytes, known: Models) -> Models:
    """Return the models of a fetched list, with known prices in place of absurd ones.

    Raises:
        _FetchError: It is no list of prices of Claude's models.
    """
    try:
        raw = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _FetchError(_HOST, "sent no JSON") from error
    models = select_models(raw) if isinstance(raw, dict) else {}
    table = PricingTable(models, PriceSource(_LITELLM))
    prices = ((name, table.find(name)) for name in table.models)
    sane = {name for name, price in prices if price and _is_sane(price)}
    if sum(name.startswith("claude-") for name in sane) < MIN_MODELS:
        raise _FetchError(_HOST, "sent too few models with a price")
    absurd = models.keys() - sane
    kept = {name: known[name] for name in absurd if name in known}
    return {name: entry for name, entry in models.items() if name in sane} | kept


def _is_sane(price: ModelPricing) -> bool:
    low, high = SANE_PRICES
    prices = (price.input, price.output, price.cache_write, price.cache_read)
    return all(low <= dollars <= high for dollars in prices)


def _known(fetched: _Fetched | None) -> Models:
    """Return the models of the shipped and the fetched list, the newer one being right."""
    shipped = _read_shipped()
    models: Models = {
        name: entry for name, entry in _models(shipped).items() if isinstance(entry, dict)
    }
    if fetched is None:
        return models
    dated = _dated(shipped)
    if dated is not None and fetched.at.date() < dated:
        return merge_models(fetched.models, models)
    return merge_models(models, fetched.models)


def _read_shipped() -> dict[str, Any]:
    try:
        return _read(assets.resource(PRICES_NAME))
    except FileNotFoundError as error:
        raise PriceListError(PRICES_NAME, "it is missing from the installation") from error


def _read_fetched(cache_dir: Path) -> _Fetched | None:
    try:
        content = _read(cache_dir / PRICES_NAME)
        at = datetime.fromisoformat(content["fetched_at"])
        etag = content["etag"]
        models = _models(content)
    except (KeyError, TypeError, ValueError, PriceListError):
        return None
    if at.tzinfo is None or not isinstance(etag, str):
        return None
    entries = {name: entry for name, entry in models.items() if isinstance(entry, dict)}
    return _Fetched(at, etag, entries)


def _read_failure(cache_dir: Path) -> _Failure | None:
    try:
        content = _read(cache_dir / FAILURE_NAME)
        failure = _Failure(datetime.fromisoformat(content["tried_at"]), str(content["reason"]))
    except (KeyError, TypeError, ValueError, PriceListError):
        return None
    return failure if failure.at.tzinfo else None


def _failed(cache_dir: Path, now: datetime, reason: str) -> RefreshOutcome:
    with suppress(OSError):  # then it is tried again at the next start, and that is all
        _write(cache_dir / FAILURE_NAME, {"tried_at": now.isoformat(), "reason": reason})
    return RefreshOutcome(RefreshStatus.FAILED, reason)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_regular(path, _MOST_BYTES), parse_constant=_refuse)
    except OSError as error:
        raise PriceListError(str(path), error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise PriceListError(str(path), "it is no JSON") from error
    if not isinstance(content, dict):
        raise PriceListError(str(path), "it is no JSON object")
    return content


def _refuse(constant: str) -> None:
    """Take no number for a price that is none: Python reads it, though it is no JSON."""
    msg = f"{constant} is no JSON"
    raise ValueError(msg)


def _models(content: dict[str, Any]) -> Mapping[str, object]:
    models = content.get("models")
    return models if isinstance(models, dict) else content


def _dated(content: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(content["dated"])
    except (KeyError, TypeError, ValueError):
        return None


def _write(path: Path, content: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(content), "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
