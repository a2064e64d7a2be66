"""Determines which copies of answers this machine has not published to its team yet.

What was published is stored in the ledger itself, so that a ledger restored from a backup knows
what it had published by then, and no more: of each chunk the hash of what its copies depend on, so
that nothing is unpacked if nothing has changed; and of each copy the answer and an id, which is a
hash of all that is known of it.
"""

from __future__ import annotations

from array import array
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.machines import Root, roots
from spendlight.ledger.opening import connect
from spendlight.ledger.signing import sign_row
from spendlight.ledger.transfer import SharedCopy, variants_in
from spendlight.metering.byte_order import from_bytes, to_bytes
from spendlight.metering.entry import SessionName, UsageEntry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


TEAM_KEY: Final = "published_to"
"""The key in ``meta`` of the membership that the table ``published`` is about."""

SEQUENCE_KEY: Final = "published_sequence"
"""The key in ``meta`` of the highest sequence number used for it."""

_FIELDS: Final = UsageEntry._fields.index("attribution")
"""The fields of an entry that matter to a team."""

_BLOCK_FILE: Final = ".json"
_WORDS: Final = 2
_PAIR_BYTES: Final = 8 * _WORDS


class PublishedChunk(NamedTuple):
    """What was published of a chunk.

    Attributes:
        number: The chunk's.
        file: The number of its file.
        first_ms: The moment of its first answer.
        state: The hash of everything that its copies depend on.
        copies: The answer and the id of each copy, eight bytes each, the least significant first.
    """

    number: int
    file: int
    first_ms: int
    state: int
    copies: bytes


class NewCopy(NamedTuple):
    """A copy that has not been published.

    Attributes:
        id: Its id; one that differs in anything has another id.
    """

    id: int
    copy: SharedCopy


class Withdrawn(NamedTuple):
    """A copy that was published and no longer exists.

    Attributes:
        at_ms: About when its answer was given, in Unix milliseconds.
    """

    answer: int
    id: int
    at_ms: int


class Unpublished(NamedTuple):
    """What must be published so that the team knows what the ledger holds.

    Attributes:
        withdrawn: Copies that have changed or have been replaced by others of the same answer.
        chunks: What will then have been published of the chunks that have changed.
        gone: The numbers of chunks that no longer exist, and of what may have been published.
        sequence: The highest sequence number used so far.
    """

    new: list[NewCopy]
    withdrawn: list[Withdrawn]
    chunks: list[PublishedChunk]
    gone: list[int]
    sequence: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to publish."""
        return not self.new and not self.withdrawn


class _Current(NamedTuple):
    """A chunk as it is now."""

    number: int
    file: int
    first_ms: int
    state: int


def unpublished(path: Path, team: str) -> Unpublished:
    """Return what was not published to a team yet. Only usage of this machine is published.

    What a publication that did not end may have published is published again if it still exists,
    and withdrawn otherwise.

    Args:
        path: The ledger.
        team: The membership. What was published as another one does not count.

    Raises:
        LedgerError: If it cannot be read.
    """
    with translated_errors(path), closing(connect(path)) as connection:
        connection.execute("BEGIN")
        own = {root.number: root for root in roots(connection) if not root.key}
        told = dict(
            connection.execute(
                "SELECT key, value FROM meta WHERE key IN (?, ?)", (TEAM_KEY, SEQUENCE_KEY)
            ).fetchall()
        )
        before: dict[int, tuple[int, int, int]] = {}
        if told.get(TEAM_KEY) == team:
            rows = connection.execute("SELECT chunk, file, first_ms, state FROM published")
            before = {number: tuple(row) for number, *row in rows}
        sequence = int(told.get(SEQUENCE_KEY, 0)) if before else 0
        current = list(_current(connection, own))
        changed = [
            chunk
            for chunk in current
            if chunk.number not in before
            or before[chunk.number][2] != chunk.state
            or _begun(chunk.number) in before
        ]
        gone = sorted(before.keys() - {chunk.number for chunk in current})
        if not changed and not gone:
            return Unpublished([], [], [], [], sequence)
        ended = [number for number in gone if number > 0]
        old = _published(connection, [*ended, *(c.number for c in changed if c.number in before)])
        perhaps = _published(connection, [number for number in gone if number < 0]) | old
        found, published = _copies(connection, changed, own)
        left = perhaps.keys() - found.keys()
        withdrawn = list(_withdrawn(connection, {key: perhaps[key] for key in left}, own))
        new = [copy for key, copy in found.items() if key not in old]
        return Unpublished(new, withdrawn, published, gone, sequence)


def note_publishing(connection: sqlite3.Connection, team: str, new: Unpublished) -> None:
    """Remember that something is about to be published. Within a transaction.

    Args:
        connection: Where to write.
        team: The membership.
        new: What will be published.
    """
    _forget_others(connection, team)
    for chunk in new.chunks:
        number = _begun(chunk.number)
        row = connection.execute(
            "SELECT copies FROM published WHERE chunk = ?", (number,)
        ).fetchone()
        copies = chunk.copies if row is None else _together(row[0], chunk.copies)
        values = chunk._replace(number=number, copies=copies)
        connection.execute("INSERT OR REPLACE INTO published VALUES (?, ?, ?, ?, ?)", values)


def note_published(
    connection: sqlite3.Connection, team: str, done: Unpublished, sequence: int
) -> None:
    """Remember that something was published. Within a transaction.

    Args:
        connection: Where to write.
        team: The membership.
        done: What was published.
        sequence: The highest sequence number used for it.
    """
    _forget_others(connection, team)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (SEQUENCE_KEY, str(sequence)))
    connection.executemany("DELETE FROM published WHERE chunk = ?", ((n,) for n in done.gone))
    begun = ((_begun(chunk.number),) for chunk in done.chunks)
    connection.executemany("DELETE FROM published WHERE chunk = ?", begun)
    connection.executemany("INSERT OR REPLACE INTO published VALUES (?, ?, ?, ?, ?)", done.chunks)


def forget_published(connection: sqlite3.Connection) -> None:
    """Have everything published again. Within a transaction."""
    connection.execute("DELETE FROM published")
    connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (TEAM_KEY, SEQUENCE_KEY))


def _forget_others(connection: sqlite3.Connection, team: str) -> None:
    """Forget what was published as another membership."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (TEAM_KEY,)).fetchone()
    if row is None or row[0] != team:
        connection.execute("DELETE FROM published")
        connection.execute("DELETE FROM meta WHERE key = ?", (SEQUENCE_KEY,))
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (TEAM_KEY, team))


def _begun(number: int) -> int:
    """Return the number in ``published`` of what may have been published of a chunk."""
    return -number


def _together(first: bytes, second: bytes) -> bytes:
    """Return the copies in two values, each once."""
    whole = first + second
    pairs = {whole[at : at + _PAIR_BYTES] for at in range(0, len(whole), _PAIR_BYTES)}
    return b"".join(sorted(pairs))


def _current(connection: sqlite3.Connection, own: Mapping[int, Root]) -> Iterator[_Current]:
    """Yield the chunks of this machine's data folders."""
    rows = connection.execute(
        "SELECT c.id, c.file, c.first_ms, f.root, c.signature, f.signature, s.signature"
        " FROM chunks c JOIN files f ON f.id = c.file JOIN sessions s ON s.id = f.session"
    )
    marks = {number: sign_row(*_identity(root)) for number, root in own.items()}
    for number, file, first_ms, root, *signatures in rows:
        if root in marks:
            yield _Current(number, file, first_ms, sign_row(marks[root], *signatures))


def _published(
    connection: sqlite3.Connection, numbers: Collection[int]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the copies published of some chunks, by answer and id: their file and moment."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for number in numbers:
        for file, first_ms, copies in connection.execute(
            "SELECT file, first_ms, copies FROM published WHERE chunk = ?", (number,)
        ):
            words = from_bytes(array("q"), copies)
            pairs = zip(words[::_WORDS], words[1::_WORDS], strict=True)
            found.update(dict.fromkeys(pairs, (file, first_ms)))
    return found


def _copies(
    connection: sqlite3.Connection, changed: Collection[_Current], own: Mapping[int, Root]
) -> tuple[dict[tuple[int, int], NewCopy], list[PublishedChunk]]:
    """Return the copies in some chunks by answer and id, and what to remember of the chunks."""
    variants = variants_in(connection)
    files: dict[int, tuple[Root, str, SessionName]] = {}
    found: dict[tuple[int, int], NewCopy] = {}
    published = []
    states = {chunk.number: chunk for chunk in changed}
    for chunk in chunks.load_numbers(connection, states):
        if chunk.file not in files:
            files[chunk.file] = _file(connection, chunk.file, own)
        root, path, session = files[chunk.file]
        words = array("q")
        for entry in chunk.entries:
            variant = variants[entry.variant]
            copy = SharedCopy(root, path, session, variant, entry, is_counted=True)
            number = copy_id(copy)
            words.extend((entry.answer, number))
            found[entry.answer, number] = NewCopy(number, copy)
        published.append(PublishedChunk(*states[chunk.number], to_bytes(words)))
    return found, published


def _file(
    connection: sqlite3.Connection, number: int, own: Mapping[int, Root]
) -> tuple[Root, str, SessionName]:
    root, path, *session = connection.execute(
        "SELECT f.root, f.path, s.project, s.project_path, s.session FROM files f"
        " JOIN sessions s ON s.id = f.session WHERE f.id = ?",
        (number,),
    ).fetchone()
    return own[root], path, SessionName(*session)


def copy_id(copy: SharedCopy) -> int:
    """Return a copy's id: the same wherever and whenever it is computed."""
    root, path, session, variant, entry, _ = copy
    fields = entry._replace(file=0, variant=0)[:_FIELDS]
    return sign_row(*_identity(root), path, *session, *variant[:3], int(variant.role), *fields)


def _identity(root: Root) -> tuple[str, ...]:
    """Return what identifies a root; this machine may get another name, a virtual one may not."""
    return virtual_machine(root), root.folder, root.parent, root.agent


def virtual_machine(root: Root) -> str:
    """Return the virtual machine that a root of this machine is on, or ""."""
    return root.machine if root.parent else ""


def _withdrawn(
    connection: sqlite3.Connection,
    left: Mapping[tuple[int, int], tuple[int, int]],
    own: Mapping[int, Root],
) -> Iterator[Withdrawn]:
    """Yield the copies that were replaced, or that no session-block file describes any more.

    A copy that is merely missing may have been lost with a damaged part of the ledger; what was
    published of it stays.

    Args:
        connection: Where to read.
        left: Copies that were published and are no longer there, by answer and id: the number of
            the file that they were in, and about when.
        own: This machine's roots, by number.
    """
    if not left:
        return
    from spendlight.ledger.answer_search import holding  # usually nothing is withdrawn

    described = {
        number
        for number, path in connection.execute("SELECT id, path FROM files")
        if path.endswith(_BLOCK_FILE)
    }
    held: set[int] = set()
    for number, answers in holding(connection, {answer for answer, _ in left}).items():
        row = connection.execute(
            "SELECT f.root FROM chunks c JOIN files f ON f.id = c.file WHERE c.id = ?", (number,)
        ).fetchone()
        if row is not None and row[0] in own:
            held |= answers
    for (answer, number), (file, first_ms) in left.items():
        if answer in held or file in described:
            yield Withdrawn(answer, number, first_ms)
