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


def test_each_version_has_its_date_and_the_first_sentence_of_each_change() -> None:
    unreleased, second, first = releases(CHANGES)

    assert unreleased.day is None
    assert unreleased.changes == ("Budgets for a block & a day", "Reads logs of all kinds")
    assert second == ("0.2.0", date(2026, 7, 1), ("One thing: it works",))
    assert first == ("0.1.0", date(2026, 5, 4), ())


def told(version: str, changelog: str = CHANGES) -> list[ET.Element]:
    """Return the releases in the metainfo file."""
    text = metainfo("<component>\n  <releases/>\n</component>", changelog, version, JULY_4)
    return ET.fromstring(text).findall("releases/release")  # noqa: S314  # our own


def test_a_version_in_the_changelog_is_listed_once() -> None:
    assert [each.get("version") for each in told("0.2.0")] == ["0.2.0", "0.1.0"]


def test_an_unpublished_version_has_the_unreleased_changes() -> None:
    newest = told("0.3.0")[0]

    assert (newest.get("version"), newest.get("date")) == ("0.3.0", "2026-07-04")
    assert [item.text for item in newest.iter("li")] == [
        "Budgets for a block & a day",
        "Reads logs of all kinds",
    ]


def test_descriptions_have_the_length_that_software_centres_show() -> None:
    many = "## [Unreleased]\n" + "".join(f"- Change {number}.\n" for number in range(40))

    assert len(list(told("1.0.0", many)[0].iter("li"))) == MOST_CHANGES


def test_the_metainfo_of_this_version_is_well_formed() -> None:
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
