"""A folder's profile as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.cli.json_out import moment
from spendlight.cli.profile_words import from_ns
from spendlight.metering.periods import to_ms
from spendlight.tracker.profile import spending_of

if TYPE_CHECKING:
    from datetime import datetime

    from spendlight.cli.json_out import Json
    from spendlight.tracker.profile import (
        CleanupOutlook,
        ExpiringLog,
        FileSeen,
        FolderProfile,
        Share,
        Survey,
    )


def to_json(profiles: tuple[FolderProfile, ...], top: int) -> Json:
    """Return the profiles of folders as JSON.

    Args:
        profiles: One for each folder.
        top: How many of the largest and the oldest files; everything else is complete.
    """
    return {"folders": [_profile(profile, top) for profile in profiles]}


def _profile(profile: FolderProfile, top: int) -> Json:
    return _survey(profile.survey, top) | {
        "cleanup": None if profile.cleanup is None else _cleanup(profile.cleanup),
        "seconds": profile.seconds,
    }


def _survey(found: Survey, top: int) -> Json:
    return {
        "brokenLinks": [
            {"path": link.path, "reason": link.reason, "target": link.target}
            for link in found.broken_links
        ],
        "byExtension": [_share(share, "extension") for share in found.by_extension],
        "byProject": [_share(share, "project") for share in found.by_project],
        "bytes": found.size,
        "complete": found.is_complete,
        "depth": {
            "levels": [
                {
                    "bytes": row.size,
                    "depth": row.depth,
                    "files": row.files,
                    "folders": row.folders,
                }
                for row in found.depths
            ],
            "max": found.max_depth,
            "mean": found.mean_depth,
        },
        "diskBytes": found.disk_size,
        "emptyFolders": list(found.empty_folders),
        "files": found.files,
        "folder": found.folder,
        "folders": found.folders,
        "hiddenLeftOut": found.hidden,
        "largest": [_file(file) for file in found.largest[:top]],
        "linkLoops": [{"path": link.path, "target": link.target} for link in found.link_loops],
        "links": found.links,
        "method": {
            "function": "os.scandir",
            "threads": found.method.threads,
            "why": found.method.why.value,
        },
        "newestModified": None if found.newest_ns is None else _at(from_ns(found.newest_ns)),
        "oldest": [_file(file) for file in found.oldest[:top]],
        "otherDiskBytes": found.others_disk_size,
        "otherFileSystems": list(found.elsewhere),
        "repeatedNames": found.repeated_names,
        "specialFiles": dict(found.specials),
        "unreadable": [
            {"path": unreadable.path, "reason": unreadable.reason}
            for unreadable in found.unreadable
        ],
    }


def _share(share: Share, key: str) -> Json:
    return {
        key: share.name,
        "bytes": share.size,
        "diskBytes": share.disk_size,
        "files": share.files,
        "newestModified": _at(from_ns(share.newest_ns)),
    }


def _file(file: FileSeen) -> Json:
    return {"bytes": file.size, "modified": _at(from_ns(file.modified_ns)), "path": file.path}


def _cleanup(outlook: CleanupOutlook) -> Json:
    held, kept = outlook.retention, spending_of(outlook.logs)
    return {
        "agentLogs": {"bytes": outlook.agent_size, "files": outlook.agent_logs},
        "days": held.days,
        "folder": outlook.folder,
        "inEffect": outlook.is_known,
        "kept": {
            "answers": kept.answers,
            "cost": float(kept.cost),
            "unpricedModels": list(kept.unpriced),
        },
        "lastRun": _at(outlook.last_run_at),
        "logs": [_log(log) for log in outlook.logs],
        "origin": held.origin.value,
        "overrides": [
            {"days": other.days, "managed": other.is_managed, "path": other.path}
            for other in held.overrides
        ],
        "problem": held.problem or None,
        "settings": held.settings_path,
    }


def _log(log: ExpiringLog) -> Json:
    return {
        "answers": 0 if log.kept is None else log.kept.answers,
        "bytes": log.size,
        "cost": 0.0 if log.kept is None else float(log.kept.cost),
        "deletedFrom": _at(log.deleted_from),
        "modified": _at(log.modified_at),
        "path": log.path,
        "projectPath": log.project,
        "read": log.is_read,
        "sessionId": log.session,
    } | ({"title": log.title} if log.title else {})


def _at(at: datetime | None) -> str | None:
    return None if at is None else moment(to_ms(at))
