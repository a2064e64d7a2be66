"""A folder's profile as tables that fit the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from rich import box
from rich.table import Table
from rich.text import Text

from spendlight.cli.profile_arguments import MOST_ROWS
from spendlight.cli.profile_words import (
    day,
    facts,
    file_size,
    from_ns,
    keeping,
    periods,
    what_stays,
)
from spendlight.cli.words import unpriced
from spendlight.metering.reports import money, session_label
from spendlight.names import shown
from spendlight.tracker.profile import spending_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import tzinfo

    from rich.console import Console

    from spendlight.cli.arguments import Arguments
    from spendlight.metering.slices import Spending
    from spendlight.tracker.profile import (
        CleanupOutlook,
        ExpiringLog,
        FileSeen,
        FolderProfile,
        Share,
        Survey,
    )

_Row = TypeVar("_Row")

_SESSION_FROM_WIDTH = 110
_ANSWERS_FROM_WIDTH = 80
"""Left out on narrower terminals, so that the project is legible."""

_NO_NAME = "(none)"
_OUTSIDE = "(outside the projects)"


class _Heading(NamedTuple):
    """A column's heading; numbers are right-aligned and never wrapped."""

    text: str
    is_number: bool = False


def write(
    console: Console, profiles: Sequence[FolderProfile], arguments: Arguments, zone: tzinfo
) -> None:
    """Print the profiles of folders."""
    for index, profile in enumerate(profiles):
        if index:
            console.print()
        _write_one(console, profile, arguments.top, zone)


def _write_one(console: Console, profile: FolderProfile, top: int, zone: tzinfo) -> None:
    found = profile.survey
    console.print(Text(shown(found.folder), "bold"), overflow="fold")
    if not found.is_complete:
        console.print(Text("Stopped early: these are the results up to that point.", "yellow"))
    _write_facts(console, facts(profile, zone))
    if found.by_project:
        _write_shares(console, "By project", found.by_project, _OUTSIDE, found.size, top)
    if found.by_extension:
        _write_shares(console, "By extension", found.by_extension, _NO_NAME, found.size, top)
    if found.files:
        _write_depths(console, found)
        _write_files(console, "Largest files", found.largest[:top], found, zone)
        _write_files(console, "Oldest files", found.oldest[:top], found, zone)
    _write_oddities(console, found, top)
    if profile.cleanup is not None:
        _write_cleanup(console, profile.cleanup, top, zone)


def _write_facts(console: Console, told: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for heading, text in told:
        grid.add_row(heading, text)
    console.print(grid)


def _write_shares(  # noqa: PLR0913, PLR0917  # all parts of the table
    console: Console, title: str, shares: Sequence[Share], unnamed: str, total: int, top: int
) -> None:
    headings = [
        _Heading(title),
        _Heading("Files", is_number=True),
        _Heading("Size", is_number=True),
        _Heading("On disk", is_number=True),
        _Heading("Share", is_number=True),
    ]
    rows = [
        (
            shown(share.name) or unnamed,
            f"{share.files:,}",
            file_size(share.size),
            "–" if share.disk_size is None else file_size(share.disk_size),
            f"{share.size / total:.1%}" if total else "–",
        )
        for share in shares[:top]
    ]
    _write_table(console, headings, rows)
    _write_rest(console, len(shares) - top)


def _write_depths(console: Console, found: Survey) -> None:
    headings = [_Heading(name, is_number=True) for name in ("Depth", "Folders", "Files", "Size")]
    rows = [
        (f"{row.depth}", f"{row.folders:,}", f"{row.files:,}", file_size(row.size))
        for row in found.depths
    ]
    _write_table(console, headings, rows)


def _write_files(
    console: Console, title: str, files: Sequence[FileSeen], found: Survey, zone: tzinfo
) -> None:
    headings = [_Heading("Size", is_number=True), _Heading("Modified", is_number=True)]
    rows = [
        (
            file_size(file.size),
            day(from_ns(file.modified_ns), zone),
            _below(file.path, found.folder),
        )
        for file in files
    ]
    _write_table(console, [*headings, _Heading(title)], rows)


def _write_oddities(console: Console, found: Survey, top: int) -> None:
    def below(path: str) -> str:
        return _below(path, found.folder)

    _write_list(console, "Empty folders", found.empty_folders, top, below)
    _write_list(
        console,
        "Broken links",
        found.broken_links,
        top,
        lambda link: f"{below(link.path)} → {shown(link.target)}: {link.reason}",
    )
    _write_list(
        console,
        "Links to a folder that contains them, not followed",
        found.link_loops,
        top,
        lambda link: f"{below(link.path)} → {shown(link.target)}",
    )
    _write_list(console, "On other file systems, not entered", found.elsewhere, top, below)
    _write_list(
        console,
        "Could not be read",
        found.unreadable,
        top,
        lambda part: f"{below(part.path)}: {part.reason}",
    )


def _write_list(
    console: Console, title: str, rows: Sequence[_Row], top: int, words: Callable[[_Row], str]
) -> None:
    if not rows:
        return
    console.print()
    console.print(Text(f"{title} ({len(rows):,})", "bold"))
    for row in islice(rows, top):
        console.print(Text(words(row)), overflow="fold")
    _write_rest(console, len(rows) - top)


def _write_cleanup(console: Console, outlook: CleanupOutlook, top: int, zone: tzinfo) -> None:
    now = datetime.now(UTC)
    console.print()
    console.print(Text("Claude Code's cleanup", "bold"))
    for sentence in keeping(outlook.retention):
        console.print(sentence)
    if outlook.last_run_at is not None:
        console.print(f"It last ran on {outlook.last_run_at.astimezone(zone):%Y-%m-%d at %H:%M}.")
    if outlook.logs:
        _write_periods(console, outlook, now)
        _write_next(console, outlook.logs[:top], zone)
        _write_rest(console, len(outlook.logs) - top)
    console.print()
    for sentence in what_stays(outlook):
        console.print(sentence)


def _write_periods(console: Console, outlook: CleanupOutlook, now: datetime) -> None:
    headings = [
        _Heading("Deleted"),
        *(_Heading(name, is_number=True) for name in ("Logs", "Size", "Answers kept", "Cost kept")),
    ]
    parts = [*periods(outlook, now), ("all", outlook.logs)]
    rows = [
        (
            name,
            f"{len(logs):,}",
            file_size(sum(log.size for log in logs)),
            *_kept(spending_of(logs)),
        )
        for name, logs in parts
    ]
    _write_table(console, headings, rows)


def _write_next(console: Console, logs: Sequence[ExpiringLog], zone: tzinfo) -> None:
    has_session = console.width >= _SESSION_FROM_WIDTH
    has_answers = console.width >= _ANSWERS_FROM_WIDTH
    headings = [
        _Heading("Next, from", is_number=True),
        _Heading("Size", is_number=True),
        *([_Heading("Answers kept", is_number=True)] if has_answers else []),
        _Heading("Cost kept", is_number=True),
        _Heading("Project"),
        *([_Heading("Session")] if has_session else []),
    ]
    rows = []
    for log in logs:
        answers, cost = _kept(log.kept)
        rows.append(
            (
                day(log.deleted_from, zone),
                file_size(log.size),
                *([answers] if has_answers else []),
                cost,
                shown(log.project),
                *([session_label(log.session, log.title)] if has_session else []),
            )
        )
    _write_table(console, headings, rows)


def _kept(spending: Spending | None) -> tuple[str, str]:
    if spending is None:
        return "–", "–"
    missing = " + ?" if unpriced(spending) else ""
    return f"{spending.answers:,}", f"{money(spending.cost)}{missing}"


def _write_table(
    console: Console, headings: Sequence[_Heading], rows: Iterable[Sequence[str]]
) -> None:
    drawn = Table(
        box=box.SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for heading in headings:
        drawn.add_column(
            heading.text,
            justify="right" if heading.is_number else "left",
            no_wrap=heading.is_number,
            overflow="fold",
        )
    for row in rows:
        drawn.add_row(*row)
    console.print()
    console.print(drawn)


def _write_rest(console: Console, count: int) -> None:
    if count > 0:
        console.print(Text(f"and {count:,} more: --top shows up to {MOST_ROWS}", "dim"))


def _below(path: str, folder: str) -> str:
    """Return a path relative to a folder."""
    if path == folder:
        return "."
    rest = path.removeprefix(folder)
    return shown(rest.lstrip("/\\")) if rest != path else shown(path)
