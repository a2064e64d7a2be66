"""Reads the sessions of Goose: each row has the sums of all answers of a session so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from spendlight.logs.databases import read_database
from spendlight.logs.found_usage import (
    BadValueError,
    FoundUsage,
    as_count,
    as_dollars,
    as_moment,
    as_object,
    as_text,
)
from spendlight.logs.parsed import SessionUsage
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.project_names import project_of
from spendlight.metering.session_names import UNKNOWN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spendlight.logs.databases import DatabaseReading
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


_NEEDED: Final = ("id", "created_at", "model_config_json")
_OPTIONAL: Final = (
    "input_tokens", "output_tokens", "total_tokens",
    "accumulated_input_tokens", "accumulated_output_tokens", "accumulated_total_tokens",
    "accumulated_cache_read_tokens", "accumulated_cache_write_tokens", "accumulated_cost",
    "working_dir", "name", "description", "updated_at",
)  # fmt: skip


def parse(job: ReadJob) -> ParsedRange:
    """Read a database."""
    return read_database(job, _read)


def _read(reading: DatabaseReading) -> None:
    """Read the sessions that have changed."""
    parsed = reading.parsed
    if reading.state is None:
        reading.start_over()
    last = reading.state.decode() if reading.state is not None else ""
    found_of: list[tuple[SessionName, FoundUsage]] = []
    try:
        for number, row in _rows(reading, last):
            last = max(last, as_text(row["updated_at"]))
            found = FoundUsage(parsed.job, parsed.job.agent)
            try:
                name = _add_session(row, number, found)
            except (BadValueError, msgspec.DecodeError) as error:
                found.problem(f"session {row['id']}: {error}", number)
                parsed.problems += found.problems
            else:
                found_of.append((name, found))
    finally:
        for _, found in found_of:
            parsed.variants |= found.variants
            parsed.attributions = {**parsed.attributions, **found.attributions}
        parsed.of_sessions = [
            SessionUsage(name, found.entries, found.notes) for name, found in found_of
        ]
    parsed.state = last.encode() or None


def _rows(reading: DatabaseReading, since: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the sessions that have a model, and their numbers, by the names of their columns."""
    known = reading.columns("sessions")
    names = [*_NEEDED, *_OPTIONAL]
    columns = [name if name in known or name in _NEEDED else "NULL" for name in names]
    statement = f"SELECT rowid, {', '.join(columns)} FROM sessions"  # noqa: S608  # our own names
    statement += " WHERE model_config_json IS NOT NULL"
    if since and "updated_at" in known:
        rows = reading.db.execute(f"{statement} AND updated_at >= ?", (since,))
    else:
        rows = reading.db.execute(statement)
    for number, *values in rows:
        yield number, dict(zip(names, values, strict=True))


def _add_session(row: Mapping[str, Any], number: int, found: FoundUsage) -> SessionName:
    """Add the sums of a session; return its name.

    Raises:
        BadValueError, msgspec.DecodeError: If a value is impossible.
    """
    session, folder = str(row["id"]), as_text(row["working_dir"])
    project = project_of(folder) or UNKNOWN_PROJECT
    name = SessionName(project, project, session)
    found.title(row["name"] or row["description"])
    config = as_object(msgspec.json.decode(row["model_config_json"]), "model_config_json")
    tokens, rest = _tokens(row)
    if tokens.total:
        found.add(
            session,
            as_moment(row["created_at"], "created_at"),
            as_text(config.get("model_name")),
            tokens,
            offset=number,
            reasoning=rest,
            recorded_cost=as_dollars(row["accumulated_cost"], "accumulated_cost"),
            told=Attribution(folder=folder),
        )
    return name


def _tokens(row: Mapping[str, Any]) -> tuple[TokenCounts, int]:
    """Return the tokens of a session, and how many of its output have no other name.

    What was read from the cache or written to it is part of the input unless the total is higher
    by exactly that; another surplus of the total is output, as in ccusage.

    Raises:
        BadValueError: If one is impossible.
    """
    sent, output, total = (
        as_count(
            row[kind] if row[f"accumulated_{kind}"] is None else row[f"accumulated_{kind}"], kind
        )
        for kind in ("input_tokens", "output_tokens", "total_tokens")
    )
    kinds = ("accumulated_cache_read_tokens", "accumulated_cache_write_tokens")
    read, written = (as_count(row[kind], kind) for kind in kinds)
    rest = max(0, total - sent - output)
    if rest == read + written:  # also if there is none of either
        return TokenCounts(sent, output, written, 0, read), 0
    within = min(sent, read + written)
    return TokenCounts(
        sent - within, output + rest, min(written, within), 0, within - min(written, within)
    ), rest
