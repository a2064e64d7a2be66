"""The table of what is promised: each bound, what was measured, and whether it is met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from side_by_side import APPENDED, CCUSAGE, FIRST, SEARCH, SECOND, Measured

UNKNOWN = "–"
MOST_BYTES = 300e6
MOST_LINEAR = 0.15


@dataclass(frozen=True, slots=True)
class Row:
    """A bound, and what was measured.

    Attributes:
        share: What was measured as a share of the bound, or None where nothing was.
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


def table(
    measured: Mapping[int, Measured], tray: Mapping[str, Any], ten_years: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the lines of the table in Markdown.

    Args:
        measured: What ran side by side, by the size of the logs; the largest is the reference.
        tray: What the harnesses of the tray have found.
        ten_years: What the harnesses of the large ledger have found.
    """
    yield "| what | at most | measured | share of the bound | met |"
    yield "|---|---:|---:|---:|---|"
    reference = measured[max(measured)]
    for row in (
        *_times(reference),
        *_memory(measured),
        *_tray(tray),
        *_large(reference, ten_years),
        _linear(measured),
    ):
        yield row.markdown()


def _seconds(what: str, most: float, seconds: float) -> Row:
    return Row(what, f"{most:g} s", f"{seconds:.3f} s", seconds / most)


def _against(what: str, most: float, other: str, share: float | None) -> Row:
    told = f"{most:g} × {other}"
    if share is None:
        return Row(what, told, f"no {other} here", None)
    return Row(what, told, f"{share:.3f} × {other}", share / most)


def _times(reference: Measured) -> Iterator[Row]:
    first = "first scan into a complete ledger, report included"
    second = "second `daily --json`, nothing new"
    yield _against(first, 0.25, CCUSAGE, reference.share(FIRST, CCUSAGE))
    yield _against(first, 5, SEARCH, reference.share(FIRST, SEARCH))
    yield _seconds(second, 0.15, reference.wall_s(SECOND))
    yield _against(second, 0.02, CCUSAGE, reference.share(SECOND, CCUSAGE))
    files = reference.truth["files"]
    appended = f"the same after one line was appended to one of {files:,} files"
    yield _seconds(appended, 0.2, reference.wall_s(APPENDED))


def _memory(measured: Mapping[int, Measured]) -> Iterator[Row]:
    peaks = [measured[size].peak_bytes(FIRST) for size in sorted(measured)]
    what = "peak memory of all processes together in the first scan"
    yield Row(what, f"{MOST_BYTES / 1e6:.0f} MB", _mb(peaks[-1]), peaks[-1] / MOST_BYTES)
    if len(peaks) > 1:
        growth = peaks[-1] / peaks[0] - 1
        sizes = " and ".join(f"{size / 1e9:.2f}" for size in (min(measured), max(measured)))
        yield Row(
            f"how much it grows between {sizes} GB",
            f"{MOST_LINEAR:.0%}",
            f"{growth:+.0%} ({_mb(peaks[0])} to {_mb(peaks[-1])})",
            max(0.0, growth) / MOST_LINEAR,
        )


def _tray(tray: Mapping[str, Any]) -> Iterator[Row]:
    exchange = "tray: one appended exchange, from the write to the new snapshot"
    cpu, stall = tray["cpu_ms"], tray["largest_ms"]
    yield Row(f"{exchange}: CPU", "20 ms", f"{cpu:.1f} ms", cpu / 20)
    yield _seconds(f"{exchange}, with the settle time", 0.3, tray["seconds"])
    what = "largest event-loop stall in the tray during a first scan (10 ms timer)"
    yield Row(what, "50 ms", f"{stall:.1f} ms", stall / 50)
    window = tray["window"]
    yield _seconds("window: first page complete, beyond the imports", 0.5, window["open_ms"] / 1e3)
    what = "window: any page, range or filter painted"
    yield _seconds(what, 0.2, window["change_ms"] / 1e3)
    what = "window: largest event-loop stall meanwhile (10 ms timer)"
    busiest = f"{window['stall_ms']:.1f} ms, {window['busiest_ms']:.1f} of them its own work"
    yield Row(what, "50 ms", busiest, window["stall_ms"] / 50)


def _large(reference: Measured, ten_years: Mapping[str, Any]) -> Iterator[Row]:
    reports = ten_years["reports"]
    slowest = max(reports, key=reports.__getitem__)
    answers = ten_years["answers"]
    what = f"ten years of heavy use in the ledger ({answers / 1e6:.1f} million answers)"
    yield _seconds(f"{what}: any report (the slowest: {slowest})", 0.3, reports[slowest])
    yield _seconds(f"{what}: the window's first page", 0.3, ten_years["first_page_s"])
    cpu, search = ten_years["exchange_cpu_ms"], ten_years["search_ms"]
    yield Row(f"{what}: one appended exchange: CPU", "20 ms", f"{cpu:.1f} ms", cpu / 20)
    yield Row(f"{what}: the search for its copies", "5 ms", f"{search:.2f} ms", search / 5)
    for name, size, count in (
        ("after the first scan", reference.ledger_bytes, reference.truth["answers"]),
        ("with ten years", ten_years["ledger_bytes"], answers),
    ):
        each = size / count
        what = f"ledger size, everything included, {name}"
        yield Row(what, "160 bytes an answer", f"{each:.0f} bytes", each / 160)


def _linear(measured: Mapping[int, Measured]) -> Row:
    sizes = sorted(measured)
    what = "time against size ({} GB)".format(", ".join(f"{size / 1e9:.2f}" for size in sizes))
    bound = f"linear within {MOST_LINEAR:.0%}"
    if len(sizes) < 3:
        return Row(what, bound, "too few sizes", None)
    off = off_line(sizes, [measured[size].wall_s(FIRST) for size in sizes])
    return Row(what, bound, f"{off:.1%} off the line", off / MOST_LINEAR)


def off_line(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return by how much a time is off the straight line through all of them, at most."""
    slope, start = line_through(sizes, seconds)
    return max(
        abs(start + slope * size - time) / time for size, time in zip(sizes, seconds, strict=True)
    )


def line_through(sizes: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Return the line from which the times differ by the least shares: its slope, and its start."""
    slope, start = np.polyfit(sizes, seconds, 1, w=[1 / time for time in seconds])
    return float(slope), float(start)


def _mb(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"
