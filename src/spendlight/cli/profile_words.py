"""Words and figures of a folder's profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from spendlight.cli.words import counted
from spendlight.names import shown
from spendlight.tracker.profile import DaysOrigin, WhyThreads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from spendlight.tracker.profile import (
        CleanupOutlook,
        ExpiringLog,
        FolderProfile,
        Retention,
        ScanMethod,
        Survey,
    )

_WHY: Final = {
    WhyThreads.FEW_FILES: "because there are few files",
    WhyThreads.MANY_FILES: "because there are many files",
    WhyThreads.ONE_PROCESSOR: "because there is only one processor",
    WhyThreads.ASKED: "as requested",
    WhyThreads.NOT_ALLOWED: "because the system could not start another",
}

_SPECIALS: Final = {"other": "special file"}

_PERIODS: Final = (
    ("at the next start", timedelta()),
    ("within a day", timedelta(days=1)),
    ("within 7 days", timedelta(days=7)),
    ("within 30 days", timedelta(days=30)),
)
_LATER: Final = "later"

_LONG_DAYS: Final = 365
"""Users who keep logs this long need no hint that they can."""


def file_size(size: float) -> str:
    """Return a size with at most four digits; a kilobyte is 1,000 bytes.

    >>> file_size(0), file_size(999), file_size(1_000), file_size(2_849_600_000)
    ('0 B', '999 B', '1.0 kB', '2.8 GB')
    """
    if size < 999.5:  # noqa: PLR2004  # more would need a fourth digit
        return f"{size:.0f} B"
    for unit in ("kB", "MB", "GB", "TB"):
        size /= 1000
        if size < 999.95 or unit == "TB":  # noqa: PLR2004  # would be shown as 1000.0
            break
    return f"{size:,.1f} {unit}"


def day(at: datetime | None, zone: tzinfo) -> str:
    """Return a day, or a dash if there is none."""
    return "–" if at is None else f"{at.astimezone(zone):%Y-%m-%d}"


def from_ns(at_ns: int) -> datetime:
    """Return a moment of the file system, limited to the range of the calendar."""
    try:
        return datetime.fromtimestamp(at_ns / 10**9, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC) if at_ns > 0 else datetime.min.replace(tzinfo=UTC)


def method(made: ScanMethod) -> str:
    """Return how a survey was made, and why."""
    count = f"{made.threads} thread{'' if made.threads == 1 else 's'}"
    return f"os.scandir, {count}, {_WHY[made.why]}"


def facts(profile: FolderProfile, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Yield facts about a folder, one line each, with its heading."""
    found = profile.survey
    kinds = [counted(found.links, "link")] if found.links else []
    kinds += [counted(count, _SPECIALS.get(kind, kind)) for kind, count in found.specials]
    more = f"; {', '.join(kinds)}" if kinds else ""
    yield "Files", f"{found.files:,} in {counted(found.folders, 'folder')}{more}"
    yield "Size", _sizes(found)
    mean = "" if found.mean_depth is None else f", files {found.mean_depth:.1f} on average"
    yield "Depth", f"{found.max_depth} at most{mean}"
    if found.newest_ns is not None and found.oldest:
        oldest, newest = from_ns(found.oldest[0].modified_ns), from_ns(found.newest_ns)
        yield "Modified", f"{day(oldest, zone)} to {day(newest, zone)}"
    if found.hidden:
        yield "Left out", f"{found.hidden:,} hidden"
    yield "Scan", f"{method(found.method)}, in {profile.seconds:.2f} s"


def _sizes(found: Survey) -> str:
    text = file_size(found.size)
    if found.disk_size is not None and found.others_disk_size is not None:
        whole = file_size(found.disk_size + found.others_disk_size)
        text += f"; {file_size(found.disk_size)} on disk, {whole} including folders"
    if found.repeated_names:
        text += (
            f"; {counted(found.repeated_names, 'hard link')} to the same files not counted again"
        )
    return text


def keeping(retention: Retention) -> Iterator[str]:
    """Yield how long logs are kept, and where that is set."""
    settings = shown(retention.settings_path)
    if retention.problem:
        yield f"{shown(retention.problem)} It may not delete anything until that is corrected."
    if retention.days is not None:
        by = {
            DaysOrigin.DEFAULT: f"the default, because {settings} does not set it",
            DaysOrigin.USER: f"set in {settings}",
            DaysOrigin.MANAGED: "set by your organisation",
        }[retention.origin]
        yield (
            "When Claude Code starts, it deletes session logs last changed more than "
            f"{counted(retention.days, 'day')} ago ({by})."
        )
    for other in retention.overrides:
        if other.is_managed:
            yield f"{shown(other.path)} sets {counted(other.days, 'day')}; it always applies."
        else:
            yield (
                f"{shown(other.path)} sets {counted(other.days, 'day')}; sessions started there "
                "apply it to all projects."
            )


def periods(
    outlook: CleanupOutlook, now: datetime
) -> Iterator[tuple[str, tuple[ExpiringLog, ...]]]:
    """Yield when logs are deleted, and which."""
    before = 0
    for name, ahead in _PERIODS:
        due = outlook.due(now + ahead)
        if len(due) > before:
            yield name, due[before:]
        before = len(due)
    if len(outlook.logs) > before:
        yield _LATER, outlook.logs[before:]


def what_stays(outlook: CleanupOutlook) -> Iterator[str]:
    """Yield what remains of deleted logs, and how to keep them."""
    unread = sum(not log.is_read for log in outlook.logs)
    if not outlook.is_known:
        yield "This is not one of the data folders in use, so the ledger keeps nothing from it."
    elif unread:
        yield (
            f"{counted(unread, 'log')} not completely in the ledger yet; to read them, run "
            "'spendlight daily'."
        )
    elif outlook.logs:
        yield "All of them are in the ledger: their cost stays counted after they are deleted."
    if outlook.agent_logs:
        size = file_size(outlook.agent_size)
        yield (
            f"{counted(outlook.agent_logs, 'subagent log')} ({size}) "
            f"{'is' if outlook.agent_logs == 1 else 'are'} just as old; Claude Code does not "
            "delete those at present."
        )
    if outlook.retention.days is None or outlook.retention.days < _LONG_DAYS:
        yield "To keep the logs longer, for example for a year: spendlight profile --keep-logs 365"
