"""Writes entries or a report for other machines and other programs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from spendlight.cli import json_out, reporting, terminal, words
from spendlight.cli.dimension_arguments import option_of
from spendlight.cli.output import Bytes
from spendlight.cli.report_arguments import STDOUT, Form
from spendlight.cli.reports import REPORTS
from spendlight.cli.world import opened
from spendlight.errors import BadArgumentError, UsageError
from spendlight.metering.dimensions import DIMENSIONS
from spendlight.metering.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.exporting import EntryExport

_AGENTS: Final = "agents"
_BREAKDOWNS: Final = "modelBreakdowns"
"""The key of nested rows, which do not fit into a table."""

_OBJECTS: Final = ("burnRate", "projection")
"""The keys of nested objects, which become columns, or are missing."""


class BytesToTerminalError(BadArgumentError):
    """Parquet was about to be printed to a terminal."""

    def __init__(self) -> None:
        super().__init__(
            "Parquet cannot be written to a terminal",
            "Choose a file with --output, or pipe the output to another program.",
        )


class OptionWithoutEffectError(BadArgumentError):
    """An option that does not apply to what is exported."""

    def __init__(self, option: str, what: str) -> None:
        super().__init__(f"{option} cannot be used with {what}", "Leave it out.")


class ExportFailedError(UsageError):
    """A file could not be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} was not written: {reason}", "An existing file there was not changed."
        )


def run(arguments: Arguments) -> None:
    """Write the export.

    Raises:
        UsageError: If the options are invalid, or it cannot be written.
        BrokenPipeError: If the reader of the output has gone.
    """
    form = _form(arguments)
    _demand_sense(arguments, form)
    if form is Form.PARQUET:
        from spendlight.tracker.parquet import demand_parquet

        demand_parquet()
        if arguments.output == STDOUT and sys.stdout.isatty():
            raise BytesToTerminalError
    verb = REPORTS.get(arguments.what)
    reporting.days_typed(arguments)
    with opened(arguments) as world:
        world.read_logs()
        with destination(arguments.output, is_seekable=form is Form.PARQUET) as sink:
            if verb is not None:
                report = reporting.answer(verb, arguments, world)
                told = reporting.noted(verb.to_json(report, arguments), world)
                count = _write_report(told, form, sink, is_raw=arguments.raw)
            else:
                write = partial(_write, form=form, sink=sink, is_raw=arguments.raw)
                asked = reporting.selection(arguments, world.zone, Period.DAY)
                count = world.tracker.export_entries(asked, write)
    if arguments.output != STDOUT:
        exported = words.entries(count) if verb is None else words.counted(count, "row")
        terminal.say(f"{exported} exported to {arguments.output}")


def _form(arguments: Arguments) -> Form:
    """Return the format asked for, or the one of the file name's extension."""
    if arguments.format is not None:
        return arguments.format
    suffix = Path(arguments.output).suffix.lower().removeprefix(".")
    return Form(suffix) if suffix in frozenset(Form) else Form.JSON


def _demand_sense(arguments: Arguments, form: Form) -> None:
    what, option = arguments.what, ""
    verb = REPORTS.get(what)
    if arguments.instances and (verb is None or not verb.has_instances):
        option = "--instances"
    if arguments.project is not None and verb is not None and not verb.has_project:
        option = "--project"
    if verb is None and arguments.by is not None:
        option = "--by"
    if verb is None and arguments.where:
        option = option_of(DIMENSIONS[arguments.where[0][0]])
    if arguments.raw and form is not Form.CSV:
        option, what = "--raw", form
    if option:
        raise OptionWithoutEffectError(option, what)


def _write(export: EntryExport, *, form: Form, sink: BinaryIO, is_raw: bool) -> int:
    if form is Form.PARQUET:
        from spendlight.tracker.parquet import write_parquet

        return write_parquet(export.rows, sink)
    from spendlight.tracker.entry_files import write_csv, write_json

    if form is Form.CSV:
        return write_csv(export.rows, sink, is_raw=is_raw)
    return write_json(export.rows, export.header, sink)


def _write_report(told: Json, form: Form, sink: BinaryIO, *, is_raw: bool) -> int:
    rows = list(_rows(told))
    if form is Form.JSON:
        sink.write(json_out.to_text(told).encode("utf-8", "replace") + b"\n")
        return len(rows)
    flat = [dict(_flat(row)) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    if form is Form.CSV:
        from spendlight.tracker.entry_files import write_table

        cells = ([row.get(name) for name in names] for row in flat)
        write_table(names, cells, sink, is_raw=is_raw)
    else:
        from spendlight.tracker.parquet import write_rows

        write_rows([{name: row.get(name) for name in names} for row in flat], sink)
    return len(rows)


def _rows(told: Json) -> Iterator[Mapping[str, Any]]:
    """Yield the rows in a report's JSON: periods, sessions or blocks; those of agents singly."""
    found = [
        rows for name, rows in told.items() if isinstance(rows, list) and name != json_out.NOTES
    ]
    for rows in (*found, *told.get("projects", {}).values()):
        for row in rows:
            yield from _of_agents(row)


def _of_agents(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of the agents in a row, or the row itself if it does not tell them apart."""
    if _AGENTS not in row:
        yield row
        return
    both = {name: value for name, value in row.items() if name not in {_AGENTS, "metadata"}}
    for agent in row[_AGENTS]:
        yield both | agent


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    """Yield the values in a row of JSON; names of nested ones contain a full stop."""
    for name, value in row.items():
        if name == _BREAKDOWNS or (name in _OBJECTS and value is None):
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            yield before + name, ";".join(value)
        else:
            yield before + name, value


@contextmanager
def destination(output: str, *, is_seekable: bool) -> Iterator[BinaryIO]:
    """Yield a file to write to; it is renamed to the one named once it is complete.

    Only the user gets access to it.

    Raises:
        ExportFailedError: If it cannot be written.
    """
    if output == STDOUT:
        with _standard_output(is_seekable=is_seekable) as sink:
            yield sink
        return
    path = Path(output)
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            raise ExportFailedError(path, "it is not a file")
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise ExportFailedError(path, error.strerror or str(error)) from error
    try:
        with open(number, "wb") as sink:  # noqa: PTH123  # already open
            yield sink
            sink.flush()
            os.fsync(number)
        Path(name).replace(target)
    except OSError as error:
        raise ExportFailedError(path, error.strerror or str(error)) from error
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


@contextmanager
def _standard_output(*, is_seekable: bool) -> Iterator[BinaryIO]:
    sys.stdout.flush()
    sink = Bytes()
    if not is_seekable:
        yield cast("BinaryIO", sink)
    else:
        with tempfile.TemporaryFile() as whole:
            yield whole
            whole.seek(0)
            shutil.copyfileobj(whole, sink)
    sink.flush()
