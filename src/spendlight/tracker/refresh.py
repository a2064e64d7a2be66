"""One pass over the logs: plan what is new, read it, and write it into the ledger."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spendlight.ledger.usage_ledger import FileState
from spendlight.logs.dedup import DedupRegistry
from spendlight.logs.discovery import session_name
from spendlight.logs.parser import ReadJob, parse_range
from spendlight.tracker.snapshot import ScanProgress

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spendlight.ledger.usage_ledger import FileMark, UsageLedger
    from spendlight.logs.discovery import LogFile
    from spendlight.logs.parser import ParsedRange
    from spendlight.metering.entry import LineProblem
    from spendlight.tracker.spread import ParseMap

COMMIT_EVERY_S: Final = 0.7
"""A first scan shows today's figures within a second, and a crash costs no more than this."""

COMMIT_ANSWERS: Final = 20_000
"""So many answers at most stand in memory before they are written."""


@dataclass(slots=True)
class PassResult:
    """What a pass came to.

    Attributes:
        slots: The slots whose sums changed.
        failures: Files that could not be read, and why.
        is_complete: False where it was stopped.
    """

    new_answers: int = 0
    problems: int = 0
    slots: set[int] = field(default_factory=set)
    failures: list[tuple[str, str]] = field(default_factory=list)
    is_complete: bool = True


def plan(files: Iterable[LogFile], marks: Mapping[str, FileMark]) -> list[ReadJob]:
    """Return what to read: of each file that changed, what is new; the latest files first.

    A file that is shorter than what was read of it, or another one of the same name, is read from
    its beginning; what was counted stays, and copies count once.
    """
    jobs: list[tuple[int, ReadJob]] = []
    for file in files:
        mark = marks.get(file.name)
        start, fingerprint = 0, None
        if mark is not None:
            if (file.size, file.mtime_ns, file.inode) == mark[:3]:
                continue
            if file.inode == mark.inode and file.size >= mark.read_to:
                start, fingerprint = mark.read_to, mark.fingerprint
        session = session_name(file.place).session
        job = ReadJob(file.path, file.name, file.place, session, start, file.size, fingerprint)
        jobs.append((file.mtime_ns, job))
    jobs.sort(key=lambda pair: -pair[0])
    return [job for _, job in jobs]


def read_new(  # noqa: PLR0913  # a pass needs all of these, and they have nothing in common
    ledger: UsageLedger,
    files: Sequence[LogFile],
    jobs: Sequence[ReadJob],
    parse_map: ParseMap,
    *,
    stop: threading.Event | None = None,
    on_progress: Callable[[ScanProgress], None] | None = None,
) -> PassResult:
    """Read the jobs and write what they hold, a part at a time.

    Args:
        ledger: Where to write.
        files: The files that the jobs are about, and maybe others.
        jobs: What to read.
        parse_map: How to spread the work.
        stop: Ends the pass early when set; what was read until then is kept.
        on_progress: Told after every file.
    """
    writer = _Writer(ledger, {file.name: file for file in files})
    done_bytes = 0
    total_bytes = sum(job.end - job.start for job in jobs)
    for done, parsed in enumerate(parse_map(parse_range, jobs), 1):
        writer.add(parsed)
        done_bytes += parsed.job.end - parsed.job.start
        if on_progress is not None:
            on_progress(ScanProgress(done, len(jobs), done_bytes, total_bytes))
        if stop is not None and stop.is_set():
            writer.result.is_complete = False
            break
    writer.commit()
    return writer.result


class _Writer:
    """Gathers what was parsed and writes it, files' offsets and answers together."""

    def __init__(self, ledger: UsageLedger, files: Mapping[str, LogFile]) -> None:
        self.result = PassResult()
        self._ledger = ledger
        self._files = files
        self._registry = DedupRegistry()
        self._states: list[FileState] = []
        self._problems: list[LineProblem] = []
        self._answers = 0
        self._committed_at = time.monotonic()

    def add(self, parsed: ParsedRange) -> None:
        """Take in what a file held."""
        job = parsed.job
        file = self._files[job.name]
        if parsed.failure is not None:
            self.result.failures.append((job.name, parsed.failure))
            if not parsed.entries:
                return
        # A file that failed is looked at again: no real file is of this size.
        size = -1 if parsed.failure is not None else file.size
        root = file.root
        self._states.append(
            FileState(
                job.name,
                root.folder,
                root.machine,
                root.parent,
                session_name(job.place),
                size,
                file.mtime_ns,
                file.inode,
                parsed.end,
                parsed.fingerprint,
                parsed.start == 0,
            )
        )
        self._registry.add(job.name, root.folder, parsed.entries)
        self._problems.extend(parsed.problems)
        self._answers += len(parsed.entries)
        is_due = time.monotonic() - self._committed_at > COMMIT_EVERY_S
        if is_due or self._answers > COMMIT_ANSWERS:
            self.commit()

    def commit(self) -> None:
        """Write what was gathered."""
        if self._states:
            recorded = self._ledger.record(self._states, self._registry.drain(), self._problems)
            self.result.new_answers += recorded.new_answers
            self.result.slots |= recorded.slots
            self.result.problems += len(self._problems)
        self._states, self._problems, self._answers = [], [], 0
        self._committed_at = time.monotonic()
