"""Checks for a newer release when that is due; failures are stored and not raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.online import FetchError
from spendlight.updates import kept
from spendlight.updates.kept import Known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from spendlight.online import Response

LOOK_EVERY: Final = timedelta(days=1)

_FAILED: Final = 1
_WRONG_USAGE: Final = 2

RETRY_AFTER: Final = timedelta(hours=6)
"""After a check that reached no server: a laptop is often without a network."""


def is_due(folder: Path, known: Known, now: datetime) -> bool:
    """Return whether a check is due.

    If the clock was set back a little, the last check is in the future; it still counts.
    """
    if kept.is_look_claimed(folder, _day(now)):
        return False
    wait = RETRY_AFTER if known.is_unanswered else LOOK_EVERY
    return known.tried_at is None or abs(now - known.tried_at) >= wait


def look(folder: Path, now: datetime, ask: Callable[[str], Response] | None = None) -> Known:
    """Check for a newer release if that is due and nobody else does, and store the result.

    Args:
        folder: Where results are stored.
        now: The current time, with its time zone.
        ask: Requests the latest release.

    Raises:
        OSError: If nothing can be stored; without a stored claim, no request was sent.
    """
    from spendlight.updates import feed  # only in the process that checks

    known = kept.read(folder)
    day = _day(now)
    if not is_due(folder, known, now) or not kept.claim_look(folder, day):
        return known
    try:
        response = (ask or feed.ask)(known.etag)
        if response.body is None:
            found = known._replace(looked_at=now, problem="")
        else:
            found = Known(feed.release_in(response.body), looked_at=now, etag=response.etag)
    except FetchError as error:
        found = known._replace(problem=str(error)[:500])
        is_unanswered = error.is_unanswered
    else:
        is_unanswered = False
    found = found._replace(tried_at=now, is_unanswered=is_unanswered)
    kept.write(folder, found)
    if is_unanswered:
        kept.give_look_back(folder, day)
    return found


def look_here(words: Sequence[str]) -> int:
    """Check, as the process that a `lookout.Lookout` starts, and return its exit code.

    Args:
        words: The folder where results are stored, and nothing else.
    """
    if len(words) != 1:
        return _WRONG_USAGE
    try:
        known = look(Path(words[0]), datetime.now(UTC))
    except OSError:  # nothing can be stored; problems of that folder are reported elsewhere
        return _FAILED
    return _FAILED if known.problem else 0


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
