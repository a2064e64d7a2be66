"""The circumstances of answers: their names, each numbered once, and the tools that were called.

An attribution or a set of tools has the same number in every ledger, as it is a hash of its names;
so a row proves itself, and entries keep their numbers wherever they are copied to.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from spendlight.ledger.attribution_names import numbered, texts_of
from spendlight.ledger.name_facts import agent_types_in, note_folders, repositories_in
from spendlight.metering.attribution import (
    NO_TOOLS,
    NOT_KNOWN,
    UNKNOWN,
    Attribution,
    as_tools,
    tools_number,
)
from spendlight.metering.dimensions import Circumstances
from spendlight.metering.repositories import claude_worktree_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from spendlight.ledger.batches import Batch
    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Slicer
    from spendlight.metering.attribution import Tools
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.periods import Span
    from spendlight.metering.session_notes import SessionTitle
    from spendlight.metering.sums import UsageSlice

_MANY: Final = 2_000
"""More attributions than this are faster read all together."""

_COLUMNS: Final = ", ".join(Attribution._fields)
_TOOL_SETS: Final = "attribution_facts t ON t.of = 'tools' AND"
_MARKS: Final = ", ".join("?" * (1 + len(Attribution._fields)))


def note_circumstances(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write what the ledger does not know yet of what a batch refers to. Within a transaction."""
    attributions = batch.attributions
    if batch.is_of_this_machine and attributions:
        note_folders(connection, {told.folder for told in attributions.values()})
    note_attributions(connection, attributions, batch.tools)


def note_attributions(
    connection: sqlite3.Connection,
    attributions: Mapping[int, Attribution],
    tools: Mapping[int, Tools],
) -> None:
    """Write what the ledger does not know yet, by number. Within a transaction."""
    known = _known(connection, "attributions t ON", attributions) if attributions else set()
    new = {number: attributions[number] for number in attributions.keys() - known}
    if new:
        numbers = numbered(connection, {name for names in new.values() for name in names})
        connection.executemany(
            f"INSERT OR REPLACE INTO attributions VALUES ({_MARKS})",  # noqa: S608  # question marks
            ((number, *map(numbers.__getitem__, names)) for number, names in new.items()),
        )
    missing = tools.keys() - _known(connection, _TOOL_SETS, tools) if tools else ()
    if missing:
        connection.executemany(
            "INSERT OR REPLACE INTO attribution_facts VALUES ('tools', ?, ?, NULL, NULL)",
            ((number, json.dumps(tools[number], ensure_ascii=False)) for number in missing),
        )


def _known(connection: sqlite3.Connection, rows_on: str, numbers: Iterable[int]) -> set[int]:
    rows = connection.execute(
        f"SELECT number FROM json_each(?) e JOIN {rows_on} t.number = e.value",  # noqa: S608  # ours
        (json.dumps(list(numbers)),),
    )
    return {number for (number,) in rows}


class Names:
    """What entries refer to by number; read when it is first needed.

    Args:
        connection: The ledger.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._kept: dict[int, Attribution] = {}
        self._state = (-1, -1)
        self._attributions: dict[int, Attribution] | None = None
        self._tools: dict[int, Tools] = {}
        self._agent_types: dict[str, str] | None = None
        self._repositories: dict[str, str] | None = None

    def attribution(self, number: int) -> Attribution:
        """Return what is known of an answer's circumstances."""
        if self._attributions is None:
            self._attributions = attributions_in(self._db)
        return self._attributions.get(number, NOT_KNOWN)

    def tools(self, number: int) -> Tools | None:
        """Return the tools that an answer called; None if that is not known."""
        if number == NO_TOOLS:
            return ()
        if number not in self._tools:
            found = tools_in(self._db, [number])
            if number not in found:
                return None
            self._tools |= found
        return self._tools[number]

    def circumstances(self, number: int, is_aside: bool) -> Circumstances:  # noqa: FBT001  # a part of the key
        """Return all that is known of an answer's circumstances, see `attribution`."""
        one = self.attribution(number)
        type_, repository = self.agent_type(one.agent), self.repository(one.folder)
        return Circumstances(one, type_, repository, is_aside)

    def attributions(self, numbers: AbstractSet[int] | None = None) -> Mapping[int, Attribution]:
        """Return what the ledger knows of some attributions, or of all; with `NOT_KNOWN`.

        What was read once is kept: the same number always stands for the same names.
        """
        kept = self._kept
        if numbers is None:
            numbers = {number for (number,) in self._db.execute("SELECT number FROM attributions")}
        missing = numbers - kept.keys()
        if missing:
            wanted = None if len(missing) > _MANY else missing
            kept |= attributions_in(self._db, wanted)
        return {UNKNOWN: NOT_KNOWN} | {number: kept[number] for number in numbers & kept.keys()}

    def renew(self) -> None:
        """Forget what may have changed in the ledger since it was read."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        state = version, self._db.total_changes
        if state != self._state:
            self._state = state
            self._agent_types = self._repositories = None

    def all_tools(self) -> Mapping[int, Tools | None]:
        """Return all sets of tools that the ledger knows, by number; with none and not known."""
        return {UNKNOWN: None, NO_TOOLS: (), **tools_in(self._db)}

    def notes(self, file: int) -> tuple[SessionTitle | None, list[str]]:
        """Return the best title that a log gives to its session, and the pull requests in it."""
        from spendlight.ledger.session_notes import notes_in  # exports need it

        return notes_in(self._db, file)

    def agent_type(self, agent: str) -> str:
        """Return of which type a subagent is, by its id; "" if that is not known."""
        if not agent:
            return ""
        if self._agent_types is None:
            self._agent_types = agent_types_in(self._db)
        return self._agent_types.get(agent, "")

    def repository(self, folder: str) -> str:
        """Return the main checkout to which a folder belongs; "" if that is not known."""
        if not folder:
            return ""
        if self._repositories is None:
            self._repositories = repositories_in(self._db)
        return self._repositories.get(folder) or claude_worktree_of(folder)


def attributions_in(
    connection: sqlite3.Connection, numbers: Collection[int] | None = None
) -> dict[int, Attribution]:
    """Return attributions by number, by default all; damaged ones are missing."""
    wanted = "" if numbers is None else " WHERE number IN (SELECT value FROM json_each(?))"
    rows = connection.execute(
        f"SELECT number, {_COLUMNS} FROM attributions{wanted}",  # noqa: S608  # our own names
        () if numbers is None else (json.dumps(list(numbers)),),
    ).fetchall()
    names: dict[int, str] = defaultdict(str)
    if rows and numbers is None:
        names |= connection.execute("SELECT id, text FROM attribution_names").fetchall()
    elif rows:
        names |= texts_of(connection, {index for row in rows for index in row[1:]})
    found = {}
    for number, *indices in rows:
        attribution = Attribution._make(map(names.__getitem__, indices))
        if attribution.number == number:
            found[number] = attribution
    return found


def tools_in(
    connection: sqlite3.Connection, numbers: Collection[int] | None = None
) -> dict[int, Tools]:
    """Return sets of tools by number, by default all; damaged ones are missing."""
    wanted = "" if numbers is None else " AND number IN (SELECT value FROM json_each(?))"
    found = {}
    for number, names in connection.execute(
        f"SELECT number, value FROM attribution_facts WHERE of = 'tools'{wanted}",  # noqa: S608  # our own names
        () if numbers is None else (json.dumps(list(numbers)),),
    ):
        try:
            tools = tuple(map(str, json.loads(names)))
        except (ValueError, TypeError):
            continue
        if tools_number(tools) == number:
            found[number] = tools
    return found


def attributed(  # noqa: PLR0913, PLR0917  # what answers are selected and described by
    connection: sqlite3.Connection,
    slicer: Slicer,
    context_thresholds: Sequence[int],
    scope: Scope,
    span: Span,
    session: str | None,
) -> Iterator[tuple[UsageSlice, Circumstances, Tools | None]]:
    """Yield each answer that counts in a scope with its circumstances, and the tools it called.

    Args:
        connection: Where to read.
        slicer: Makes slices of its entries.
        context_thresholds: The context sizes by which sums are separated, ascending.
        scope: Which roots.
        span: When.
        session: Only sessions of this id.

    Yields:
        A slice of one answer; its circumstances; and its tools, None if these are not known.
    """
    from spendlight.ledger import chunks  # most reports are made of sums

    names = Names(connection)
    known: dict[tuple[int, bool], Circumstances] = {}
    for in_session, entries in chunks.entries_in(connection, scope, span, session):
        pieces = slicer.answers(in_session, entries, context_thresholds)
        for piece, entry in zip(pieces, entries, strict=True):
            key = (entry.attribution, entry.is_sidechain)
            if key not in known:
                known[key] = names.circumstances(*key)
            yield piece, known[key], names.tools(entry.tools)


def circumstances_of(
    connection: sqlite3.Connection, entries: Iterable[UsageEntry]
) -> tuple[dict[int, Attribution], dict[int, Tools]]:
    """Return what entries refer to by number, as far as it is known."""
    attributions, tools = set(), set()
    for entry in entries:
        attributions.add(entry.attribution)
        tools.add(entry.tools)
    return attributions_in(connection, attributions), tools_in(connection, tools)


class CalledTools:
    """Unites the tools of copies of an answer, each of which may call others than its own.

    Args:
        connection: The ledger, within a transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._known: dict[int, Tools] = {}
        self._united: dict[tuple[int, int], int] = {}

    def learn(self, tools: Mapping[int, Tools]) -> None:
        """Add sets that the ledger may or may not know, by number."""
        self._known |= tools

    def united(self, one: int, other: int) -> int:
        """Return the number of the tools of two sets; one that is damaged counts as not known."""
        if one == other or min(one, other) <= NO_TOOLS:
            return max(one, other)
        key = (min(one, other), max(one, other))
        if key not in self._united:
            self._united[key] = self._unite(*key)
        return self._united[key]

    def _unite(self, one: int, other: int) -> int:
        sets = {number: self._tools(number) for number in (one, other)}
        found = [tools for tools in sets.values() if tools is not None]
        if len(found) < len(sets):
            return next((number for number, tools in sets.items() if tools is not None), UNKNOWN)
        tools = as_tools(name for names in found for name in names)
        number = tools_number(tools)
        if number not in self._known:
            self._known[number] = tools
            note_attributions(self._db, {}, {number: tools})
        return number

    def _tools(self, number: int) -> Tools | None:
        if number not in self._known:
            self._known |= tools_in(self._db, [number])
        return self._known.get(number)
