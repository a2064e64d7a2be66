"""Converts release notes to plain text, as notifications show neither Markdown nor HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spendlight.updates.releases import cut_short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.updates.releases import Version

MOST_LETTERS: Final = 2_000
"""The most characters that are kept; a notification shows a part of them."""

_READ_LETTERS: Final = 20_000
"""The most characters that are read."""

_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINK: Final = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_MARKS: Final = re.compile(r"\*\*|`")
_RULE: Final = re.compile(r"[-*_=\s]*")
_BULLET: Final = re.compile(r"[-*+] +")
_HEADING: Final = re.compile(r"#{1,6} +")


def plain(markdown: str, version: Version) -> str:
    """Return notes as plain text: a line for each heading, paragraph or list item.

    Args:
        markdown: The release notes.
        version: The version; a heading that names it is left out.
    """
    text = _COMMENT.sub("", markdown[:_READ_LETTERS])
    lines = _lines(text, str(version))
    return cut_short("\n".join(filter(None, map(_unmarked, lines))), MOST_LETTERS)


def _lines(text: str, version: str) -> Iterator[str]:
    """Yield the paragraphs, each in one line."""
    open_line = ""
    for raw in text.splitlines():
        line = raw.strip().removeprefix("> ")
        heading = _HEADING.match(line)
        bullet = _BULLET.match(line)
        if heading or bullet or _RULE.fullmatch(line):
            yield open_line
            open_line = ""
        if heading:
            title = line[heading.end() :]
            yield "" if version in title else title
        elif bullet:
            open_line = f"• {line[bullet.end() :]}"
        elif not _RULE.fullmatch(line):
            open_line = f"{open_line} {line}".strip()
    yield open_line


def _unmarked(line: str) -> str:
    """Return a line without Markdown and without control characters."""
    line = _MARKS.sub("", _LINK.sub(r"\1", line))
    letters = (letter if letter.isprintable() else " " for letter in line)
    return " ".join("".join(letters).split())
