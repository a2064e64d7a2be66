"""Tells by its bytes alone that a line repeats the usage of the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spendlight.logs.usual import Usual

_ON_SIDECHAIN: Final = b'"isSidechain":true'
_ON_MAIN_CHAIN: Final = b'"isSidechain":false'

PROBE_BYTES: Final = 48
"""If so many bytes of two usages differ, as the counts in them do, the rest is not looked at."""


class Twin:
    """A line that may be followed by copies with the same usage, as a streamed answer's are.

    The bytes of a line prove that it loses against this one, if it has the same message id, the
    same request id and a usage that is the same to the letter, and stands on a side chain if this
    one does. If it is not spelled as usual, nothing is proved, and it must be decoded.
    """

    __slots__ = ("_at", "_buffer", "_line", "_line_end", "_message", "_usage")

    def __init__(self, line: Usual, buffer: bytearray, at: int, line_end: int) -> None:
        self._line = line
        self._buffer = buffer
        self._at = at
        self._line_end = line_end
        self._usage: bytes | None = None
        self._message = b""

    def has_copy(self, line_start: int, at: int, line_end: int) -> bool:
        """Return whether the line with the needle at *at* in the buffer loses against this one."""
        buffer = self._buffer
        if self._usage is None:
            self._look()
        return (
            bool(self._usage)
            and buffer.startswith(self._usage or b"", at)
            and buffer.find(self._message, line_start, at) >= 0
            and (not self._line.isSidechain or _is_sidechain(buffer, line_start, line_end))
        )

    def _look(self) -> None:
        """Find out what a copy must hold: from the needle to the request id, and the message id."""
        self._usage = b""
        line = self._line
        message = line.message
        if not message.id or not line.requestId or line.costUSD is not None:
            return
        request = f'"requestId":"{line.requestId}"'.encode()
        request_at = self._buffer.find(request, self._at, self._line_end)
        if request_at >= 0:
            self._usage = bytes(self._buffer[self._at : request_at + len(request)])
            self._message = f'"id":"{message.id}"'.encode()


def _is_sidechain(buffer: bytearray, line_start: int, line_end: int) -> bool:
    """Return whether a line can only stand on a side chain, whatever is in its content."""
    return (
        buffer.find(_ON_SIDECHAIN, line_start, line_end) >= 0
        and buffer.find(_ON_MAIN_CHAIN, line_start, line_end) < 0
    )
