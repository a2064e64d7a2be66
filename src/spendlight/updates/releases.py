"""Versions and releases, validated."""

from __future__ import annotations

from typing import Final, NamedTuple

from spendlight.build import REPOSITORY

_PARTS: Final = 3
_MOST_DIGITS: Final = 6
_LOOSE_ENDS: Final = " \n•"


class Version(NamedTuple):
    """A version X.Y.Z (Semantic Versioning), ordered by precedence."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def read_version(text: str) -> Version | None:
    """Parse a version; None for anything else, as pre-releases are not announced.

    >>> read_version("1.2.0"), read_version("1.2.0-rc.1"), read_version("1.02.0")
    (Version(major=1, minor=2, patch=0), None, None)
    """
    parts = text.split(".")
    if len(parts) != _PARTS or not all(map(_is_number, parts)):
        return None
    return Version(*map(int, parts))


def _is_number(text: str) -> bool:
    is_short = 0 < len(text) <= _MOST_DIGITS
    return is_short and text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


class Release(NamedTuple):
    """A release of this program.

    Attributes:
        tag: Its name in the repository: the version, with a "v" before it or without.
        notes: What changed, as plain text; may be empty.
    """

    version: Version
    tag: str
    notes: str

    @property
    def page(self) -> str:
        """The page with its notes and files. Made here, as links in a feed are not trusted."""
        return f"{REPOSITORY}/releases/tag/{self.tag}"


def read_release(tag: str, notes: str) -> Release | None:
    """Return the release of a tag, or None if the tag is not a final version."""
    version = read_version(tag.removeprefix("v"))
    return None if version is None else Release(version, tag, notes)


def newer(release: Release | None, running: str) -> Release | None:
    """Return a release if it is newer than a version; None if the version is unusual."""
    ours = read_version(running)
    return release if release and ours and release.version > ours else None


def cut_short(text: str, most: int) -> str:
    r"""Return a text, cut after a word or a line if it is long.

    >>> cut_short("The tray is faster", 14), cut_short("Added\n• All", 9)
    ('The tray is…', 'Added\n…')
    """
    if len(text) <= most:
        return text
    end = max(text.rfind(" ", 0, most - 1), text.rfind("\n", 0, most - 1))
    kept = text[: end if end > most // 2 else most - 1].rstrip(_LOOSE_ENDS)
    is_line = text[len(kept) : len(kept) + 1] == "\n" and len(kept) < most - 1
    return f"{kept}\n…" if is_line else f"{kept}…"
