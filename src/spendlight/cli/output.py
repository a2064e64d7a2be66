"""A filter before stdout and stderr that keeps text from controlling the terminal.

While it is active, control characters are escaped, whoever prints them. Colours and cursor
movements are written to `own`, behind the filter. A full disk and a closed stdout are reported in
words; a stderr that cannot be written to is ignored.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from spendlight.errors import UsageError
from spendlight.names import shown_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class OutputError(UsageError):
    """The output could not be written to stdout."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Writing to standard output failed: {reason}")


class _Nowhere(io.TextIOBase):
    """Replaces a missing stream."""

    def write(self, text: str) -> int:
        """Discard a text."""
        return len(text)


class Output:
    """Wraps a stream.

    Args:
        stream: Where the text goes.
        has_gate: Whether control characters are escaped.
        is_vital: Whether it is an error if nothing can be written.
    """

    def __init__(self, stream: TextIO | _Nowhere, *, has_gate: bool, is_vital: bool) -> None:
        self._stream = stream
        self._has_gate = has_gate
        self._is_vital = is_vital

    @property
    def is_nowhere(self) -> bool:
        """Whether there was no stream when the program started."""
        return isinstance(self._stream, _Nowhere)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # anything of the stream
        return getattr(self._stream, name)

    @property
    def behind(self) -> Output:
        """The same stream without the filter."""
        return Output(self._stream, has_gate=False, is_vital=self._is_vital)

    def write(self, text: str) -> int:
        """Write text.

        Raises:
            OutputError: If it cannot be written, and the stream is vital.
            BrokenPipeError: If the reader has gone, and the stream is vital.
        """
        if self._has_gate and text != "\n":
            text = shown_lines(text)
        with _told(is_vital=self._is_vital):
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Hand on what was written.

        Raises:
            OutputError: If it cannot be written, and the stream is vital.
            BrokenPipeError: If the reader has gone, and the stream is vital.
        """
        with _told(is_vital=self._is_vital):
            self._stream.flush()


class Bytes:
    """Writes an export to stdout: to a terminal as escaped text, otherwise unchanged."""

    def __init__(self) -> None:
        self._sink = sys.stdout.buffer
        self._is_shown = sys.stdout.isatty()

    def write(self, data: bytes) -> int:
        """Write bytes; to a terminal these must be whole UTF-8 characters.

        Raises:
            OutputError: If they cannot be written.
            BrokenPipeError: If the reader has gone.
        """
        if self._is_shown:
            data = shown_lines(data.decode("utf-8", "replace")).encode()
        with _told():
            self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        """Hand on what was written.

        Raises:
            OutputError: If it cannot be written.
            BrokenPipeError: If nobody reads it.
        """
        with _told():
            self._sink.flush()


@contextmanager
def _told(*, is_vital: bool = True) -> Iterator[None]:
    """Turn errors of a vital stream into messages."""
    try:
        yield
    except BrokenPipeError:
        if is_vital:
            raise
    except (OSError, ValueError) as error:  # ValueError: it was closed
        if is_vital:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise OutputError(reason) from error


@contextmanager
def guarded() -> Iterator[None]:
    """Filter stdout and stderr as long as the context lasts.

    Characters that the terminal does not have are replaced.
    """
    former = sys.stdout, sys.stderr
    for stream in former:
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError, ValueError):  # it flushes first
                stream.reconfigure(errors="replace")
    sys.stdout = _before(sys.stdout, is_vital=True)
    sys.stderr = _before(sys.stderr, is_vital=False)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = former


def own(stream: TextIO) -> TextIO:
    """Return the stream for text with our own control codes, in which names must be escaped."""
    return cast("TextIO", stream.behind) if isinstance(stream, Output) else stream


def demand_stdout() -> None:
    """Make sure that there is a stdout.

    Raises:
        OutputError: If stdout was closed before the program started.
    """
    is_closed = getattr(sys.stdout, "is_nowhere", False)
    if is_closed and os.name == "posix":  # on Windows a program without a console has none
        reason = "it is closed"
        raise OutputError(reason)


def _before(stream: TextIO, *, is_vital: bool) -> TextIO:
    found: Any = stream  # None if there is no stream
    if not isinstance(found, Output):
        found = Output(found or _Nowhere(), has_gate=True, is_vital=is_vital)
    return cast("TextIO", found)
