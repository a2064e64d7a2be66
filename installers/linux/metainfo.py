"""Writes what software centres show of the program, with its releases out of the changelog."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.sax.saxutils import escape

from building import ROOT

from spendlight.build import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

APPSTREAM_ID: Final = "io.github.spendlight.Spendlight"
TEMPLATE: Final = ROOT / "installers" / "linux" / f"{APPSTREAM_ID}.metainfo.xml"
CHANGELOG: Final = ROOT / "CHANGELOG.md"

MOST_CHANGES: Final = 10
"""A software centre shows a few lines of a release; the link leads to all of them."""

_HEADING: Final = re.compile(r"^## \[(?P<version>[^]]+)\](?: - (?P<day>\d{4}-\d\d-\d\d))?")
_SENTENCE: Final = re.compile(r"^.+?\.(?= |$)")
_MARKUP: Final = re.compile(r"`|\*\*|\[([^]]+)\]\([^)]+\)")


class Release(NamedTuple):
    """A version in the changelog."""

    version: str
    day: date | None
    """When it was published; None for what is not published yet."""
    changes: tuple[str, ...]
    """The first sentence of each change, without markup."""


def releases(changelog: str) -> list[Release]:
    """Return the versions of a changelog in the form of Keep a Changelog, as they stand in it."""
    found = []
    for heading, lines in _sections(changelog):
        day = date.fromisoformat(heading["day"]) if heading["day"] else None
        found.append(Release(heading["version"], day, tuple(_changes(lines))))
    return found


def metainfo(template: str, changelog: str, version: str, date_s: int) -> str:
    """Return the file for software centres.

    Args:
        template: The file without releases.
        changelog: All that has changed.
        version: The version that is packed. Where the changelog has not got it yet, it is what
            stands there as unreleased.
        date_s: When the source was last changed, in seconds since 1970.
    """
    known = releases(changelog)
    today = datetime.fromtimestamp(date_s, UTC).date()
    published = [each for each in known if each.day is not None]
    if version not in {each.version for each in published}:
        waiting = [each.changes for each in known if each.day is None]
        published.insert(0, Release(version, today, waiting[0] if waiting else ()))
    written = "".join(_written(each, today) for each in published)
    return template.replace("  <releases/>", f"  <releases>\n{written}  </releases>")


def _written(release: Release, today: date) -> str:
    items = "".join(
        f"          <li>{escape(change)}</li>\n" for change in release.changes[:MOST_CHANGES]
    )
    description = (
        f"      <description>\n        <ul>\n{items}        </ul>\n      </description>\n"
        if items
        else ""
    )
    return (
        f'    <release version="{release.version}" date="{release.day or today}">\n{description}'
        f'      <url type="details">{REPOSITORY}/releases/tag/v{release.version}</url>\n'
        "    </release>\n"
    )


def _sections(changelog: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Yield each version's heading, with the lines below it."""
    heading, lines = None, list[str]()
    for line in changelog.splitlines():
        if match := _HEADING.match(line):
            if heading:
                yield heading, lines
            heading, lines = match, []
        else:
            lines.append(line)
    if heading:
        yield heading, lines


def _changes(lines: list[str]) -> Iterator[str]:
    """Yield the first sentence of each change."""
    texts = list[str]()
    for line in lines:
        if line.startswith("- "):
            texts.append(line.removeprefix("- "))
        elif line.startswith("  ") and texts:
            texts[-1] += " " + line.strip()
    for text in texts:
        plain = _MARKUP.sub(lambda match: match[1] or "", text)
        sentence = _SENTENCE.match(plain)
        yield (sentence[0] if sentence else plain).rstrip(".")
