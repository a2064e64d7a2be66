"""Looks for a newer release when that is due; whatever goes wrong is kept, and is no error."""

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

    from spendlight.online import Answer

LOOK_EVERY: Final = timedelta(days=1)

_FAILED: Final = 1
_WRONG_USAGE: Final = 2

RETRY_AFTER: Final = timedelta(hours=6)
"""After a look that reached no server: a laptop is often without a network."""


def is_due(folder: Path, known: Known, now: datetime) -> bool:
    """Return whether it is time for a look.

    A clock that was set back a little makes the last look one of the future; that one counts.
    """
    if kept.is_look_claimed(folder, _day(now)):
        return False
    wait = RETRY_AFTER if known.is_unanswered else LOOK_EVERY
    return known.tried_at is None or abs(now - known.tried_at) >= wait


def look(folder: Path, now: datetime, ask: Callable[[str], Answer] | None = None) -> Known:
    """Look for a newer release if that is due and nobody else does, and keep what came of it.

    Args:
        folder: Where it is kept.
        now: The moment, with its time zone.
        ask: How to ask.

    Raises:
        OSError: Nothing can be kept; if not even that somebody looks, nobody was asked.
    """
    from spendlight.updates import feed  # for the process that looks

    known = kept.read(folder)
    day = _day(now)
    if not is_due(folder, known, now) or not kept.claim_look(folder, day):
        return known
    try:
        answer = (ask or feed.ask)(known.etag)
        if answer.body is None:
            found = known._replace(looked_at=now, problem="")
        else:
            found = Known(feed.release_in(answer.body), looked_at=now, etag=answer.etag)
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
    """Look, as the process that a `lookout.Lookout` starts, and return its exit code.

    Args:
        words: The folder where it is kept, and nothing else.
    """
    if len(words) != 1:
        return _WRONG_USAGE
    try:
        known = look(Path(words[0]), datetime.now(UTC))
    except OSError:  # nothing can be kept there; the ledger's own troubles are told elsewhere
        return _FAILED
    return _FAILED if known.problem else 0


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
