"""Decides what a pass reads: what has changed since the ledger was written, the latest first."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from spendlight.ledger.batches import FileMark, LogName, NewLogs
from spendlight.logs.jobs import ReadJob
from spendlight.logs.sources import LogKind
from spendlight.metering.session_names import unnamed_session
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.logs.discovery import LogFile

PART_BYTES: Final = 16 << 20
"""Bigger files are read in parts."""

FEW_FILES: Final = 32
"""Up to this many files are looked up one by one; for more, all known ones are read."""

_state_of = attrgetter("name", "size", "mtime_ns", "inode")
_mtime_of = attrgetter("mtime_ns")
_root_of = attrgetter("root")

_new_job: Callable[[tuple[object, ...]], ReadJob] = partial(tuple.__new__, ReadJob)
_new_name: Callable[[tuple[object, ...]], LogName] = partial(tuple.__new__, LogName)
"""Like `ReadJob` and `LogName`, in a third of the time, as there may be thousands."""


class ToRead(NamedTuple):
    """What a pass reads.

    Attributes:
        jobs: The new part of each changed file; the latest files first.
        new_logs: Those of the files that are new to the ledger, which writes them when they have
            been read.
    """

    jobs: Sequence[ReadJob] = ()
    new_logs: NewLogs = NewLogs()


def changed(ledger: UsageLedger, files: Sequence[LogFile]) -> Sequence[LogFile]:
    """Return the files that may have changed; if there are few, all, as `to_read` checks each."""
    if len(files) <= FEW_FILES:
        return files
    known = ledger.known_states()
    if not known:
        return files
    states = map(_state_of, files)
    return [file for file, state in zip(files, states, strict=True) if state not in known]


def known_marks(ledger: UsageLedger, files: Sequence[LogFile]) -> dict[str, FileMark]:
    """Return the marks of known files; if there are few files, only theirs."""
    return ledger.marks([file.name for file in files] if len(files) <= FEW_FILES else None)


class FirstJobs(NamedTuple):
    """The jobs that read all logs into a ledger that is still empty, where their numbers are known.

    Attributes:
        files: The logs that were found, in path order.
        early: Those that the ledger numbers first.
        late: Those that it numbers next, and writes when they have been read.
        thresholds: Context sizes at which any price changes, ascending.
        jobs: As in `ToRead`.
    """

    files: Sequence[LogFile]
    early: list[LogName]
    late: list[LogName]
    thresholds: tuple[int, ...]
    jobs: list[ReadJob]


def first_jobs(files: Sequence[LogFile], thresholds: tuple[int, ...]) -> FirstJobs:
    """Return the jobs to read logs into an empty ledger."""
    early, late = _parted(files)
    jobs: list[tuple[int, ReadJob]] = []
    for number, file in enumerate(early, 1):
        jobs += _jobs_of(file, FileMark(number, -1, 0, 0, 0, 0), thresholds)
    names, numbers = _log_names(late), range(len(early) + 1, len(files) + 1)
    new = _jobs_of_new(late, numbers, names, thresholds)
    return FirstJobs(files, _log_names(early), names, thresholds, _merged(jobs, late, new))


def to_read(
    ledger: UsageLedger,
    files: Sequence[LogFile],
    marks: Mapping[str, FileMark],
    first_names: Mapping[str, str] = MappingProxyType({}),
    expected: FirstJobs | None = None,
) -> ToRead:
    """Return what to read of some files.

    A file that is shorter than what was read of it, or a different one with the same name, is read
    from its beginning; what was counted stays, and copies count once.

    Args:
        ledger: Where new files get a number.
        files: The existing files.
        marks: How far each known file was read, by its name.
        first_names: The names of files when another ledger first saw them, if known.
        expected: The jobs if the ledger was empty: the very same ones are returned if it is so.
    """
    thresholds = tuple(ledger.context_thresholds)
    if (
        expected is not None
        and files is expected.files
        and not marks
        and not first_names
        and thresholds == expected.thresholds
    ):
        numbers = ledger.enlist(expected.early)
        new_logs = ledger.number_new(expected.late)
        given = [*(numbers[name.path] for name in expected.early), *new_logs.logs]
        if given == list(range(1, len(files) + 1)):
            return ToRead(expected.jobs, new_logs)
    new: list[LogFile] = []
    jobs: list[tuple[int, ReadJob]] = []
    for file in files:
        mark = marks.get(file.name)
        if mark is None:
            new.append(file)
        elif (file.size, file.mtime_ns, file.inode) != mark[1:4]:
            jobs += _jobs_of(file, mark, thresholds)
    early, late = _parted(new)
    numbers = ledger.enlist(_log_names(early, first_names))
    for file in early:
        first_name = first_names.get(file.name, "")
        mark = FileMark(numbers[file.name], -1, 0, 0, 0, 0, first_name)
        jobs += _jobs_of(file, mark, thresholds)
    names = _log_names(late, first_names)
    new_logs = ledger.number_new(names)
    new_jobs = _jobs_of_new(late, new_logs.logs, names, thresholds)
    return ToRead(_merged(jobs, late, new_jobs), new_logs)


def _merged(
    jobs: list[tuple[int, ReadJob]], late: Sequence[LogFile], new: list[ReadJob]
) -> list[ReadJob]:
    """Return all jobs, those of the latest files first.

    Args:
        jobs: Some, with what they are sorted by.
        late: Files, the latest first.
        new: The jobs of these files, in the same order.
    """
    if not jobs:  # as in most first scans
        return new
    jobs += [(-file.mtime_ns, job) for file, job in zip(late, new, strict=True)]
    jobs.sort(key=itemgetter(0))
    return [job for _, job in jobs]


def _parted(files: Iterable[LogFile]) -> tuple[list[LogFile], list[LogFile]]:
    """Return the new files that get a row at once, and those that get one when they are read.

    The latter come in the order in which they will be read.
    """
    early: list[LogFile] = []
    late: list[LogFile] = []
    for root, in_root in groupby(files, _root_of):
        agent, found = root.agent, list(in_root)
        if agent.session_of is None:
            early += [file for file in found if file.kind is not LogKind.LINES]
            late += [file for file in found if file.kind is LogKind.LINES]
        elif not agent.is_parted:
            late += found
        else:  # they must be read in one part
            early += [file for file in found if file.size > PART_BYTES]
            late += [file for file in found if file.size <= PART_BYTES]
    late.sort(key=_mtime_of, reverse=True)
    return early, late


def _jobs_of(
    file: LogFile, mark: FileMark, thresholds: tuple[int, ...]
) -> Iterator[tuple[int, ReadJob]]:
    """Yield the jobs to read what is new in a file, with what they are sorted by."""
    start, fingerprint, state = 0, None, None
    if file.kind is not LogKind.LINES:  # any part of it may have changed
        fingerprint, state = (mark.fingerprint, mark.state) if mark.read_to else (None, None)
    elif mark.read_to and file.inode == mark.inode and file.size >= mark.read_to:
        start, fingerprint, state = mark.read_to, mark.fingerprint, mark.state
    agent = file.root.agent
    job = ReadJob(
        file.path,
        file.name,
        mark.number,
        mark.first_name,
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
    if file.size - start <= PART_BYTES or not agent.is_parted or file.kind is not LogKind.LINES:
        yield -file.mtime_ns, job
        return
    for part, part_start in enumerate(range(start, file.size, PART_BYTES)):
        end = min(part_start + PART_BYTES, file.size)
        mark_before = None if part else fingerprint
        yield (
            -file.mtime_ns,
            job._replace(start=part_start, end=end, part=part, fingerprint=mark_before),
        )


def _jobs_of_new(
    files: Sequence[LogFile],
    numbers: Iterable[int],
    names: Sequence[LogName],
    thresholds: tuple[int, ...],
) -> list[ReadJob]:
    """Return the jobs to read new files."""
    return [
        _new_job(
            (
                file.path,
                file.name,
                number,
                name.first_name,
                name.session.session,
                0,
                file.size,
                file.size,
                0,
                None,
                thresholds,
                name.agent,
                None,
            )
        )
        for file, number, name in zip(files, numbers, names, strict=True)
    ]


def log_name(file: LogFile) -> LogName:
    """Return what the ledger stores of a log."""
    (name,) = _log_names([file])
    return name


def _log_names(
    files: Iterable[LogFile], first_names: Mapping[str, str] = MappingProxyType({})
) -> list[LogName]:
    """Return what the ledger stores of logs."""
    names: list[LogName] = []
    for root, in_root in groupby(files, _root_of):
        agent = root.agent
        session_of = agent.session_of or unnamed_session
        fields = root.name, root.machine, root.parent_name
        names += [
            _new_name(
                (
                    file.name,
                    *fields,
                    session_of(file.relative_path),
                    first_names.get(file.name, ""),
                    agent.name,
                )
            )
            for file in in_root
        ]
    return names
