"""Writes TEAM.md: the bounds of a team with their measurements, and the plot beside it."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from measure import METHOD, Run
from programs import machine
from rows import Row

PAGE = Path(__file__).with_name("TEAM.md")
PLOT = "team.png"

EXACT = "first report, from the segments alone"
NEW_SEGMENT = "report after one new segment"
NOTHING_NEW = "publish, nothing new"
BY_DASK = "Dask, workers: {}"

MOST_EXACT_S = 4.0
MOST_BYTES = 1.5e9
MOST_REPORT_S = 0.5
MOST_NEW_SEGMENT_S = 0.3
MOST_NOTHING_NEW_S = 0.2
ABOUT_BYTES_AN_ANSWER = 50


PROFILE = (
    "Where the processor time of the first report goes: about a sixth each reading the rows of "
    "answers that are recorded twice, which are in every segment here (DuckDB opens 3,000 files "
    "and decodes ten columns of each), numbering and storing the names of 100,000 sessions and "
    "130,000 logs, and adding up what is recorded once; a tenth each hashing and unpacking "
    "segments, sorting answers and looking at indices, and choosing the best copies; the rest is "
    "copying segments, sums by day, writing the cache, and starting. Reports from the cache: about "
    "0.2 s are the start of Python, of the program and of DuckDB, less than 0.1 s listing the "
    "folder; what is more is adding up and writing rows. A report of a day and a project in each "
    "row has 50,000 rows and 68 MB of JSON, most of whose time goes into making and writing rows "
    "in Python."
)
"""Measured with a wrapper around each step, on a busy machine."""


class Found(NamedTuple):
    """All measurements of a team.

    Attributes:
        truth: What the generator knows.
        timed: Runs that were only timed, one for each round.
        sampled: Runs whose memory was measured.
        cache_bytes: The size of the cache.
        reports: The names of the reports from what was taken in before.
        long_reports: The names of those with thousands of rows.
        lines: Seconds for exact totals by who makes them, and by the number of machines.
    """

    truth: Mapping[str, Any]
    timed: Mapping[str, Sequence[Run]]
    sampled: Mapping[str, Run]
    cache_bytes: int
    reports: Sequence[str]
    long_reports: Sequence[str]
    lines: Mapping[str, Mapping[int, float]] = {}

    def wall_s(self, name: str) -> float:
        """Return the median time of something."""
        return median(run.wall_s for run in self.timed[name])

    def cpu_s(self, name: str) -> float:
        """Return the median processor time of something."""
        return median(run.cpu_s for run in self.timed[name])

    def peak_bytes(self, name: str) -> int:
        """Return the peak memory of something."""
        return self.sampled[name].peak_bytes or 0


def page(found: Found) -> Iterator[str]:
    """Yield the lines of the page, in Markdown."""
    truth = found.truth
    yield "# How fast a team's reports are"
    yield ""
    yield f"{machine()}. {time.strftime('%F')}."
    yield ""
    yield (
        f"Made by `make bench-team`: {truth['machines']:,} machines with {truth['rows']:,} rows in "
        f"{truth['segments']:,} segments of {truth['size'] / 1e6:,.0f} MB together; "
        f"{truth['answers']:,} answers, the others are copies on a second machine. Each is a whole "
        "process of the program, start included; the files are warm in the page cache. Times are "
        "medians of one run. All totals were equal to those that the generator knows. The load of "
        f"the machine was {os.getloadavg()[1]:.1f} on average in the last five minutes; this "
        "alone makes 1 to 2, and what is more makes wall times longer, processor times less so."
    )
    yield ""
    yield METHOD
    yield ""
    yield "| what | at most | measured | share of the bound | met |"
    yield "|---|---:|---:|---:|---|"
    yield from (row.markdown() for row in _rows(found))
    yield ""
    yield f"| median of {len(found.timed[EXACT])} | wall s | CPU s |"
    yield "|---|---:|---:|"
    for name in found.timed:
        yield f"| {name} | {found.wall_s(name):.3f} | {found.cpu_s(name):.3f} |"
    yield ""
    yield (
        f"The cache, which can be deleted, has {found.cache_bytes / 1e6:,.0f} MB. A report from it "
        f"needs {found.peak_bytes('daily') / 1e6:,.0f} MB of memory."
    )
    yield ""
    yield PROFILE
    yield ""
    yield from _cluster(found)


def _rows(found: Found) -> Iterator[Row]:
    slowest = max(found.reports, key=found.wall_s)
    yield _seconds(
        f"any report, up to date (the slowest: {slowest})", slowest, MOST_REPORT_S, found
    )
    for name in found.long_reports:
        yield _seconds(
            f"a report with thousands of rows, up to date: {name}", name, MOST_REPORT_S, found
        )
    yield _seconds(f"exact totals by answers: {EXACT}", EXACT, MOST_EXACT_S, found)
    peak = found.peak_bytes(EXACT)
    shown = f"{MOST_BYTES / 1e9:g} GB", f"{peak / 1e9:.2f} GB"
    yield Row("its peak memory", *shown, peak / MOST_BYTES if peak else None)
    yield _seconds(f"{NEW_SEGMENT} of an up-to-date team", NEW_SEGMENT, MOST_NEW_SEGMENT_S, found)
    yield _seconds(NOTHING_NEW, NOTHING_NEW, MOST_NOTHING_NEW_S, found)
    each = found.truth["size"] / found.truth["rows"]
    bound = f"about {ABOUT_BYTES_AN_ANSWER} bytes"
    yield Row("a row in a segment", bound, f"{each:.1f} bytes", each / ABOUT_BYTES_AN_ANSWER)


def _seconds(what: str, name: str, most: float, found: Found) -> Row:
    took = found.wall_s(name)
    return Row(what, f"{most} s", f"{took:.3f} s", took / most)


def _cluster(found: Found) -> Iterator[str]:
    """Yield the times of all sizes, with and without a cluster."""
    if not found.lines:
        return
    sizes = sorted({size for line in found.lines.values() for size in line})
    yield "## With more machines, and with a cluster"
    yield ""
    yield (
        "Exact totals from the segments alone, in seconds; large teams are measured once. Dask's "
        "scheduler and workers are processes on the same machine, each worker with one thread; "
        "they have run before, so that their imports are not included. All figures are the same. "
        "What a cluster costs is the difference between two workers and the program alone, which "
        "uses two threads: workers read all rows of their segments, not only their indices, and "
        f"pass records on as bytes through the scheduler's network. {_overhead(found)}It is worth "
        "it for processors of other machines only."
    )
    yield ""
    yield f"| machines | {' | '.join(f'{size:,}' for size in sizes)} |"
    yield f"|---|{'---:|' * len(sizes)}"
    for name, line in found.lines.items():
        told = (f"{line[size]:.2f}" if size in line else "" for size in sizes)
        yield f"| {'the program alone' if name == EXACT else name} | {' | '.join(told)} |"
    yield ""
    yield f"![Time against the number of machines]({PLOT})"


def _overhead(found: Found) -> str:
    """Return how much longer a cluster of two workers takes, if it was measured."""
    alone, cluster = found.lines.get(EXACT, {}), found.lines.get(BY_DASK.format(2), {})
    sizes = sorted(set(alone) & set(cluster))
    if not sizes:
        return ""
    each = (f"{cluster[size] / alone[size]:.1f} for {size:,} machines" for size in sizes)
    return f"Two workers take this many times as long: {', '.join(each)}. "


def draw(found: Found, path: Path) -> None:
    """Draw time against the number of machines."""
    import matplotlib as mpl  # slow, but nothing is measured any more

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.6), layout="constrained")
    for name, line in found.lines.items():
        label = "the program alone" if name == EXACT else name
        axes.plot(list(line), list(line.values()), "o-", label=label)
    axes.set_title("Exact totals from the segments, s")
    axes.set_xlabel("Machines")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(visible=True, which="major", alpha=0.3)
    sizes = sorted({size for line in found.lines.values() for size in line})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
