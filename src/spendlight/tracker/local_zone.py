"""Finds the computer's time zone with all its rules, as the C library does.

The offsets of past moments matter. So the rules themselves are read: from the file that ``TZ`` or
``/etc/localtime`` leads to, whatever its name, or from ``TZ`` itself.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final

from spendlight.errors import UnknownTimeZoneError
from spendlight.regular_files import read_regular
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import BinaryIO

LOCALTIME: Final = "/etc/localtime"
"""The rules of the computer's zone, usually a link. Windows has no such file."""

_UTC_NAMES: Final = frozenset({"UTC", "Etc/UTC", "Universal", "Zulu"})
_ZONE_FOLDER: Final = "zoneinfo/"

_MOST_BYTES: Final = 1 << 20
"""A larger file is not a time zone file."""

_HEADER_BYTES: Final = 44
_COUNTS: Final = (0, 0, 0, 0, 1, 1)
"""Header counts of a zone that has only a rule: one time type, one byte of a name (RFC 8536)."""

_TYPE_BYTES: Final = 6
_US_RULES: Final = ",M3.2.0,M11.1.0"
"""The rules that glibc assumes if ``TZ`` has daylight saving time without rules."""

_MISSING: Final = (OSError, ValueError, LookupError)
"""What is raised for an unknown zone; OSError if the name is that of a folder."""


class LocalZone(NamedTuple):
    """The computer's time zone.

    Attributes:
        zone: Its rules.
        name: Its name, or the path of its rules.
        doubt: What is wrong if the rules are unknown, so that days may be wrong.
    """

    zone: tzinfo
    name: str
    doubt: UnknownTimeZoneError | None = None


_Stamp = tuple[object, ...]
_known: tuple[_Stamp, LocalZone] | None = None


def local_zone() -> tzinfo:
    """Return the computer's time zone as it is now."""
    return find_local_zone().zone


def find_local_zone() -> LocalZone:
    """Return the computer's current time zone and its name.

    The object is the same as long as the zone is.
    """
    global _known  # noqa: PLW0603  # cached, as every question needs it
    stamp = _stamp()
    if stamp is not None and _known is not None and _known[0] == stamp:
        return _known[1]
    found = _find(os.environ.get("TZ"))
    if stamp is not None:
        _known = (stamp, found)
    return found


def zone_by_rule(rule: str) -> tzinfo:
    """Return the zone that a POSIX rule describes, such as ``CET-1CEST,M3.5.0,M10.5.0/3``.

    Raises:
        ValueError: If it is not such a rule.
    """
    from zoneinfo import ZoneInfo

    footer = f"\n{rule}\n".encode("ascii")
    block = b"TZif2" + bytes(15) + b"".join(n.to_bytes(4, "big") for n in _COUNTS)
    block += bytes(_TYPE_BYTES + 1)
    return ZoneInfo.from_file(BytesIO(block * 2 + footer))


def zone_of_today(now: datetime) -> LocalZone:
    """Return the C library's current offset from UTC, as a last resort.

    Args:
        now: The current local time.
    """
    if now.utcoffset() == timedelta():
        return LocalZone(UTC, "UTC")  # the default of systems without a setting
    name = f"UTC{now.replace(microsecond=0).isoformat()[len('2026-03-01T12:00:00') :]}"
    return LocalZone(now.tzinfo or UTC, name, UnknownTimeZoneError("", name))


def _stamp() -> _Stamp | None:
    """Return what changes when the zone does; None if there is nothing to observe."""
    name = os.environ.get("TZ")
    path = LOCALTIME if name is None else name.removeprefix(":")
    if not os.path.isabs(path):  # noqa: PTH117  # text
        return (name,)
    try:
        status = os.stat(path)  # noqa: PTH116  # text
    except (OSError, ValueError):
        return None
    # the name comes from the link; the rules behind it may change
    real = os.path.realpath(path)
    return name, real, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _find(setting: str | None) -> LocalZone:
    if setting is None:
        return _in_file(LOCALTIME) or _by_system() or zone_of_today(datetime.now().astimezone())
    name = setting.removeprefix(":")
    if not name or name in _UTC_NAMES:  # the C library reads an empty setting as UTC
        return LocalZone(UTC, name or "UTC")
    if os.path.isabs(name):  # noqa: PTH117  # text
        return _in_file(name) or _unknown(name)
    return _named(name) or _by_rule(name) or _in_other_case(name) or _unknown(name)


def _in_file(path: str) -> LocalZone | None:
    """Return the zone whose rules are in a file; the path matters for its name only."""
    try:
        rules = read_regular(path, _MOST_BYTES)
        _, found, name = os.path.realpath(path).partition(_ZONE_FOLDER)
        zone = UTC if _is_utc(rules) else _from_rules(BytesIO(rules), name if found else None)
    except _MISSING:
        return None
    return LocalZone(zone, name if found else path)


def _is_utc(rules: bytes) -> bool:
    """Return whether a file's rules are those of UTC; needs no library."""
    is_short = len(rules) <= 2 * (_HEADER_BYTES + _TYPE_BYTES + len("UTC\0")) + len("\nUTC0\n")
    return is_short and rules.startswith(b"TZif") and rules.endswith(b"\nUTC0\n")


def _from_rules(file: BinaryIO, name: str | None) -> tzinfo:
    from zoneinfo import ZoneInfo  # takes 3 ms

    return ZoneInfo.from_file(file, key=name)


def _named(name: str) -> LocalZone | None:
    from zoneinfo import ZoneInfo

    try:
        return LocalZone(ZoneInfo(name), name)
    except _MISSING:
        return None


def _in_other_case(name: str) -> LocalZone | None:
    from zoneinfo import available_timezones

    lower = name.lower()
    return next((_named(one) for one in available_timezones() if one.lower() == lower), None)


def _by_rule(rule: str) -> LocalZone | None:
    for text in (rule, rule + _US_RULES):
        try:
            return LocalZone(zone_by_rule(text), rule)
        except ValueError:
            continue
    return None


def _by_system() -> LocalZone | None:
    """Return the zone from a system-specific setting, such as on Windows and Android."""
    import warnings

    from tzlocal import get_localzone_name, reload_localzone

    try:
        with warnings.catch_warnings():
            # A name that disagrees with the clock is outdated; on Windows it is the newer one.
            warnings.simplefilter("ignore" if os.name == "nt" else "error")
            zone = reload_localzone()
    except (*_MISSING, Warning):
        return None
    return LocalZone(zone, get_localzone_name() or str(zone))


def _unknown(name: str) -> LocalZone:
    """Return what the C library uses for a name that it does not know."""
    return LocalZone(UTC, "UTC", UnknownTimeZoneError(name, "UTC"))
