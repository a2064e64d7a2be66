"""The main part of a pass: read what is new in the logs, and write it into the ledger."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from spendlight.ledger.usage_ledger import Batch, FileMark, NamedSession
from spendlight.logs.jobs import IN_LINE
from spendlight.metering.log_names import file_of, session_log
from spendlight.tracker.snapshot import ScanProgress
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Sequence

    from spendlight.ledger.usage_ledger import NewLogs, UsageLedger
    from spendlight.logs.discovery import LogFile
    from spendlight.logs.parsed import ParsedLogs, ParsedRange
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.packed_logs import PackedLogs
    from spendlight.metering.session_notes import SessionNote
    from spendlight.tracker.parsing_threads import ParseMap
    from spendlight.tracker.read_jobs import ToRead

FIRST_COMMIT_S: Final = 0.3
"""A first scan writes its first part after this time: today's figures, as the latest files come
first. Each further part may take twice as long, as copies of answers that were written already
cost more than copies within one part."""

MOST_ANSWERS: Final = 16_000
"""At most this many answers are held in memory before they are written. With half as many, a scan
of 240,000 answers needs 2 MB less and takes up to 7 % longer, as copies of each part are looked for
among all that was written before."""

MOST_LOGS: Final = 3_000
"""At most this many logs, likewise: of 20,000 logs of one answer each, 5,000 at a time need 2 MB
more."""

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


def read_new(  # noqa: PLR0913  # a pass needs all of these
    ledger: UsageLedger,
    files: Sequence[LogFile],
    what: ToRead,
    parse_map: ParseMap,
    *,
    stop: threading.Event | None = None,
    on_progress: Callable[[ScanProgress], None] | None = None,
) -> PassResult:
    """Read the jobs and write their results, a part at a time.

    Args:
        ledger: Where to write.
        files: The files of the jobs, and possibly others.
        what: What to read.
        parse_map: How to distribute the work.
        stop: Ends the pass early when set; what was read until then is kept.
        on_progress: Called after every file.
    """
    jobs = what.jobs
    if not jobs:
        return PassResult()
    from spendlight.logs.agents import JobParser  # most passes find nothing new
    from spendlight.logs.parsed import ParsedLogs  # as above

    total_bytes = sum(job.end - job.start for job in jobs)
    writer = _Writer(ledger, files, jobs[0].context_thresholds, total_bytes, what.new_logs)
    done_bytes = 0
    done_files = 0
    total_files = sum(not job.part for job in jobs)
    for parsed in parse_map(JobParser(jobs), jobs):
        if isinstance(parsed, ParsedLogs):
            writer.add_logs(parsed)
        else:
            writer.add(parsed)
        if on_progress is not None:
            for job in parsed.jobs if isinstance(parsed, ParsedLogs) else (parsed.job,):
                done_bytes += job.end - job.start
                done_files += job.end >= job.size
                on_progress(ScanProgress(done_files, total_files, done_bytes, total_bytes))
        if stop is not None and stop.is_set():
            writer.result.is_complete = False
            break
    writer.commit()
    return writer.result


_new_mark: Callable[[tuple[object, ...]], FileMark] = partial(tuple.__new__, FileMark)
"""Like `FileMark`, in a third of the time, as there may be thousands."""


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
        new_logs: NewLogs,
    ) -> None:
        from spendlight.ledger.known_answers import KnownAnswers  # most passes find nothing new
        from spendlight.logs.claude_code.native_settling import settler  # as above

        self.result = PassResult()
        self._ledger = ledger
        self._new_logs = new_logs
        self._known = KnownAnswers()
        self._files = {file.name: file for file in files}
        self._settler = settler()
        self._packed: list[PackedEntries] = []
        self._packed_logs: list[PackedLogs] = []
        self._context_thresholds = context_thresholds
        self._parts: dict[int, _Parts] = {}
        self._marks: list[FileMark] = []
        self._reread: list[int] = []
        self._has_news = False
        self._variants: dict[int, ModelVariant] = {}
        self._attributions: dict[int, Attribution] = {}
        self._tools: dict[int, Tools] = {}
        self._problems: list[tuple[int, LineProblem]] = []
        self._sessions: list[NamedSession] = []
        self._owners: list[tuple[int, SessionName]] = []
        self._notes: list[tuple[int, SessionNote]] = []
        self._waiting_notes: dict[int, list[SessionNote]] = {}
        self._begun: set[int] = set()
        self._answers = 0
        self._gathered_bytes = 0
        self._left_bytes = total_bytes
        self._patience_s = FIRST_COMMIT_S
        self._committed_at = time.monotonic()

    def add(self, parsed: ParsedRange) -> None:
        """Add the contents of a file."""
        job, packed = parsed.job, parsed.packed
        size = job.end - job.start
        if parsed.failure is not None:
            self.result.failures.append((file_of(job.name), parsed.failure))
        self._mark(self._files[job.name], parsed)
        self._has_news = True
        if packed.answers:
            self._packed.append(packed)
            self._answers += packed.count
        self._variants |= parsed.variants
        self._attributions |= parsed.attributions
        self._tools |= parsed.tools
        if parsed.problems:
            self._problems.extend((job.number, problem) for problem in parsed.problems)
        if parsed.sessions:
            self._sessions.extend(
                NamedSession(job.number, offset, name, is_later_part=bool(job.part))
                for offset, name in parsed.sessions
            )
        if parsed.owner is not None:
            self._owners.append((job.number, parsed.owner))
        if parsed.notes or size < job.size:
            self._take_notes(parsed)
        if parsed.of_sessions:
            self._add_sessions(self._files[job.name], parsed)
        self._add_bytes(size)

    def _add_sessions(self, file: LogFile, parsed: ParsedRange) -> None:
        """Add what a database contains of sessions, each as a log of its own."""
        from spendlight.metering.packed import pack  # few agents have databases
        from spendlight.tracker.read_jobs import log_name

        container = log_name(file)
        names = [
            container._replace(
                path=session_log(container.path, usage.session.session), session=usage.session
            )
            for usage in parsed.of_sessions
        ]
        numbers = self._ledger.enlist(names, self._new_logs)
        for name, usage in zip(names, parsed.of_sessions, strict=True):
            number = numbers[name.path]
            entries = [entry._replace(file=number) for entry in usage.entries]
            if entries:
                self._packed.append(pack(number, entries, self._context_thresholds))
                self._answers += len(entries)
            self._owners.append((number, name.session))
            if usage.notes:
                self._reread.append(number)
                self._notes += [(number, note) for note in usage.notes]

    def add_logs(self, parsed: ParsedLogs) -> None:
        """Add the contents of logs that were read from their beginning to their end."""
        files = [self._files[job.name] for job in parsed.jobs]
        self._marks += [
            _new_mark((job.number, file.size, file.mtime_ns, file.inode, end, hashed, "", None))
            for job, file, end, hashed in zip(
                parsed.jobs, files, parsed.ends, parsed.fingerprints, strict=True
            )
        ]
        self._reread += [job.number for job in parsed.jobs]
        self._has_news = True
        if parsed.packed.files:
            self._packed_logs.append(parsed.packed)
            self._answers += parsed.packed.answers_count
        self._variants |= parsed.variants
        self._attributions |= parsed.attributions
        self._tools |= parsed.tools
        for number, named in parsed.sessions:
            self._sessions += [NamedSession(number, offset, name) for offset, name in named]
        for number, notes in parsed.notes:
            self._notes += [(number, note) for note in notes]
        self._add_bytes(sum(job.size for job in parsed.jobs))

    def _add_bytes(self, size: int) -> None:
        """Note how much was read, and write it once it is enough."""
        self._gathered_bytes += size
        self._left_bytes -= size
        if (
            self._answers >= MOST_ANSWERS
            or len(self._marks) >= MOST_LOGS
            or self._gathered_bytes >= max(self._left_bytes, SMALL_COMMIT_BYTES)
            or time.monotonic() - self._committed_at > self._patience_s
        ):
            self.commit()

    def _mark(self, file: LogFile, parsed: ParsedRange) -> None:
        """Note how far a file was read: to the end of its first consecutive parts."""
        job = parsed.job
        if parsed.start == 0:
            self._reread.append(job.number)
        last: ParsedRange | _Read = parsed
        is_last = parsed.failure is None
        if job.part or job.end < job.size:
            waiting = self._parts.setdefault(job.number, _Parts())
            found = waiting.add(job.part, _Read.of(parsed))
            if found is None:
                return
            last, is_last = found, found.is_last
        size = file.size if is_last else -1  # an impossible size, so that it is read again
        self._marks.append(
            _new_mark(
                (
                    job.number,
                    size,
                    file.mtime_ns,
                    file.inode,
                    last.end,
                    last.fingerprint,
                    "",
                    last.state,
                )
            )
        )

    def _take_notes(self, parsed: ParsedRange) -> None:
        """Take what a file says about sessions; of a later part only after the first one.

        When the first one is written, what was known of the file may be void.
        """
        job, notes = parsed.job, parsed.notes
        if job.part and job.number not in self._begun:
            self._waiting_notes.setdefault(job.number, []).extend(notes)
            return
        if job.end < job.size:
            self._begun.add(job.number)
            notes = [*self._waiting_notes.pop(job.number, ()), *notes]
        self._notes.extend((job.number, note) for note in notes)

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
            notes=self._notes,
            settler=self._settler,
            new_logs=self._new_logs,
            attributions=self._attributions,
            tools=self._tools,
            is_of_this_machine=True,
            packed_logs=self._packed_logs,
            known=self._known,
        )
        recorded = self._ledger.record(batch)
        self.result.new_answers += recorded.new_answers
        self.result.slots |= recorded.slots
        self.result.problems += len(self._problems)
        self._marks, self._reread, self._packed, self._problems = [], [], [], []
        self._sessions, self._owners, self._notes, self._packed_logs = [], [], [], []
        self._variants, self._attributions, self._tools = {}, {}, {}
        self._answers = self._gathered_bytes = 0
        self._patience_s *= 2
        self._committed_at = time.monotonic()
