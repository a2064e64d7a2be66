"""The tables about a folder: their columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QCoreApplication

from spendlight.desktop.window.formats import Formats
from spendlight.metering.reports import Column, cost_text
from spendlight.tracker.profile import FolderProfile


class LogTable(StrEnum):
    """The tables."""

    PROJECTS = "projects"
    EXTENSIONS = "extensions"
    DEPTHS = "depths"
    LARGEST = "largest"
    OLDEST = "oldest"
    DELETED_NEXT = "deleted-next"
    ODDITIES = "oddities"


@dataclass(frozen=True, slots=True)
class Oddity:
    """A possible problem in a folder."""

    what: str
    path: str
    detail: str = ""


def rows_of(table: LogTable, profile: FolderProfile) -> Sequence[Any]:
    """Return the rows of a table."""
    survey = profile.survey
    if table is LogTable.DELETED_NEXT:
        return profile.cleanup.logs if profile.cleanup is not None else ()
    if table is LogTable.ODDITIES:
        return [
            *(Oddity(_tr("unreadable"), found.path, found.reason) for found in survey.unreadable),
            *(
                Oddity(_tr("broken link"), link.path, f"→ {link.target}")
                for link in survey.broken_links
            ),
            *(
                Oddity(_tr("circular link"), loop.path, f"→ {loop.target}")
                for loop in survey.link_loops
            ),
            *(Oddity(_tr("on another file system"), path) for path in survey.elsewhere),
            *(Oddity(_tr("empty folder"), path) for path in survey.empty_folders),
        ]
    return {
        LogTable.PROJECTS: survey.by_project,
        LogTable.EXTENSIONS: survey.by_extension,
        LogTable.DEPTHS: survey.depths,
        LogTable.LARGEST: survey.largest,
        LogTable.OLDEST: survey.oldest,
    }[table]


def columns_of(table: LogTable, formats: Formats) -> list[Column[Any]]:
    """Return the columns of a table; like in reports, their texts are plain English."""

    def clock(moment: datetime) -> str:
        return f"{moment.astimezone(formats.zone):%Y-%m-%d %H:%M}"

    def at(ns: int) -> str:
        return clock(datetime.fromtimestamp(ns / 1e9, UTC))

    files: Column[Any] = Column(
        "Files", lambda row: float(row.files), lambda row: f"{row.files:,}", is_number=True
    )
    size: Column[Any] = Column(
        "Size", lambda row: float(row.size), lambda row: formats.size(row.size), is_number=True
    )
    path: Column[Any] = Column("Path", lambda row: row.path, lambda row: row.path)
    changed: Column[Any] = Column(
        "Last change", lambda row: row.modified_ns, lambda row: at(row.modified_ns)
    )
    if table in {LogTable.PROJECTS, LogTable.EXTENSIONS}:
        heading = "Project" if table is LogTable.PROJECTS else "Type"
        return [
            Column(heading, lambda row: row.name, lambda row: row.name or _tr("without")),
            files,
            size,
            Column("Last change", lambda row: row.newest_ns, lambda row: at(row.newest_ns)),
        ]
    if table is LogTable.DEPTHS:
        return [
            Column("Depth", lambda row: row.depth, lambda row: str(row.depth)),
            Column(
                "Folders",
                lambda row: float(row.folders),
                lambda row: f"{row.folders:,}",
                is_number=True,
            ),
            files,
            size,
        ]
    if table is LogTable.DELETED_NEXT:
        return [
            Column(
                "Deleted from",
                lambda row: row.deleted_from or datetime.max.replace(tzinfo=UTC),
                lambda row: clock(row.deleted_from) if row.deleted_from else "–",
            ),
            Column("Project", lambda row: row.project, lambda row: row.project),
            Column("Session", lambda row: row.session, lambda row: row.session),
            size,
            Column(
                "Cost kept",
                lambda row: row.kept.cost if row.kept is not None else 0.0,
                lambda row: cost_text(row.kept) if row.kept is not None else "–",
                is_number=True,
            ),
        ]
    if table is LogTable.ODDITIES:
        return [
            Column("What", lambda row: row.what, lambda row: row.what),
            path,
            Column("Detail", lambda row: row.detail, lambda row: row.detail),
        ]
    return [path, size, changed]


def _tr(text: str) -> str:
    return QCoreApplication.translate("LogTables", text)
