from __future__ import annotations

import ctypes
import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QLocale

from spendlight.desktop.diagnostics import (
    Consumption,
    LedgerFacts,
    MemoryCounters,
    ProcessFigures,
    ProcessMeter,
    RecentErrors,
    diagnostics_text,
    process_figures,
)

LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells there")
COST = Consumption(
    ProcessFigures(cpu_s=3.6, resident_bytes=75_300_000, wakeups=900, written_bytes=1_200_000),
    running_s=7_260,
    cpu_share=0.0005,
    cpu_share_lately=0.0012,
    wakeups_per_s_lately=0.4,
)


@LINUX
def test_the_figures_equal_the_systems() -> None:
    gc.collect()
    process = psutil.Process()

    figures = process_figures()

    assert figures.resident_bytes == pytest.approx(process.memory_info().rss, rel=0.05)
    assert figures.written_bytes == pytest.approx(process.io_counters().write_bytes, abs=1e6)
    times = process.cpu_times()
    assert figures.cpu_s >= times.user + times.system - 1
    assert not figures.is_peak


@LINUX
def test_each_wait_counts_as_a_wake_up() -> None:
    before = process_figures().wakeups
    for _ in range(30):
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            os.write(write, b"x")
            os._exit(0)
        os.read(read, 1)
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)
    after = process_figures().wakeups

    assert before is not None
    assert after is not None
    assert after - before >= 10


@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource module")
def test_missing_figures_are_unknown(tmp_path: Path) -> None:
    figures = process_figures("freebsd14", proc=tmp_path)

    assert figures.resident_bytes is None
    assert figures.written_bytes is None
    assert figures.cpu_s > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource module")
def test_macos_reports_the_peak_of_memory() -> None:
    figures = process_figures("darwin")

    assert figures.is_peak
    assert figures.resident_bytes
    assert figures.wakeups is not None


class FakeKernel:
    """The functions of Windows that report memory."""

    def __init__(self, *, works: bool) -> None:
        self._works = works

    def GetCurrentProcess(self) -> int:
        return -1

    def K32GetProcessMemoryInfo(self, process: int, counters: object, size: int) -> int:
        assert process == -1
        assert size == ctypes.sizeof(MemoryCounters)
        pointer = ctypes.cast(counters, ctypes.POINTER(MemoryCounters))  # type: ignore[arg-type]  # by reference
        pointer.contents.WorkingSetSize = 61_000_000
        return int(self._works)


@pytest.mark.parametrize(("works", "expected"), [(True, 61_000_000), (False, None)])
def test_windows_reports_the_working_set(*, works: bool, expected: int | None) -> None:
    figures = process_figures("win32", kernel=FakeKernel(works=works))

    assert figures.resident_bytes == expected
    assert figures.wakeups is None


def meter(*readings: tuple[float, float, int | None]) -> ProcessMeter:
    """Return a meter that reads times, processor seconds and wake-ups."""
    clock = iter([at for at, _, _ in readings])
    figures = iter([ProcessFigures(cpu, wakeups=wakeups) for _, cpu, wakeups in readings])
    return ProcessMeter(lambda: next(figures), lambda: next(clock))


def test_shares_cover_the_time_since_the_start_and_since_the_last_measurement() -> None:
    meter_ = meter((100, 2.0, 50), (200, 3.0, 250), (204, 3.4, 258))

    first, second = meter_.measure(), meter_.measure()

    assert (first.running_s, first.cpu_share) == (100, 0.01)
    assert (first.cpu_share_lately, first.wakeups_per_s_lately) == (0.01, 2.0)
    assert second.cpu_share == pytest.approx(1.4 / 104)
    assert second.cpu_share_lately == pytest.approx(0.1)
    assert second.wakeups_per_s_lately == 2.0


def test_a_measurement_too_soon_keeps_the_last_figures() -> None:
    meter_ = meter((0, 0.0, 0), (10, 1.0, 20), (10.1, 1.1, 500))

    meter_.measure()
    second = meter_.measure()

    assert second.cpu_share_lately == 0.1
    assert second.wakeups_per_s_lately == 2.0


def test_the_first_measurement_has_no_recent_share() -> None:
    cost = meter((5, 1.0, None), (5, 1.0, None)).measure()

    assert cost.cpu_share == 0
    assert cost.cpu_share_lately is None
    assert cost.wakeups_per_s_lately is None


@pytest.fixture
def errors() -> Iterator[RecentErrors]:
    errors = RecentErrors(2)
    errors.listen()
    yield errors
    errors.stop()


def test_the_last_errors_are_kept(errors: RecentErrors) -> None:
    log = logging.getLogger("spendlight.desktop.somewhere")
    log.info("nothing")
    log.warning("one")
    log.warning("two %s", 2)
    try:
        raise ValueError(3)  # noqa: TRY301  # to have one
    except ValueError:
        log.exception("three")

    assert [line[20:] for line in errors.lines] == ["warning: two 2", "error: three: ValueError(3)"]


def test_errors_are_still_printed_without_another_handler(
    errors: RecentErrors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    logging.getLogger("spendlight").warning("on the terminal")

    assert len(errors.lines) == 1
    assert capsys.readouterr().err == "on the terminal\n"


@pytest.fixture
def english() -> Iterator[None]:
    """Use numbers as in the United States."""
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("english", "qapp")
def test_the_text_lists_the_resource_usage() -> None:
    ledger = LedgerFacts("/home/ada/data/ledger.sqlite3", 14_800_000, 215_345, 2_227)

    text = diagnostics_text(COST, ["2026-11-21 12:00:00 error: x"], ledger, "/home/ada")

    assert text.splitlines()[4:] == [
        "Running for: 2 h 1 min",
        "Memory: 75.3 MB",
        "Processor: 3.6 s, 0.05 % of one processor",
        "Processor now: 0.12 %",
        "Wake-ups now: 0.4 per second",
        "Written to disk: 1.2 MB",
        "",
        "Ledger: ~/data/ledger.sqlite3",
        "Ledger size: 14.8 MB",
        "Answers in the ledger: 215,345",
        "Logs watched: 2,227",
        "",
        "Recent errors",
        "2026-11-21 12:00:00 error: x",
    ]


@pytest.mark.usefixtures("english", "qapp")
def test_unknown_values_are_omitted() -> None:
    cost = Consumption(ProcessFigures(1.0, 50_000_000, is_peak=True), 90, 0.01)

    text = diagnostics_text(cost, [], home="/")

    assert text.splitlines()[4:] == [
        "Running for: 1 min",
        "Peak memory: 50.0 MB",
        "Processor: 1.0 s, 1.00 % of one processor",
        "",
        "Recent errors",
        "none since Spendlight started",
    ]
