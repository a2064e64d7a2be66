"""Since when nothing could be published to the team, and why: a file beside the ledger.

The tray has another process publish, and `team status` is a third one; the file tells all of them.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import UsageError
from spendlight.metering.periods import TOO_LATE_MS, to_ms, to_utc
from spendlight.tracker.team.state_file import NOT_READABLE, StateFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE: Final = StateFile("team-failure.json", 16 << 10)
_MOST_LETTERS: Final = 300


class PublishingFailure(NamedTuple):
    """Publishing has been failing.

    Attributes:
        since: When it failed the first time since it last worked, in UTC.
        reason: Why it failed the last time; without a full stop.
    """

    since: datetime
    reason: str


def failure_of(folder: Path) -> PublishingFailure | None:
    """Return since when publishing has been failing, or None if it has not.

    Args:
        folder: The ledger's.
    """
    with suppress(*NOT_READABLE):
        found = FILE.read(folder)
        since_ms, reason = found["sinceMs"], found["reason"]
        if isinstance(since_ms, int) and isinstance(reason, str) and 0 <= since_ms < TOO_LATE_MS:
            return PublishingFailure(to_utc(since_ms), reason[:_MOST_LETTERS])
    return None


@contextmanager
def noted(folder: Path) -> Iterator[None]:
    """Remember whether publishing succeeds or fails.

    Args:
        folder: The ledger's.
    """
    try:
        yield
    except UsageError as error:
        note_failure(folder, reason_of(error))
        raise
    forget_failure(folder)


def reason_of(error: UsageError) -> str:
    """Return why publishing failed, in few words."""
    return str(getattr(error, "reason", "")) or error.title


def note_failure(folder: Path, reason: str) -> PublishingFailure:
    """Remember why publishing has just failed; the first failure decides since when.

    What cannot be written is not remembered, as the disk may be full.
    """
    known = failure_of(folder)
    now = datetime.now(UTC)
    since = known.since if known is not None and known.since <= now else now
    found = PublishingFailure(since, reason.rstrip(".")[:_MOST_LETTERS])
    FILE.write(folder, {"sinceMs": to_ms(found.since), "reason": found.reason})
    return found


def forget_failure(folder: Path) -> None:
    """Forget that publishing failed."""
    FILE.forget(folder)
