"""The data folders of three people, one of which contains copies of the others' logs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lifelike.figures import ALL_BYTES, LARGE, SMALL, truth_of
from lifelike.homes import MOSTLY_LATE, MOSTLY_REPEATING, Home, HomeWriter

ALL = "all"
"""The key of the true totals of all data folders together."""

_MEASURED = LARGE.plus(SMALL)
_HOMES = (
    Home("large", 31, LARGE, MOSTLY_REPEATING, 0.55, lost=0.2, resumed=0.12, copied=0.05),
    Home("small", 32, SMALL, MOSTLY_LATE, 0.4, lost=0.1, resumed=0.08, copied=0.03),
    Home(
        "other-machine",
        33,
        _MEASURED.times(ALL_BYTES / _MEASURED.size - 1),
        MOSTLY_LATE,
        0.45,
        lost=0.1,
        resumed=0.1,
        copied=0.04,
        foreign=0.3,
    ),
)
FOLDERS = tuple(home.name for home in _HOMES)
ALONE = ("large", "small")
"""Data folders without copies from others, whose true totals are valid on their own."""


def write_corpus(
    folder: Path, factor: float = 1.0, tell: Callable[[str], None] = lambda _: None
) -> dict[str, dict[str, Any]]:
    """Write all data folders.

    Args:
        folder: Where the folders are created, with the names of `FOLDERS`.
        factor: The size relative to what was measured; the same factor gives the same bytes.
        tell: Called with the name of each data folder at its start.

    Returns:
        The true totals of each data folder, by name, and of all together. An answer counts in
        the first folder that contains it.
    """
    writers: list[HomeWriter] = []
    for home in _HOMES:
        tell(home.name)
        others = [log for writer in writers for log in writer.logs]
        wanted = home._replace(figures=home.figures.times(factor))
        writer = HomeWriter(wanted, folder / home.name, others)
        writer.write()
        writers.append(writer)
    truths = {writer.home.name: truth_of(writer.tally) for writer in writers}
    return truths | {ALL: truth_of(*(writer.tally for writer in writers))}
