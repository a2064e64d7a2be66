from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from metainfo import CHANGELOG, MOST_CHANGES, TEMPLATE, metainfo, releases

CHANGES = """\
# Changelog

## [Unreleased]

### Added

- **Budgets** for a block & a day. More of them is said here.
- Reads `logs`
  of [all](https://example.org) kinds. So it does.

## [0.2.0] - 2026-07-01

- One thing: it works.

## [0.1.0] - 2026-05-04
"""
JULY_4 = 1_783_166_400
"""In seconds since 1970."""


def test_each_version_has_its_day_and_the_first_sentence_of_each_change() -> None:
    unreleased, second, first = releases(CHANGES)

    assert unreleased.day is None
    assert unreleased.changes == ("Budgets for a block & a day", "Reads logs of all kinds")
    assert second == ("0.2.0", date(2026, 7, 1), ("One thing: it works",))
    assert first == ("0.1.0", date(2026, 5, 4), ())


def told(version: str, changelog: str = CHANGES) -> list[ET.Element]:
    """Return the releases in the file for software centres."""
    text = metainfo("<component>\n  <releases/>\n</component>", changelog, version, JULY_4)
    return ET.fromstring(text).findall("releases/release")  # noqa: S314  # our own


def test_a_version_that_the_changelog_knows_is_told_once() -> None:
    assert [each.get("version") for each in told("0.2.0")] == ["0.2.0", "0.1.0"]


def test_a_version_that_is_not_published_yet_has_what_is_unreleased() -> None:
    newest = told("0.3.0")[0]

    assert (newest.get("version"), newest.get("date")) == ("0.3.0", "2026-07-04")
    assert [item.text for item in newest.iter("li")] == [
        "Budgets for a block & a day",
        "Reads logs of all kinds",
    ]


def test_a_software_centre_is_told_no_more_than_it_shows() -> None:
    many = "## [Unreleased]\n" + "".join(f"- Change {number}.\n" for number in range(40))

    assert len(list(told("1.0.0", many)[0].iter("li"))) == MOST_CHANGES


def test_our_own_changelog_and_words_are_well_formed() -> None:
    template, changelog = TEMPLATE.read_text("utf-8"), CHANGELOG.read_text("utf-8")

    text = metainfo(template, changelog, "9.9.9", JULY_4)

    root = ET.fromstring(text)  # noqa: S314  # our own
    assert root.findtext("id") == "io.github.spendlight.Spendlight"
    assert root.findall("releases/release/description/ul/li")


@pytest.mark.linux_programs("desktop-file-validate")
def test_the_menu_entry_of_a_package_starts_the_tray(tmp_path: Path) -> None:
    from shared_files import desktop_entry

    entry = tmp_path / "spendlight.desktop"
    entry.write_text(desktop_entry("spendlight-tray"), encoding="utf-8")

    assert "\nExec=spendlight-tray\n" in entry.read_text("utf-8")
    subprocess.run(["desktop-file-validate", entry], check=True)
