"""One pass over the logs: plan what is new, read it, and write it into the ledger."""

from __future__ import annotations

import time
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger.usage_ledger import Batch, FileMark, LogName, NamedSession
from spendlight.logs.jobs import IN_LINE, ReadJob
from spendlight.tracker.snapshot import ScanProgress

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.logs.discovery import LogFile
    from spendlight.logs.parsed import ParsedRange
    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName
    from spendlight.metering.packed import PackedEntries
    from spendlight.tracker.parsing_threads import ParseMap

FIRST_COMMIT_S: Final = 0.3
"""A first scan writes its first part after this time: today's figures, as the latest files come
first. Each further part may take twice as long, as copies of answers that were written already
cost more than copies within one part."""

PART_BYTES: Final = 16 << 20
"""Bigger files are read in parts."""

FEW_FILES: Final = 32
"""Up to this many files are looked up one by one; for more, all known ones are read."""

MOST_ANSWERS: Final = 16_000
"""At most this many answers are held in memory before they are written: four times as many would
need 7 MB more, and write 240,000 answers no faster."""

SMALL_COMMIT_BYTES: Final = 32 << 20
"""Towards the end of a scan half of the rest is written at a time, so that little is left to do
once everything is read; but at least this much, as each part has an overhead."""


class PassResult:
    """The result of a pass.

    Attributes:
        slots: The slots whose sums changed.
        failures: Files that could not be read, and why.
        is_complete: False if it was stopped.
    """

    __slots__ = ("failures", "is_complete", "new_answers", "problems", "slots")

    def __init__(self) -> None:
        self.new_answers = 0
        self.problems = 0
        self.slots: set[int] = set()
        self.failures: list[tuple[str, str]] = []
        self.is_complete = True


_state_of = attrgetter("name", "size", "mtime_ns", "inode")


def changed(ledger: UsageLedger, files: Sequence[LogFile]) -> Sequence[LogFile]:
    """Return the files that may have changed; if there are few, all, as `jobs_for` checks each."""
    if len(files) <= FEW_FILES:
        return files
    known = ledger.known_states()
    states = map(_state_of, files)
    return [file for file, state in zip(files, states, strict=True) if state not in known]


def jobs_for(
    files: Iterable[LogFile], marks: Mapping[str, FileMark], context_thresholds: Sequence[int] = ()
) -> list[ReadJob]:
    """Return what to read: the new part of each changed file; the latest files first.

    A file that is shorter than what was read of it, or a different one with the same name, is read
    from its beginning; what was counted stays, and copies count once.

    Args:
        files: The existing files.
        marks: How far each file was read, by its name; every file has one.
        context_thresholds: Context sizes at which any price changes, ascending.
    """
    jobs: list[tuple[int, ReadJob]] = []
    thresholds = tuple(context_thresholds)
    for file in files:
        mark = marks[file.name]
        if (file.size, file.mtime_ns, file.inode) == mark[1:4]:
            continue
        start, fingerprint, state = 0, None, None
        if mark.read_to and file.inode == mark.inode and file.size >= mark.read_to:
            start, fingerprint, state = mark.read_to, mark.fingerprint, mark.state
        agent = file.root.agent
        job = ReadJob(
            file.path,
            file.name,
            mark.number,
            mark.first_name or file.relative_path.rpartition("/")[2],
            file.session.session,
            start,
            file.size,
            file.size,
            0,
            fingerprint,
            thresholds,
            agent.name,
            state,
        )
        if file.size - start <= PART_BYTES or not agent.is_parted:
            jobs.append((-file.mtime_ns, job))
        else:
            jobs.extend((-file.mtime_ns, part) for part in _parts(job))
    jobs.sort(key=itemgetter(0))
    return [job for _, job in jobs]


def _parts(job: ReadJob) -> Iterator[ReadJob]:
    """Yield the parts of a job, so that a big file keeps all threads busy."""
    for part, start in enumerate(range(job.start, job.end, PART_BYTES)):
        end = min(start + PART_BYTES, job.end)
        yield job._replace(
            start=start, end=end, part=part, fingerprint=None if part else job.fingerprint
        )


def known_marks(ledger: UsageLedger, files: Sequence[LogFile]) -> dict[str, FileMark]:
    """Return the marks of known files; if there are few files, only theirs."""
    return ledger.marks([file.name for file in files] if len(files) <= FEW_FILES else None)


def marks_of(
    ledger: UsageLedger,
    files: Sequence[LogFile],
    marks: dict[str, FileMark],
    first_names: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, FileMark]:
    """Return how far each file was read; new files get a number.

    Args:
        ledger: Where to register new files.
        files: The files.
        marks: The known marks.
        first_names: The names of files when another ledger first saw them, if known.
    """
    new = {file.name: file for file in files if file.name not in marks}
    names = [log_name(file, first_names.get(file.name, "")) for file in new.values()]
    for name, number in ledger.enlist(names).items():
        marks[name] = FileMark(number, -1, 0, 0, 0, 0, first_names.get(name, ""))
    return marks


def log_name(file: LogFile, first_name: str = "") -> LogName:
    """Return what the ledger stores of a log.

    Args:
        file: The log.
        first_name: The file's own name when it was first read, if different.
    """
    root, session = file.root, file.session
    return LogName(
        file.name,
        root.name,
        root.machine,
        root.parent_name,
        session,
        first_name,
        root.agent.name,
    )


def read_new(  # noqa: PLR0913  # a pass needs all of these
    ledger: UsageLedger,
    files: Sequence[LogFile],
    jobs: Sequence[ReadJob],
    parse_map: ParseMap,
    *,
    stop: threading.Event | None = None,
    on_progress: Callable[[ScanProgress], None] | None = None,
) -> PassResult:
    """Read the jobs and write their results, a part at a time.

    Args:
        ledger: Where to write.
        files: The files of the jobs, and possibly others.
        jobs: What to read.
        parse_map: How to distribute the work.
        stop: Ends the pass early when set; what was read until then is kept.
        on_progress: Called after every file.
    """
    if not jobs:
        return PassResult()
    from spendlight.logs.agents import JobParser  # most passes find nothing new

    total_bytes = sum(job.end - job.start for job in jobs)
    writer = _Writer(ledger, files, jobs[0].context_thresholds, total_bytes)
    done_bytes = 0
    done_files = 0
    total_files = sum(not job.part for job in jobs)
    for parsed in parse_map(JobParser(jobs), jobs):
        writer.add(parsed)
        done_bytes += parsed.job.end - parsed.job.start
        done_files += parsed.job.end >= parsed.job.size
        if on_progress is not None:
            on_progress(ScanProgress(done_files, total_files, done_bytes, total_bytes))
        if stop is not None and stop.is_set():
            writer.result.is_complete = False
            break
    writer.commit()
    return writer.result


class _Read(NamedTuple):
    """How far a part of a file was read."""

    end: int
    fingerprint: int
    has_failed: bool
    is_last: bool
    state: bytes | None

    @classmethod
    def of(cls, parsed: ParsedRange) -> _Read:
        job, has_failed = parsed.job, parsed.failure is not None
        is_last = not has_failed and job.end >= job.size
        return cls(parsed.end, parsed.fingerprint, has_failed, is_last, parsed.state)


class _Parts:
    """The parts of one big file, which may be read in any order."""

    def __init__(self) -> None:
        self._next = 0
        self._waiting: dict[int, _Read] = {}
        self._last: _Read | None = None

    def add(self, part: int, read: _Read) -> _Read | None:
        """Add a part; return the last one before which none is missing, if it is new."""
        self._waiting[part] = read
        last = None
        while (found := self._waiting.pop(self._next, None)) is not None:
            if found.end == IN_LINE and self._last is not None:
                found = found._replace(end=self._last.end, fingerprint=self._last.fingerprint)
            self._last = last = found
            if found.has_failed:  # what follows must be read again
                break
            self._next += 1
        return last


class _Writer:
    """Collects what was parsed and writes it, files' marks and answers together."""

    def __init__(
        self,
        ledger: UsageLedger,
        files: Iterable[LogFile],
        context_thresholds: Sequence[int],
        total_bytes: int,
    ) -> None:
        from spendlight.logs.claude_code.native_settling import settler  # as above

        self.result = PassResult()
        self._ledger = ledger
        self._files = {file.name: file for file in files}
        self._settler = settler()
        self._packed: list[PackedEntries] = []
        self._context_thresholds = context_thresholds
        self._parts: dict[int, _Parts] = {}
        self._marks: list[FileMark] = []
        self._reread: list[int] = []
        self._has_news = False
        self._variants: dict[int, ModelVariant] = {}
        self._problems: list[tuple[int, LineProblem]] = []
        self._sessions: list[NamedSession] = []
        self._owners: list[tuple[int, SessionName]] = []
        self._answers = 0
        self._gathered_bytes = 0
        self._left_bytes = total_bytes
        self._patience_s = FIRST_COMMIT_S
        self._committed_at = time.monotonic()

    def add(self, parsed: ParsedRange) -> None:
        """Add the contents of a file."""
        job = parsed.job
        file = self._files[job.name]
        if parsed.failure is not None:
            self.result.failures.append((job.name, parsed.failure))
        self._mark(file, parsed)
        self._has_news = True
        if parsed.packed.answers:
            self._packed.append(parsed.packed)
        self._variants |= parsed.variants
        if parsed.problems:
            self._problems.extend((job.number, problem) for problem in parsed.problems)
        if parsed.sessions:
            self._sessions.extend(
                NamedSession(job.number, offset, name, is_later_part=bool(job.part))
                for offset, name in parsed.sessions
            )
        if parsed.owner is not None:
            self._owners.append((job.number, parsed.owner))
        self._answers += parsed.packed.count
        self._gathered_bytes += job.end - job.start
        self._left_bytes -= job.end - job.start
        if (
            self._answers >= MOST_ANSWERS
            or self._gathered_bytes >= max(self._left_bytes, SMALL_COMMIT_BYTES)
            or time.monotonic() - self._committed_at > self._patience_s
        ):
            self.commit()

    def _mark(self, file: LogFile, parsed: ParsedRange) -> None:
        """Note how far a file was read: to the end of its first consecutive parts."""
        job = parsed.job
        if parsed.start == 0:
            self._reread.append(job.number)
        if job.part or job.end < job.size:
            waiting = self._parts.setdefault(job.number, _Parts())
            last = waiting.add(job.part, _Read.of(parsed))
            if last is None:
                return
        else:
            last = _Read.of(parsed)
        size = file.size if last.is_last else -1  # an impossible size, so that it is read again
        self._marks.append(
            FileMark(
                job.number,
                size,
                file.mtime_ns,
                file.inode,
                last.end,
                last.fingerprint,
                state=last.state,
            )
        )

    def commit(self) -> None:
        """Write what was collected."""
        if not self._has_news:
            return
        self._has_news = False
        batch = Batch(
            self._marks,
            self._reread,
            self._packed,
            (),
            self._variants,
            self._problems,
            self._context_thresholds,
            self._sessions,
            owners=self._owners,
            settler=self._settler,
        )
        recorded = self._ledger.record(batch)
        self.result.new_answers += recorded.new_answers
        self.result.slots |= recorded.slots
        self.result.problems += len(self._problems)
        self._marks, self._reread, self._packed, self._problems = [], [], [], []
        self._sessions, self._owners = [], []
        self._variants, self._answers, self._gathered_bytes = {}, 0, 0
        self._patience_s *= 2
        self._committed_at = time.monotonic()
