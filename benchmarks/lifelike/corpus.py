"""The data folders of three people's worth of logs, one of which holds copies of the others'."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lifelike.figures import ALL_BYTES, LARGE, SMALL, truth_of
from lifelike.homes import MOSTLY_LATE, MOSTLY_REPEATING, Home, HomeWriter

ALL = "all"
"""What the truth about all data folders together is called."""

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
"""Data folders that hold nothing of the others, so that the truth about each can stand alone."""


def write_corpus(
    folder: Path, factor: float = 1.0, tell: Callable[[str], None] = lambda _: None
) -> dict[str, dict[str, Any]]:
    """Write all data folders.

    Args:
        folder: Where they become folders, with the names of `FOLDERS`.
        factor: How much to write, beside what was measured; the same gives the same bytes.
        tell: Is told of each data folder that begins.

    Returns:
        The truth about each data folder, by its name, and about all together. An answer counts in
        the first folder that holds it.
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
