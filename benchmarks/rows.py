"""The table of bounds: each with its measurement, and whether it is met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from lifelike.corpus import ALL
from side_by_side import APPENDED, CCUSAGE, FIRST, ONE_SHOT, SEARCH, SECOND, Measured

UNKNOWN = "–"
MOST_BYTES = 60e6
MOST_GROWTH = 0.2
MOST_OFF_LINE = 0.15
LONG_REPORTS = ("session", "daily by project")
"""Reports of ten years with 15,000 rows."""


class Found(NamedTuple):
    """All measurements.

    Attributes:
        synthetic: Programs side by side on synthetic logs, from the smallest; the largest is the
            reference.
        lifelike: The same on logs like real ones, by the name of their data folder.
        one_shot: The same on many logs with an answer each.
        tray: The results of the tray's harnesses, on the reference.
        stalls: The stalls of its event loop in a first scan, by the title of the logs.
        steps: The time of each step of a first scan, by the title of the logs.
        ten_years: The results of the large ledger's harnesses.
        inner: Measurements within one process.
    """

    synthetic: Sequence[Measured]
    lifelike: Mapping[str, Measured]
    one_shot: Measured
    tray: Mapping[str, Any]
    stalls: Mapping[str, Mapping[str, float]]
    steps: Mapping[str, Mapping[str, float]]
    ten_years: Mapping[str, Any]
    inner: Mapping[str, Any]

    @property
    def reference(self) -> Measured:
        """The measurements that most bounds apply to."""
        return self.synthetic[-1]

    @property
    def every(self) -> Sequence[Measured]:
        """All side-by-side measurements."""
        return (*self.synthetic, *self.lifelike.values(), self.one_shot)


@dataclass(frozen=True, slots=True)
class Row:
    """A bound and its measurement.

    Attributes:
        share: The measurement as a share of the bound, or None if there is none.
    """

    what: str
    bound: str
    measured: str
    share: float | None

    def markdown(self) -> str:
        """Return the row as Markdown."""
        if self.share is None:
            return f"| {self.what} | {self.bound} | {self.measured} | {UNKNOWN} | {UNKNOWN} |"
        is_met = "yes" if self.share <= 1 else "**no**"
        return f"| {self.what} | {self.bound} | {self.measured} | {self.share:.2f} | {is_met} |"


def table(found: Found) -> Iterator[str]:
    """Yield the lines of the table in Markdown."""
    yield "| what | at most | measured | share of the bound | met |"
    yield "|---|---:|---:|---:|---|"
    for row in (
        *_first_scans(found),
        *_later_runs(found),
        *_memory(found),
        *_stalls(found),
        *_ten_years(found),
        *_exchanges(found),
        *_window(found),
        *_ledger_size(found),
        _linear(found),
    ):
        yield row.markdown()


def _seconds(what: str, most: float, seconds: float) -> Row:
    return Row(what, f"{most:g} s", f"{seconds:.3f} s", seconds / most)


def _against(what: str, most: float, other: str, share: float | None) -> Row:
    told = f"{most:g} × {other}"
    if share is None:
        return Row(what, told, f"no {other} here", None)
    return Row(what, told, f"{share:.3f} × {other}", share / most)


def _first_scans(found: Found) -> Iterator[Row]:
    """Yield the times of a complete first scan with a report."""
    reference, *smaller = reversed(found.synthetic)
    ways: list[tuple[Measured, float, str]] = [
        (reference, 0.22, CCUSAGE),
        (reference, 3.2, SEARCH),
    ]
    if smaller:
        ways.append((smaller[0], 0.28, CCUSAGE))
    ways += [
        (found.lifelike[name], most, CCUSAGE)
        for name, most in ((ALL, 0.4), ("small", 0.6))
        if name in found.lifelike
    ]
    ways.append((found.one_shot, 2.0, CCUSAGE))
    for measured, most, other in ways:
        what = f"first scan and report: {_named(measured)}"
        yield _against(what, most, other, measured.share(FIRST, other))


def _named(measured: Measured) -> str:
    """Return the title of logs, with their number where that is what matters."""
    corpus = measured.corpus
    return (
        f"{corpus.truth['files']:,} logs, {corpus.title}"
        if corpus.kind == ONE_SHOT
        else corpus.title
    )


def _later_runs(found: Found) -> Iterator[Row]:
    reference = found.reference
    for measured in _largest(found):
        what = f"again, nothing new: {measured.corpus.title}"
        yield _seconds(what, 0.1, measured.wall_s(SECOND))
    what = "again, nothing new"
    yield _against(what, 0.02, CCUSAGE, reference.share(SECOND, CCUSAGE))
    files = reference.corpus.truth["files"]
    appended = f"the same after one line was appended to one of {files:,} files"
    yield _seconds(appended, 0.2, reference.wall_s(APPENDED))


def _largest(found: Found) -> Iterator[Measured]:
    """Yield the largest logs of each kind."""
    yield found.reference
    if ALL in found.lifelike:
        yield found.lifelike[ALL]


def _memory(found: Found) -> Iterator[Row]:
    for measured in (*_largest(found), found.one_shot):
        peak = measured.peak_bytes(FIRST)
        what = f"peak memory in the first scan: {_named(measured)}"
        yield Row(what, _mb(MOST_BYTES), _mb(peak), peak / MOST_BYTES)
    smallest, *_, largest = found.synthetic
    if smallest is not largest:
        before, after = smallest.peak_bytes(FIRST), largest.peak_bytes(FIRST)
        yield Row(
            f"how much it grows from {smallest.corpus.title} to {largest.corpus.title}",
            f"{MOST_GROWTH:.0%}",
            f"{after / before - 1:+.0%} ({_mb(before)} to {_mb(after)})",
            max(0.0, after / before - 1) / MOST_GROWTH,
        )


def _stalls(found: Found) -> Iterator[Row]:
    for title, stall in found.stalls.items():
        late, largest = stall["hundredth_ms"], stall["largest_ms"]
        yield Row(
            f"tray: event-loop stall in a first scan, p99 of a 10 ms timer: {title}",
            "15 ms",
            f"{late:.1f} ms (the largest: {largest:.1f} ms)",
            late / 15,
        )


def _ten_years(found: Found) -> Iterator[Row]:
    reports = found.ten_years["reports"]
    what = _years(found)
    for most, names in (
        (0.3, [name for name in reports if name not in LONG_REPORTS]),
        (0.6, [name for name in reports if name in LONG_REPORTS]),
    ):
        if names:
            slowest = max(names, key=reports.__getitem__)
            told = f"{what}, JSON: {', '.join(names)} (the slowest: {slowest})"
            yield _seconds(told, most, reports[slowest])
    yield _seconds(f"{what}: the window's first page", 0.3, found.ten_years["first_page_s"])


def _exchanges(found: Found) -> Iterator[Row]:
    exchange = "tray: one appended exchange"
    small, large = found.tray["cpu_ms"], found.ten_years["exchange_cpu_ms"]
    yield Row(f"{exchange}: CPU", "15 ms", f"{small:.1f} ms", small / 15)
    yield Row(f"{exchange}: CPU, {_years(found)}", "15 ms", f"{large:.1f} ms", large / 15)
    yield _seconds(f"{exchange}, with the settle time", 0.3, found.tray["seconds"])
    search = found.ten_years["search_ms"]
    yield Row(f"{_years(found)}: search for its copies", "5 ms", f"{search:.2f} ms", search / 5)


def _years(found: Found) -> str:
    answers = found.ten_years["answers"]
    return f"ten years ({answers / 1e6:.1f} million answers)"


def _window(found: Found) -> Iterator[Row]:
    window = found.tray["window"]
    yield _seconds("window: first page complete, beyond the imports", 0.5, window["open_ms"] / 1e3)
    what = "window: any page, range or filter painted"
    yield _seconds(what, 0.2, window["change_ms"] / 1e3)
    what = "window: largest event-loop stall meanwhile (10 ms timer)"
    busiest = f"{window['stall_ms']:.1f} ms, {window['busiest_ms']:.1f} of them its own work"
    yield Row(what, "50 ms", busiest, window["stall_ms"] / 50)


def _ledger_size(found: Found) -> Iterator[Row]:
    reference, ten_years = found.reference, found.ten_years
    for name, size, count in (
        ("after the first scan", reference.ledger_bytes, reference.corpus.truth["answers"]),
        ("with ten years", ten_years["ledger_bytes"], ten_years["answers"]),
    ):
        each = size / count
        what = f"ledger size, everything included, {name}"
        yield Row(what, "160 bytes an answer", f"{each:.0f} bytes", each / 160)


def _linear(found: Found) -> Row:
    sizes = [measured.corpus.truth["size"] for measured in found.synthetic]
    what = "time against size ({} GB)".format(", ".join(f"{size / 1e9:.2f}" for size in sizes))
    bound = f"linear within {MOST_OFF_LINE:.0%}"
    if len(sizes) < 3:
        return Row(what, bound, "too few sizes", None)
    off = off_line(sizes, [measured.wall_s(FIRST) for measured in found.synthetic])
    return Row(what, bound, f"{off:.1%} off the line", off / MOST_OFF_LINE)


def off_line(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the greatest relative deviation of a time from the straight line through all."""
    slope, start = line_through(sizes, seconds)
    return max(
        abs(start + slope * size - time) / time for size, time in zip(sizes, seconds, strict=True)
    )


def line_through(sizes: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Return the line with the least relative deviations: its slope and its intercept."""
    slope, start = np.polyfit(sizes, seconds, 1, w=[1 / time for time in seconds])
    return float(slope), float(start)


def _mb(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"
