"""Stored results of checks for newer releases, and claims of what only one process may do."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.regular_files import read_regular
from spendlight.updates.releases import Release, Version, read_release, read_version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_LATEST: Final = "latest.json"
_LOOK: Final = "look-"
_TOLD: Final = "told-"
_MOST_BYTES: Final = 64 << 10
_PRIVATE_FOLDER: Final = 0o700


class Known(NamedTuple):
    """What is known about newer releases.

    Attributes:
        latest: The latest release, whether newer than this program or not; None if there was no
            valid one.
        looked_at: When the last successful check was; None if there was none.
        tried_at: When the last check was, successful or not.
        problem: What went wrong then, or "".
        is_unanswered: Whether the server was not reached then.
        etag: The server's tag of its response.
    """

    latest: Release | None = None
    looked_at: datetime | None = None
    tried_at: datetime | None = None
    problem: str = ""
    is_unanswered: bool = False
    etag: str = ""


def read(folder: Path) -> Known:
    """Return what is known; an unreadable file is ignored."""
    try:
        content = json.loads(read_regular(folder / _LATEST, _MOST_BYTES))
        said = content.get("latest")
        latest = said and read_release(_text(said, "tag"), _text(said, "notes"))
        return Known(
            latest or None,
            _moment(content, "looked_at"),
            _moment(content, "tried_at"),
            _text(content, "problem"),
            content.get("is_unanswered") is True,
            _text(content, "etag") if latest or said is None else "",
        )
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Known()


def write(folder: Path, known: Known) -> None:
    """Store what is known, atomically.

    Raises:
        OSError: If it cannot be stored.
    """
    latest = known.latest
    content = {
        "latest": latest and {"tag": latest.tag, "notes": latest.notes},
        "looked_at": known.looked_at and known.looked_at.isoformat(),
        "tried_at": known.tried_at and known.tried_at.isoformat(),
        "problem": known.problem,
        "is_unanswered": known.is_unanswered,
        "etag": known.etag,
    }
    target = folder / _LATEST
    draft = target.with_name(f"{_LATEST}.{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(content), "utf-8", newline="\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def is_look_claimed(folder: Path, day: date) -> bool:
    """Return whether a process has claimed the check of a day."""
    return (folder / f"{_LOOK}{day.isoformat()}").exists()


def claim_look(folder: Path, day: date) -> bool:
    """Claim the check of a day; return whether this process may do it.

    Raises:
        OSError: If the claim cannot be stored.
    """
    name = f"{_LOOK}{day.isoformat()}"
    if not _claim(folder, name):
        return False
    for other in folder.glob(f"{_LOOK}*"):
        if other.name != name:
            other.unlink(missing_ok=True)
    return True


def give_look_back(folder: Path, day: date) -> None:
    """Release the claim of a day's check."""
    with suppress(OSError):  # the next check is then tomorrow
        (folder / f"{_LOOK}{day.isoformat()}").unlink(missing_ok=True)


def claim_telling(folder: Path, version: Version) -> bool:
    """Claim the announcement of a version; False if it, or a later one, was announced before.

    Raises:
        OSError: If the claim cannot be stored.
    """
    return not was_told(folder, version) and _claim(folder, f"{_TOLD}{version}")


def was_told(folder: Path, version: Version) -> bool:
    """Return whether a version, or a later one, was announced."""
    told = (read_version(path.name.removeprefix(_TOLD)) for path in folder.glob(f"{_TOLD}*"))
    return any(one is not None and one >= version for one in told)


def _claim(folder: Path, name: str) -> bool:
    """Create an empty file; return whether this process created it."""
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        os.close(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


def _text(content: Mapping[str, object], key: str) -> str:
    value = content.get(key)
    return value if isinstance(value, str) else ""


def _moment(content: Mapping[str, object], key: str) -> datetime | None:
    value = content.get(key)
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else None
