"""Renews the fetched price list when that is due; failures are outcomes, not exceptions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from spendlight.errands import ErrandError
from spendlight.errors import PriceListError
from spendlight.pricelist import fetching, files
from spendlight.pricelist.fetching import HOST, FetchError, Response
from spendlight.pricelist.files import Models, NoListError
from spendlight.pricelist.loading import (
    PRICES_NAME,
    Fetched,
    read_fetched,
    read_shipped,
    shipped_others,
)
from spendlight.pricelist.others import OTHERS_NAME, OtherModels, OthersFile, whole_text
from spendlight.pricelist.selecting import Selection, is_sane, merge_models, select_models
from spendlight.pricelist.steps import STEPS_NAME, note_steps

FAILURE_NAME = "prices-failure.json"

FETCH_EVERY = timedelta(days=1)
"""Prices change a few times a year; once a day is enough."""

RETRY_AFTER = timedelta(hours=6)
"""A failure is remembered this long, or every start without a network would try again."""

MIN_MODELS = 10
"""LiteLLM has over twenty ``claude-`` models; a list with fewer than this is broken or something
else."""

Ask = Callable[[str], Response]
"""Requests the list, given the tag of the known one; see `fetching.fetch`."""


class RefreshStatus(StrEnum):
    """How an attempt to renew the price list ended."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_DUE = "not due"
    FAILED = "failed"


class RefreshOutcome(NamedTuple):
    """The result of an attempt to renew the price list.

    Attributes:
        status: How it ended. Only after `RefreshStatus.UPDATED` are there other prices to load.
        reason: What went wrong, if it failed now, or so recently that it was not tried again.
    """

    status: RefreshStatus
    reason: str = ""


def refresh_prices(
    cache_dir: Path,
    *,
    now: datetime,
    ask: Ask = fetching.fetch,
    apart: Callable[[], None] | None = None,
) -> RefreshOutcome:
    """Renew the fetched price list if that is due. Failures are outcomes, not exceptions.

    Args:
        cache_dir: Where the list is kept; created if needed.
        now: The current time, with its time zone.
        ask: Requests the list.
        apart: Makes another process renew it, if that is due, and waits for its end; may raise
            `ErrandError`. By default this process does it.
    """
    fetched = read_fetched(cache_dir)
    wait = _not_due(cache_dir, fetched, now)
    if wait is not None:
        return wait
    if apart is not None:
        return _refresh_apart(cache_dir, fetched, apart)
    try:
        return _refresh(cache_dir, fetched, now, ask)
    except FetchError as error:
        return _failed(cache_dir, now, str(error))
    except PriceListError as error:
        return _failed(cache_dir, now, error.title)
    except OSError as error:
        return _failed(cache_dir, now, f"it cannot be saved: {error.strerror or error}")


def _refresh(cache_dir: Path, fetched: Fetched | None, now: datetime, ask: Ask) -> RefreshOutcome:
    before = _contents(fetched)
    is_whole = fetched is not None and bool(whole_text(fetched.others))
    known = _known(fetched)
    response = ask(fetched.etag if fetched and is_whole else "")
    if response.body is not None:
        fresh = _checked(response.body, known)
        earlier, known = known, Selection(*map(merge_models, known, fresh))
        dated = files.dated(read_shipped()) if fetched is None else fetched.at.date()
        if dated is not None:
            path, today = cache_dir / STEPS_NAME, now.astimezone(UTC).date()
            note_steps(path, earlier.others, known.others, dated, today)
    stamp = now.isoformat()
    others = cache_dir / OTHERS_NAME
    files.write(others, files.as_text("LiteLLM", stamp, known.others))  # first, as it has the date
    content = {"fetched_at": stamp, "etag": response.etag, "models": known.claude}
    files.write(cache_dir / PRICES_NAME, json.dumps(content))
    (cache_dir / FAILURE_NAME).unlink(missing_ok=True)
    is_same = before == _contents(read_fetched(cache_dir))
    return RefreshOutcome(RefreshStatus.UNCHANGED if is_same else RefreshStatus.UPDATED)


def _not_due(cache_dir: Path, fetched: Fetched | None, now: datetime) -> RefreshOutcome | None:
    """Return why the list need not be renewed yet, or None if it should be."""
    if fetched is not None and timedelta(0) <= now - fetched.at < FETCH_EVERY:
        return RefreshOutcome(RefreshStatus.NOT_DUE)
    failure = _read_failure(cache_dir)
    if failure is not None and timedelta(0) <= now - failure.at < RETRY_AFTER:
        return RefreshOutcome(RefreshStatus.NOT_DUE, failure.reason)
    return None


def _refresh_apart(
    cache_dir: Path, fetched: Fetched | None, apart: Callable[[], None]
) -> RefreshOutcome:
    """Let another process renew the list, and return the result."""
    before = _contents(fetched)
    try:
        apart()
    except ErrandError as error:
        return RefreshOutcome(RefreshStatus.FAILED, f"it cannot be fetched: {error}")
    now = read_fetched(cache_dir)
    if now is None or (fetched is not None and now.at == fetched.at):
        failure = _read_failure(cache_dir)
        reason = failure.reason if failure else "the attempt gave no result"
        return RefreshOutcome(RefreshStatus.FAILED, reason)
    is_same = before == _contents(now)
    return RefreshOutcome(RefreshStatus.UNCHANGED if is_same else RefreshStatus.UPDATED)


def _contents(fetched: Fetched | None) -> tuple[Models, bytes] | None:
    """Return all prices of a list, without its date."""
    if fetched is None:
        return None
    return fetched.models, whole_text(fetched.others).partition(b"\n")[2]


def _checked(body: bytes, known: Selection) -> Selection:
    """Return the selection of a fetched list, with known prices replacing absurd ones.

    Raises:
        FetchError: If it is not a price list of Claude's models.
    """
    try:
        raw = files.decoded(body)
    except NoListError as error:
        raise FetchError(HOST, f"sent no price list: {error}") from error
    selected = select_models(raw)
    claude = {name: entry for name, entry in selected.claude.items() if is_sane(entry)}
    if sum(name.startswith("claude-") for name in claude) < MIN_MODELS:
        raise FetchError(HOST, "sent too few models with a price")
    return Selection(
        _with_known(claude, raw, known.claude), _with_known(selected.others, raw, known.others)
    )


def _with_known(kept: Models, raw: Mapping[str, object], known: Models) -> Models:
    return kept | {name: known[name] for name in known.keys() & raw.keys() - kept.keys()}


def _known(fetched: Fetched | None) -> Selection:
    """Return the models of the shipped and the fetched list; the newer one takes precedence."""
    content = read_shipped()
    shipped = Selection(_entries(files.models_in(content)), _read_others(*shipped_others()))
    if fetched is None:
        return shipped
    ours = Selection(fetched.models, _read_others(fetched.others))
    dated = files.dated(content)
    if dated is not None and fetched.at.date() < dated:
        return Selection(*map(merge_models, ours, shipped))
    return Selection(*map(merge_models, shipped, ours))


def _read_others(*sources: OthersFile) -> Models:
    others = OtherModels(*sources)
    return _entries({name: others.get(name) for name in others})


def _entries(models: Mapping[str, object]) -> Models:
    return {name: entry for name, entry in models.items() if isinstance(entry, dict)}


class _Failure(NamedTuple):
    """The last failed attempt."""

    at: datetime
    reason: str


def _read_failure(cache_dir: Path) -> _Failure | None:
    try:
        content = files.read(cache_dir / FAILURE_NAME)
        failure = _Failure(datetime.fromisoformat(content["tried_at"]), str(content["reason"]))
    except (KeyError, TypeError, ValueError, PriceListError):
        return None
    return failure if failure.at.tzinfo else None


def _failed(cache_dir: Path, now: datetime, reason: str) -> RefreshOutcome:
    told = {"tried_at": now.isoformat(), "reason": reason}
    with suppress(OSError):  # it is then tried again at the next start
        files.write(cache_dir / FAILURE_NAME, json.dumps(told))
    return RefreshOutcome(RefreshStatus.FAILED, reason)
