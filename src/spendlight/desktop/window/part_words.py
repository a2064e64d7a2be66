"""The words for values of dimensions: branches, subagents, tools and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from spendlight.desktop.window.formats import Formats
from spendlight.metering.dimensions import (
    AGENT,
    DIMENSIONS,
    NOT_KNOWN,
    NOT_KNOWN_WORDS,
    PROJECT,
    SESSION,
    Part,
    Value,
)
from spendlight.metering.reports import Column, session_label
from spendlight.names import name, shortened, shown

WORDS: Final = (
    QT_TRANSLATE_NOOP("Dimension", "main thread"),
    QT_TRANSLATE_NOOP("Dimension", "none"),
    QT_TRANSLATE_NOOP("Dimension", "not known"),
)
"""What is shown instead of a name, listed for translation."""

_OF_HEADING: Final = {row.heading: row.name for row in DIMENSIONS.values()}

MOST_TITLE_LETTERS: Final = 32
"""Longer names are cut in the middle in the trail, which has several beside each other."""


def part_words(part: Part, formats: Formats, title: str = "") -> str:
    """Return a value for tables.

    Args:
        part: The value.
        formats: How sessions are written; their titles are hidden with the amounts.
        title: The title of a session, or the type of a subagent.
    """
    if not part.value:
        return no_name(part)
    if part.dimension == SESSION:
        return formats.session(part.value, title)
    if part.dimension == AGENT and title:
        return session_label(part.value, title)
    return name(part.value)


def whole_words(part: Part, formats: Formats, title: str = "") -> str:
    """Return a value for tooltips and screen readers: names are not shortened."""
    if not part.value:
        return no_name(part)
    if title and not (part.dimension == SESSION and formats.is_private):
        return shown(f"{title} ({part.value})")
    return shown(part.value)


def bar_words(parts: Sequence[tuple[Part, str]], formats: Formats) -> list[str]:
    """Return values with their titles for bars beside each other: of paths, the last parts."""
    paths = [part.value for part, _ in parts if part.value and DIMENSIONS[part.dimension].is_path]
    short = short_paths(paths)
    return [
        name(short[part.value])
        if part.value and part.value in short
        else part_words(part, formats, title)
        for part, title in parts
    ]


def trail_words(part: Part, formats: Formats, title: str = "") -> str:
    """Return a value for the trail."""
    return shortened(bar_words([(part, title)], formats)[0], MOST_TITLE_LETTERS)


def no_name(part: Part) -> str:
    """Return the words for a value that is not a name."""
    if part.value is NOT_KNOWN:
        return not_known()
    return QCoreApplication.translate("Dimension", DIMENSIONS[part.dimension].none_words)


def not_known() -> str:
    """Return the words for what is not known."""
    return QCoreApplication.translate("Dimension", NOT_KNOWN_WORDS)


def listed(dimension: str, values: Iterable[Value], *, is_whole: bool = False) -> str:
    """Return the values of something that has several, without those that are not names.

    "" if there are none; that some are not known is said last.
    """
    found = list(values)
    paths = [value for value in found if value]
    short = short_paths(paths) if DIMENSIONS[dimension].is_path and not is_whole else {}
    names = [shown(path) if is_whole else name(short.get(path, path)) for path in paths]
    if NOT_KNOWN in found:
        names.append(not_known())
    return ", ".join(names)


def dimension_text(
    column: Column[Any], row: object, formats: Formats, *, is_whole: bool = False
) -> str | None:
    """Return the text of a cell with values of a dimension; None for other cells.

    Args:
        column: The column.
        row: The row, which has the value as its part, or has told several, or knows the text.
        formats: How sessions are written.
        is_whole: Whether names are not shortened, as in tooltips.
    """
    dimension = _OF_HEADING.get(column.heading)
    if dimension is None:
        return None
    part = getattr(row, "part", None)
    if part is not None and part.dimension == dimension:
        title = getattr(row, "title", "")
        return (whole_words if is_whole else part_words)(part, formats, title)
    if dimension in {SESSION, PROJECT}:
        return None
    told = getattr(row, "told", None)
    if told is not None:
        return listed(dimension, told.get(dimension, ()), is_whole=is_whole)
    value = str(column.value(row))
    if value == NOT_KNOWN_WORDS:
        return not_known()
    return shown(value if is_whole else column.text(row))


def is_list(column: Column[Any], row: object) -> bool:
    """Return whether a cell may show several values of a dimension."""
    told = getattr(row, "told", None)
    return told is not None and _OF_HEADING.get(column.heading) in told


def short_paths(paths: Iterable[str]) -> Mapping[str, str]:
    r"""Return the last part of each path, with more parts where others end in the same.

    >>> dict(short_paths(["/home/ada/engine", "C:\\ada\\clock"]))
    {'/home/ada/engine': 'engine', 'C:\\ada\\clock': 'clock'}
    >>> list(short_paths(["/a/engine", "/b/engine"]).values())
    ['a/engine', 'b/engine']
    """
    parts = {path: [one for one in path.replace("\\", "/").split("/") if one] for path in paths}
    lengths = dict.fromkeys(parts, 1)
    while True:
        groups: dict[str, list[str]] = {}
        for path, length in lengths.items():
            groups.setdefault("/".join(parts[path][-length:]), []).append(path)
        longer = [
            path
            for same in groups.values()
            if len(same) > 1
            for path in same
            if lengths[path] < len(parts[path])
        ]
        if not longer:
            return {path: "/".join(parts[path][-lengths[path] :]) or path for path in parts}
        for path in longer:
            lengths[path] += 1
