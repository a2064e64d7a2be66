"""What the ledger is told of logs, and what it answers when it has written that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.entry import CLAUDE_CODE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName, UsageEntry
    from spendlight.metering.packed import PackedEntries


class LogName(NamedTuple):
    """What the ledger is told of a log file when it meets it.

    Attributes:
        path: In full.
        root: The data folder it stands in.
        machine: The virtual machine of the root, or "".
        parent: The folder in whose ``vms`` the root stands, or "".
        session: What its path says of the usage in it.
        first_name: What the file itself was called when it was first read, where that was another
            name.
        agent: The coding agent whose data folder the root is.
    """

    path: str
    root: str
    machine: str
    parent: str
    session: SessionName
    first_name: str = ""
    agent: str = CLAUDE_CODE


class FileMark(NamedTuple):
    """How far a file was read, and what it looked like then.

    Attributes:
        number: The file's number in the ledger.
        read_to: Where the next pass goes on, in bytes.
        fingerprint: Of the bytes before that.
        first_name: What the file itself was called when it was first read, where that was another
            name; lines without a message id are told apart by it.
        state: What whoever reads on must remember of what stands before; None where nothing.
    """

    number: int
    size: int
    mtime_ns: int
    inode: int
    read_to: int
    fingerprint: int
    first_name: str = ""
    state: bytes | None = None


class NamedSession(NamedTuple):
    """From some place in a file on, the session that its answers name.

    Attributes:
        name: The session's id; "" is that of the path.
        is_later_part: Whether what stands before may be written after this.
    """

    file: int
    offset: int
    name: str
    is_later_part: bool = False


class Batch(NamedTuple):
    """What a part of a pass found.

    Attributes:
        marks: How far the files were read.
        reread: The numbers of files read from their beginning: problems known of them are void.
        packed: Entries, file by file; no answer comes twice in all of them.
        disputed: Entries of answers of which several were found.
        variants: The models that the entries name by number.
        problems: Lines that should have been an answer and are not, by the file's number.
        context_thresholds: Where the sums of the packed entries are kept apart; None means: as
            the ledger keeps them.
        sessions: Whose answers are by their own word, where that is not the session of the path.
        lost: Copies that do not count: file, answer, place, and the file they lost to; 0 is any of
            another session.
        owners: Whose usage files hold by their own content, where their paths do not say.
    """

    marks: Sequence[FileMark]
    reread: Collection[int]
    packed: Sequence[PackedEntries]
    disputed: Sequence[UsageEntry]
    variants: Mapping[int, ModelVariant]
    problems: Sequence[tuple[int, LineProblem]]
    context_thresholds: Sequence[int] | None = None
    sessions: Sequence[NamedSession] = ()
    lost: Sequence[tuple[int, int, int, int]] = ()
    owners: Sequence[tuple[int, SessionName]] = ()


class Recorded(NamedTuple):
    """What was written.

    Attributes:
        new_answers: Answers that the ledger did not hold in any root.
        slots: The slots whose sums changed.
    """

    new_answers: int
    slots: frozenset[int]
