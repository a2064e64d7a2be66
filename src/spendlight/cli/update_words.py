"""What `doctor` prints about newer versions: what is known, and how old that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight import __version__
from spendlight.build import read_build
from spendlight.cli.json_out import moment
from spendlight.cli.plan_words import age
from spendlight.metering.periods import to_ms
from spendlight.updates import kept
from spendlight.updates.kept import Known
from spendlight.updates.lookout import FOLDER
from spendlight.updates.releases import newer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.options import TrackerOptions


class UpdateState(NamedTuple):
    """What is known about newer versions.

    Attributes:
        at: The current time.
        reason: Why the tray does not check for any, or "".
    """

    known: Known
    at: datetime
    reason: str


def update_state(arguments: Arguments, options: TrackerOptions, now: datetime) -> UpdateState:
    """Return what is known about newer versions, without going online.

    Args:
        arguments: The arguments, with the user's settings.
        options: Where the ledger is, and whether the network may be used.
        now: The current time.
    """
    chosen = arguments.check_for_updates
    reason = ""
    if options.is_offline:
        reason = "Spendlight is offline"
    elif chosen is False:
        reason = "it is turned off in the settings"
    elif chosen is None and read_build().is_updated_by_system:
        reason = "your system's package manager installs them"
    return UpdateState(kept.read(options.ledger_folder / FOLDER), now, reason)


def lines(state: UpdateState, zone: tzinfo) -> Iterator[str]:
    """Yield what is known about newer versions, line by line."""
    known = state.known
    release = newer(known.latest, __version__)
    if known.looked_at is not None:
        as_of = f"as of {_when(known.looked_at, state.at, zone)}"
        if release is not None:
            yield f"Version {release.version} is available, {as_of}: {release.page}"
        elif known.latest is not None:
            yield f"Latest release: {known.latest.version}, {as_of}"
        else:
            yield f"There is no release yet, {as_of}"
    if known.problem and known.tried_at is not None:
        yield f"The last check failed, {_when(known.tried_at, state.at, zone)}: {known.problem}"
    if state.reason:
        yield f"Not checking for updates: {state.reason}"
    elif known.tried_at is None:
        yield "No check for updates yet; the tray checks at most once a day"


def to_json(state: UpdateState) -> Json:
    """Return what is known about newer versions as JSON."""
    known = state.known
    release = newer(known.latest, __version__)
    return {
        "available": release is not None,
        "latest": None if known.latest is None else str(known.latest.version),
        "lookedAt": _moment(known.looked_at),
        "checks": not state.reason,
        "page": None if release is None else release.page,
        "problem": known.problem or None,
        "triedAt": _moment(known.tried_at),
    }


def _when(at: datetime, now: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({age(now - at)})"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(to_ms(at))
