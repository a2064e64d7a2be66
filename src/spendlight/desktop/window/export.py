"""Writes the rows of a table into files for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from spendlight.desktop.window.tables import plain_value, safe_text
from spendlight.metering.reports import Column

Columns = Sequence[Column[Any]]
Rows = Iterable[Any]


def as_csv(columns: Columns, rows: Rows) -> str:
    """Return rows as comma-separated values (RFC 4180), without formulas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.heading for column in columns])
    writer.writerows([safe_text(column, row) for column in columns] for row in rows)
    return text.getvalue()


def as_json(columns: Columns, rows: Rows) -> str:
    """Return rows as a list of objects."""
    keys = [_key(column) for column in columns]
    found = [
        {key: plain_value(column, row) for key, column in zip(keys, columns, strict=True)}
        for row in rows
    ]
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def as_markdown(columns: Columns, rows: Rows) -> str:
    """Return rows as a Markdown table."""
    lines = [
        "| " + " | ".join(column.heading for column in columns) + " |",
        "|" + "|".join("---:" if column.is_number else "---" for column in columns) + "|",
    ]
    for row in rows:
        cells = (", ".join(column.text(row).splitlines()) for column in columns)
        lines.append("| " + " | ".join(map(_in_markdown, cells)) + " |")
    return "\n".join(lines) + "\n"


def write_table(path: Path, columns: Columns, rows: Rows) -> None:
    """Write rows into a file in the format of its extension.

    Raises:
        OSError: If it cannot be written.
        ValueError: If the extension is unknown.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _write_parquet(path, columns, rows)
        return
    writers: dict[str, Callable[[Columns, Rows], str]] = {
        ".csv": as_csv,
        ".json": as_json,
        ".md": as_markdown,
    }
    if suffix not in writers:
        message = f"{path.name} does not end with any of {', '.join(writers)}"
        raise ValueError(message)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(writers[suffix](columns, rows))


def has_parquet() -> bool:
    """Return whether Parquet can be written here."""
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


def _write_parquet(path: Path, columns: Columns, rows: Rows) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    known = list(rows)
    table = {
        _key(column): [
            value
            if isinstance(value := column.value(row), date | datetime)
            else plain_value(column, row)
            for row in known
        ]
        for column in columns
    }
    parquet.write_table(pa.table(table), path)


def _key(column: Column[Any]) -> str:
    return column.heading.lower().replace(" ", "_")


def _in_markdown(text: str) -> str:
    """Escape a text for a Markdown cell."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<")
