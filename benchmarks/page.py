"""Writes RESULTS.md: the table of bounds, the results of each program, and the plot beside it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from measure import METHOD
from programs import Programs, machine
from rows import Found, line_through, table
from side_by_side import CCUSAGE, FIRST, NAMES, Measured, totals_of, wrong_totals

RESULTS = Path(__file__).with_name("RESULTS.md")
PLOT = Path(__file__).with_name("results.png")


LOGS = """\
Of the logs, `synthetic` ones are all alike: 16 usage lines in 100 KB, and copies in resumed
sessions only. Those `like real logs` are made to what was counted in two data folders that people
use: 734 MB in 556 files (199,570 lines, 86,909 with usage, 64,518 `progress` lines that repeat a
subagent's) and 235 MB in 338 files (57,094, 31,123 and 5,615). Sessions are resumed, and copied to
other projects; a third data folder holds copies of both, as another machine does. Those `of
one-shot sessions` hold a question and an answer each.
"""

WHY = """\
## Why some bounds may not be met

- **First scan.** [Its steps](#what-a-first-scan-spends-its-time-on) show where time goes. Of
  1.26 s for 2.85 GB in one run, 0.06 went by before threads read, 1.08 while they read and what
  they read was written, and 0.12 for the first sums of days and blocks, for closing the ledger and
  for the report. Meanwhile both processors were busy for 2.15 s. `rg -c` needs a third of that,
  for reading and finding only: 3.2 times its time on two processors would be all of our work,
  spread evenly, from the first moment to the last.
- **Memory.** Of 15 MB by which a process grows from 0.29 to 2.85 GB, 3 are there before anything
  is written: paths, states and plans of 2,000 more logs, 1.4 KB each. The others are parts of
  16,000 answers that are written together (smaller ones cost time), what is read ahead meanwhile,
  SQLite's cache, which is then full, and the first sums of days.
- **One-shot sessions.** Each log is a row in each of six tables of the ledger and in five indices:
  120,000 rows. Of 1.0 s in one run, inserting took 0.30, making the rows 0.17, committing them and
  moving them into the ledger's file 0.08, collecting what was read 0.05, walking and planning 0.14,
  the first sums 0.06, the start 0.1, the report 0.05. Of 1.07 s of processor time, Python took 48%,
  SQLite 30%, the kernel 14%, the native reader 2%. Reading takes place meanwhile, and so do sums of
  blocks while days are summed up. Inserting on another thread while the next rows are made gained
  less than runs differ, as each statement has to wait for the GIL twice. 0.8 s would need rows that
  are made in another process, whose memory would be above the bound, or fewer rows for a log.
- **Again, nothing new.** The second run of a day also starts a process that copies the ledger and
  checks the copy, and does not wait for it. The third, which does not, is below: once more. Of
  90 ms in one run, Python's own start took 15, argparse and pathlib 10, our imports 35, comparing
  the states of 2,227 logs 5, the report and its JSON 11, opening the ledger 5. The logs, in 1,258
  folders, are listed natively in another thread meanwhile, in 10; in Python it took 20. Defining
  named tuples took 10 ms more with `typing.NamedTuple`.
- **Ten years.** What has 15,000 rows (sessions, days by project, blocks) is up to 90,000 sums to
  be read, priced and written, as ten to sixteen megabytes of JSON. For sessions, making the JSON's
  objects takes 26% and writing them 13%, reading sums and names 15%, adding up and pricing
  12%, the total of the rows 5%, start and imports 12%. For blocks, JSON takes 35%, start and
  imports 20%, adding up and pricing 17%, reading 8%, the total 6%. Text made row by row from
  templates, without objects, took as long as these with orjson.
- **One exchange.** While the tray has nothing to do, it indexes the answers of a ledger with more
  than 256 chunks outside the index, which takes 0.2 s. Before, a ledger of fewer than 3,072 chunks
  had none, and searching all of 2,227 took 6 of 13 ms.
"""
"""On another machine the figures may be within the bounds, so it says "may"."""


def page(programs: Programs, found: Found) -> Iterator[str]:
    """Yield the lines of the page, in Markdown."""
    yield "# How fast it is"
    yield ""
    yield f"{machine()}. {programs.versions}. {programs.reader} {time.strftime('%F')}."
    yield ""
    yield (
        "Made by `make bench`. The logs are warm in the page cache; all programs ran in alternation"
        " in one run, each as a whole process, start included. Times are medians; shares of "
        "another program's time are medians of the shares within each round. The line of time "
        "against size is the one with the least shares off it."
    )
    yield ""
    yield LOGS
    yield METHOD
    yield ""
    yield from table(found)
    yield ""
    yield f"![Time and memory against the size of the logs]({PLOT.name})"
    yield ""
    yield WHY
    for measured in found.every:
        yield from _section(measured)
    yield from _steps(found.steps)
    yield from _tray(found)
    yield from _ten_years(found.ten_years)
    yield from _inner(found.inner)


def _section(measured: Measured) -> Iterator[str]:
    """Yield the results for one size."""
    truth = measured.corpus.truth
    yield f"## {measured.corpus.title}"
    yield ""
    repeating = truth.get("progress_lines", 0)
    repeated = f", {repeating:,} that repeat a subagent's" if repeating else ""
    yield (
        f"{truth['files']:,} files, {truth['lines']:,} lines, {truth['usage_lines']:,} of them "
        f"with usage{repeated}; {truth['answers']:,} answers."
    )
    yield ""
    rounds = len(measured.timed[FIRST])
    yield f"| median of {rounds} | wall s | CPU s | peak MB | ccusage takes | and needs |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name in NAMES:
        if name in measured.timed:
            yield _line(measured, name)
    yield ""
    yield f"- true: {truth['totals']['totalTokens']:,} tokens"
    for name in (FIRST, CCUSAGE):
        if name in measured.timed:
            totals = totals_of(measured.timed[name][0])
            yield f"- {name}: {totals['totalTokens']:,} tokens, ${totals['totalCost']:,.6f}"
    yield from (f"- **wrong**: {sentence}" for sentence in wrong_totals(measured))
    yield ""


def _line(measured: Measured, name: str) -> str:
    share = measured.share(CCUSAGE, name)
    memory = measured.peak_bytes(name)
    longer = more = ""
    if share is not None and name != CCUSAGE:
        longer = f"{share:.2f} × the time"
        if memory:
            more = f"{measured.peak_bytes(CCUSAGE) / memory:.2f} × the memory"
    return (
        f"| {name} | {measured.wall_s(name):.3f} | {measured.cpu_s(name):.3f} "
        f"| {memory / 1e6:,.0f} | {longer} | {more} |"
    )


def _steps(steps: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield the time of a first scan, step by step."""
    yield "## What a first scan spends its time on"
    yield ""
    yield "Processor time of all of it in one thread, start and report apart."
    yield ""
    for title, seconds_of in steps.items():
        whole = sum(seconds_of.values())
        yield f"| {title} | s | share |"
        yield "|---|---:|---:|"
        for name, seconds in seconds_of.items():
            yield f"| {name} | {seconds:.2f} | {seconds / whole:.0%} |"
        yield f"| all | {whole:.2f} | |"
        yield ""


def _tray(found: Found) -> Iterator[str]:
    tray = found.tray
    yield "## The tray"
    yield ""
    yield (
        f"- One appended exchange: {tray['cpu_ms']:.1f} ms of CPU (at most "
        f"{tray['most_cpu_ms']:.1f}), shown after {tray['seconds']:.3f} s (at most "
        f"{tray['most_seconds']:.3f})."
    )
    for title, stall in found.stalls.items():
        yield (
            f"- A first scan of {title} in {stall['scan_ms'] / 1000:.2f} s: the largest stall of "
            f"the event loop is {stall['largest_ms']:.1f} ms, one in a hundred is above "
            f"{stall['hundredth_ms']:.1f} ms."
        )
    yield "- [What it costs while nothing happens, and in a day](IDLE.md)."
    yield ""


def _ten_years(ten_years: Mapping[str, Any]) -> Iterator[str]:
    yield "## Ten years of heavy use"
    yield ""
    each = ten_years["ledger_bytes"] / ten_years["answers"]
    yield f"{ten_years['answers']:,} answers in the ledger, {each:.0f} bytes each."
    yield ""
    yield "| whole process | s |"
    yield "|---|---:|"
    for name, seconds in ten_years["reports"].items():
        yield f"| {name} | {seconds:.3f} |"
    yield f"| the window's first page | {ten_years['first_page_s']:.3f} |"
    yield ""
    yield (
        f"One appended exchange takes the tray {ten_years['exchange_cpu_ms']:.1f} ms of CPU (at "
        f"most {ten_years['exchange_most_cpu_ms']:.1f}), the search for its copies "
        f"{ten_years['search_ms']:.2f} ms of them."
    )
    yield ""


def _inner(inner: Mapping[str, Any]) -> Iterator[str]:
    """Yield the results of pytest-benchmark."""
    yield "## Inside"
    yield ""
    yield "| one process, pytest-benchmark | median ms | answers a second |"
    yield "|---|---:|---:|"
    for found in inner.get("benchmarks", ()):
        seconds = found["stats"]["median"]
        name = found["name"].removeprefix("test_").replace("_", " ")
        rate = found["extra_info"]["answers"] / seconds
        yield f"| {name} | {seconds * 1000:,.2f} | {rate:,.0f} |"


def draw(measured: Sequence[Measured]) -> None:
    """Draw time and memory against the size of the logs, from the smallest."""
    import matplotlib as mpl  # slow, but nothing is measured any more

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    sizes = [one.corpus.truth["size"] for one in measured]
    gigabytes = [size / 1e9 for size in sizes]
    figure, (times, memory) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    for name in NAMES:
        if any(name not in one.timed for one in measured):
            continue
        seconds = [one.wall_s(name) for one in measured]
        peaks = [one.peak_bytes(name) / 1e6 for one in measured]
        (drawn,) = times.plot(gigabytes, seconds, "o-", label=name)
        memory.plot(gigabytes, peaks, "o-", label=name, color=drawn.get_color())
        if name == FIRST and len(sizes) > 1:
            slope, start = line_through(sizes, seconds)
            reach = max(gigabytes) - min(gigabytes)
            along = [min(gigabytes) + reach * step / 100 for step in range(101)]
            line = [start + slope * at * 1e9 for at in along]
            times.plot(along, line, ":", color=drawn.get_color(), label="linear in the size")
    for axes, title in ((times, "Time, s"), (memory, "Peak memory of all processes, MB")):
        axes.set_title(title)
        axes.set_xlabel("Size of the logs, GB")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.set_xticks(gigabytes, [f"{size:.2g}" for size in gigabytes])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter("{x:g}")
    figure.legend(*times.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(PLOT, dpi=120)
