"""DuckDB, which is optional: how it is opened, and what is said if it is not installed."""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib import import_module
from threading import Timer
from typing import TYPE_CHECKING, Any, Final

from spendlight.build import read_build
from spendlight.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

MEMORY: Final = "1200MB"
"""The most memory that DuckDB may use; beyond it, it uses temporary files."""

_INNER_MESSAGE: Final = re.compile(r'"exception_message":"((?:[^"\\]|\\.)*)"')
_KIND: Final = re.compile(r"^(?:\w+ Error: )?(?:Failed to commit: )?")

Connection = Any
"""A `duckdb.DuckDBPyConnection`, whose module is imported late."""


class TeamMissingError(UsageError):
    """The libraries for teams are not installed."""

    def __init__(self) -> None:
        if read_build().is_frozen:  # nothing can be added to a frozen program
            super().__init__(
                "This build of Spendlight does not support teams",
                "Install Spendlight with pipx or uv: pipx install 'spendlight[team]'.",
            )
            return
        super().__init__(
            "Teams need DuckDB and fsspec, which are not installed",
            "Install them with: pip install 'spendlight[team]'.",
        )


def demand_libraries() -> None:
    """Make sure that the libraries for teams are installed.

    Raises:
        TeamMissingError: If one is not.
    """
    from importlib.util import find_spec  # rarely needed

    if find_spec("duckdb") is None or find_spec("fsspec") is None:
        raise TeamMissingError


def duckdb() -> ModuleType:
    """Return DuckDB's module.

    It is the compiled one, which has all that we need; the package around it adds an interface
    written in Python that takes four times as long to import.

    Raises:
        TeamMissingError: If DuckDB is not installed.
    """
    try:
        return import_module("_duckdb")
    except ImportError:
        pass
    try:
        return import_module("duckdb")  # another version, which has it elsewhere
    except ImportError:
        raise TeamMissingError from None


def connect(
    path: Path | None = None, *, threads: int | None = None, spill: Path | None = None
) -> Connection:
    """Open a database; it downloads no extensions.

    Args:
        path: Its file; by default it is in memory.
        threads: How many threads it may use; by default as many as there are processors.
        spill: A folder for what does not fit into memory; by default beside its file.

    Raises:
        TeamMissingError: If DuckDB is not installed.
    """
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": MEMORY,
        "preserve_insertion_order": False,
    }
    if threads is not None:
        settings["threads"] = threads
    if spill is not None:
        settings["temp_directory"] = str(spill)
    return duckdb().connect(str(path) if path is not None else ":memory:", config=settings)


@contextmanager
def limited(connection: Connection, seconds: float) -> Iterator[None]:
    """Interrupt what a database does if it takes too long; it raises `InterruptException` then."""
    timer = Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def reason_of(error: Exception) -> str:
    """Return what DuckDB says in one line, without its own words for it."""
    told = " ".join(str(error).split())
    inner = _INNER_MESSAGE.search(told)
    if inner is not None:
        told = inner[1].replace('\\"', '"')
    return _KIND.sub("", told)[:300].rstrip(".")


def register(connection: Connection, name: str, columns: Mapping[str, Any]) -> None:
    """Make arrays a table, until it is unregistered.

    DuckDB refuses it while rows of another statement have not been fetched, so they are dropped.

    Args:
        connection: The database.
        name: The table's name.
        columns: The arrays by name, all of the same length.
    """
    connection.execute("SELECT 1").fetchall()
    connection.register(name, dict(columns))


def insert_rows(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows with one statement; `executemany` takes a hundred times as long.

    Args:
        connection: The database.
        table: Its columns have the order of the values.
        rows: The rows.
    """
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        values = ", ".join("UNNEST(?)" for _ in columns)
        connection.execute(f"INSERT INTO {table} SELECT {values}", columns)


def is_readable(file: Path) -> bool:
    """Whether a Parquet file can be decoded from beginning to end."""
    errors = duckdb()
    with connect() as connection:
        try:
            connection.execute("SELECT COUNT(hash(COLUMNS(*))) FROM read_parquet(?)", [str(file)])
        except (errors.Error, UnicodeDecodeError):
            return False
    return True
