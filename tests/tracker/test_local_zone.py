from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import tzlocal
from hypothesis import given, settings
from hypothesis import strategies as st

from spendlight.metering.periods import DAY_MS, spans, to_ms, to_utc
from spendlight.tracker import local_zone as module
from spendlight.tracker.local_zone import find_local_zone, local_zone, zone_by_rule, zone_of_today

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 7, 20, 22, 30, tzinfo=UTC)
WINTER = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

YEAR_MS = 366 * DAY_MS
KEPT_SINCE = {
    "America/New_York": 2008,
    "Asia/Jerusalem": 2014,
    "Asia/Kathmandu": 1987,
    "Australia/Lord_Howe": 2009,
    "Europe/Berlin": 1997,
    "Europe/Dublin": 1997,
    "Pacific/Auckland": 2008,
}
"""Zones, and the year since which each follows the rule at the end of its file."""

NAMES = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
NEW_YEAR_2100_MS = 4_102_444_800_000


@cache
def rules_of(name: str) -> bytes:
    """Return the file of a zone's rules."""
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def rule_of(name: str) -> str:
    return rules_of(name).rpartition(b"\n")[0].rpartition(b"\n")[2].decode()


def offset(moment: datetime, zone: tzinfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


@pytest.fixture
def localtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path that replaces /etc/localtime; it does not exist yet."""
    path = tmp_path / "localtime"
    monkeypatch.setattr(module, "LOCALTIME", str(path))
    return path


@pytest.mark.parametrize("name", ["Asia/Kathmandu", ":Europe/Berlin", "UTC", "EST5EDT"])
def test_the_local_zone_is_the_one_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", name)

    found = find_local_zone()

    assert str(found.zone) == found.name == name.removeprefix(":")
    assert found.doubt is None


def test_the_name_of_a_zone_may_be_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "europe/berlin")

    assert find_local_zone()[:2] == (BERLIN, "Europe/Berlin")


@pytest.mark.parametrize("name", ["", ":"])
def test_a_setting_that_names_nothing_is_utc_as_for_the_c_library(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", name)

    assert find_local_zone() == (UTC, "UTC", None)


@pytest.mark.parametrize("name", ["No/Where", "America", "/no/where", "../../etc"])
def test_an_unknown_zone_is_reported(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", name)

    found = find_local_zone()

    assert found.zone is UTC
    assert f"TZ is not a time zone: {name!r}" in str(found.doubt)


@pytest.mark.parametrize("prefix", ["", ":"])
def test_a_setting_may_name_a_file(
    prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rules"
    path.write_bytes(rules_of("Europe/Berlin"))
    monkeypatch.setenv("TZ", f"{prefix}{path}")

    assert offset(SUMMER, local_zone()) == timedelta(hours=2)
    assert offset(WINTER, local_zone()) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "summer", "winter"),
    [
        ("CET-1CEST,M3.5.0,M10.5.0/3", 2, 1),
        ("<+0330>-3:30<+0430>,J79/24,J263/24", 4.5, 3.5),
        ("JST-9", 9, 9),
        ("CET-1CEST", 2, 1),  # summer time as in the United States, as there is no rule
    ],
)
def test_a_setting_may_be_a_rule(
    rule: str, summer: float, winter: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", rule)

    found = find_local_zone()

    assert offset(SUMMER, found.zone) == timedelta(hours=summer)
    assert offset(WINTER, found.zone) == timedelta(hours=winter)
    assert (found.name, found.doubt) == (rule, None)


@pytest.mark.parametrize("name", KEPT_SINCE)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_rule_agrees_with_its_zone(name: str, data: st.DataObject) -> None:
    since_ms = to_ms(datetime(KEPT_SINCE[name], 1, 1, tzinfo=UTC))
    start_ms = data.draw(st.integers(since_ms, NEW_YEAR_2100_MS))

    rule = zone_by_rule(rule_of(name))

    assert spans(rule, start_ms, start_ms + YEAR_MS) == spans(
        ZoneInfo(name), start_ms, start_ms + YEAR_MS
    )


@given(st.sampled_from(NAMES), st.integers(0, NEW_YEAR_2100_MS))
@settings(max_examples=60, deadline=None)
def test_a_file_without_a_name_is_the_zone(name: str, at_ms: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        path = Path(os.environ["HOME"], name.replace("/", "-"))
        path.write_bytes(rules_of(name))
        patch.setattr(module, "LOCALTIME", str(path))

        found = find_local_zone()

    zone = ZoneInfo.from_file(BytesIO(rules_of(name)))  # the system's may be of another year
    assert offset(to_utc(at_ms), found.zone) == offset(to_utc(at_ms), zone)
    assert found.doubt is None


def test_the_link_names_the_zone_and_the_file_has_its_rules(
    tmp_path: Path, localtime: Path
) -> None:
    # as in a container that was handed the host's /etc/localtime over a link to UTC
    named = tmp_path / "zoneinfo" / "Etc" / "UTC"
    named.parent.mkdir(parents=True)
    named.write_bytes(rules_of("Europe/Berlin"))
    localtime.symlink_to(named)

    found = find_local_zone()

    assert found.name == "Etc/UTC"
    assert offset(SUMMER, found.zone) == timedelta(hours=2)


def test_utc_needs_no_library(localtime: Path) -> None:
    localtime.write_bytes(rules_of("Etc/UTC"))

    assert local_zone() is UTC


def test_a_change_of_the_computers_zone_takes_effect_at_once(
    tmp_path: Path, localtime: Path
) -> None:
    for name in ("Berlin", "Tokyo"):
        (tmp_path / name).write_bytes(rules_of({"Berlin": "Europe/Berlin"}.get(name, "Asia/Tokyo")))
    localtime.symlink_to(tmp_path / "Berlin")
    before, again = local_zone(), local_zone()

    localtime.unlink()
    localtime.symlink_to(tmp_path / "Tokyo")

    assert before is again
    assert offset(SUMMER, local_zone()) == timedelta(hours=9)


def test_without_a_file_the_system_names_the_zone(
    localtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del localtime
    monkeypatch.setattr(tzlocal, "reload_localzone", lambda: BERLIN)
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: "Europe/Berlin")

    assert find_local_zone() == (BERLIN, "Europe/Berlin", None)


def test_a_zone_known_by_its_current_offset_only_is_reported(
    localtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> ZoneInfo:
        raise ZoneInfoNotFoundError

    del localtime
    monkeypatch.setattr(tzlocal, "reload_localzone", unknown)
    now = SUMMER.astimezone(timezone(timedelta(hours=3)))

    assert find_local_zone().zone is not None
    assert zone_of_today(now)[:2] == (now.tzinfo, "UTC+03:00")
    assert "The computer's time zone is not known" in str(zone_of_today(now).doubt)


def test_the_default_zone_is_utc() -> None:
    assert zone_of_today(SUMMER) == (UTC, "UTC", None)
