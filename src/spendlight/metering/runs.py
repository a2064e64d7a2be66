"""Packs the attributions of answers and the tools they called: few different values, in runs.

Packed, they are a mark, the size of what follows, the distinct values of both columns, each with
their number before them, and the runs of both columns. A run is twice the position of its value
among the values if it is one answer; otherwise that plus 1, and the run's length minus 2. 0 and 1
are always at positions 0 and 1, and not stored. Sizes and positions have 7 bits in a byte, the
least significant first, and the highest bit says that more follow. Where nothing is known of any
answer, nothing is stored. The native reader writes and reads the same (`native_reader/runs.c`).
"""

from __future__ import annotations

from array import array
from itertools import groupby
from typing import TYPE_CHECKING, Final

from spendlight.metering.byte_order import from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK: Final = b"*"
"""How packed attributions begin: different from all letters of columns."""

_MARK: Final = MARK[0]

_IMPLIED: Final = (0, 1)
_FIRST: Final = len(_IMPLIED)
_BITS: Final = 7
_MORE: Final = 1 << _BITS
_WORD: Final = 8
_LEAST_RUN: Final = 2


def pack_runs(attributions: Sequence[int], tools: Sequence[int]) -> bytes:
    """Return the packed attributions and tools of answers; b"" if nothing is known of any."""
    if not any(attributions) and not any(tools):
        return b""
    body, runs = bytearray(), bytearray()
    for column in (attributions, tools):
        positions = {value: value for value in _IMPLIED}
        for value, run in groupby(column):
            position = positions.setdefault(value, len(positions))
            length = sum(1 for _ in run)
            if length < _LEAST_RUN:
                _put(runs, 2 * position)
            else:
                _put(runs, 2 * position + 1)
                _put(runs, length - _LEAST_RUN)
        _put(body, len(positions) - _FIRST)
        body += to_bytes(array("q", list(positions)[_FIRST:]))
    return _with_size(body + runs)


def pack_one_run(attribution: int, tools: int) -> bytes:
    """Like `pack_runs` for a single answer, faster: thousands of logs have only one."""
    if not attribution and not tools:
        return b""
    body, runs = bytearray(), bytearray()
    for value in (attribution, tools):
        if value < _FIRST:
            body.append(0)
            runs.append(2 * value)
        else:
            body.append(1)
            body += value.to_bytes(_WORD, "little")
            runs.append(2 * _FIRST)
    return _with_size(body + runs)


def end_of_runs(columns: bytes) -> int:
    """Return where the other columns begin.

    Raises:
        IndexError: If the size is not complete.
    """
    if not columns or columns[0] != _MARK:
        return 0
    size, at = _number(columns, 1)
    return at + size


def unpack_runs(columns: bytes, count: int) -> tuple[Sequence[int], Sequence[int], int]:
    """Return the attributions and the tools of answers, and where the other columns begin.

    Args:
        columns: What begins with them.
        count: The number of answers.

    Raises:
        ValueError, IndexError: If they are damaged.
    """
    if not columns or columns[0] != _MARK:
        nothing = [0] * count
        return nothing, nothing, 0
    size, at = _number(columns, 1)
    end = at + size
    attribution_values, at = _values(columns, at)
    tools_values, at = _values(columns, at)
    attributions, at = _expanded(columns, at, attribution_values, count)
    tools, at = _expanded(columns, at, tools_values, count)
    if at != end:
        message = "the attributions are not as long as they say"
        raise ValueError(message)
    return attributions, tools, end


def values_in(columns: bytes) -> tuple[Sequence[int], Sequence[int]]:
    """Return the different attributions in packed columns, and the different tools.

    0 and 1 are left out.

    Raises:
        ValueError, IndexError: If they are damaged.
    """
    if not columns or columns[0] != _MARK:
        return (), ()
    _, at = _number(columns, 1)
    attributions, at = _values(columns, at)
    tools, _ = _values(columns, at)
    return attributions[_FIRST:], tools[_FIRST:]


def _with_size(body: bytes | bytearray) -> bytes:
    head = bytearray((_MARK,))
    _put(head, len(body))
    return bytes(head + body)


def _put(to: bytearray, number: int) -> None:
    while number >= _MORE:
        to.append(number % _MORE + _MORE)
        number >>= _BITS
    to.append(number)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where it ends."""
    found = shift = 0
    while (byte := data[at]) >= _MORE:
        found += (byte - _MORE) << shift
        shift += _BITS
        at += 1
    return found + (byte << shift), at + 1


def _values(data: bytes, at: int) -> tuple[list[int], int]:
    """Return the values of a column, with those that are implied, and where they end."""
    number, at = _number(data, at)
    end = at + number * _WORD
    if end > len(data):
        message = "values are missing"
        raise ValueError(message)
    return [*_IMPLIED, *from_bytes(array("q"), data[at:end])], end


def _expanded(data: bytes, at: int, values: Sequence[int], count: int) -> tuple[list[int], int]:
    """Return a column from its runs, and where these end."""
    found: list[int] = []
    left = count
    while left > 0:
        token, at = _number(data, at)
        length = 1
        if token % 2:
            length, at = _number(data, at)
            length += _LEAST_RUN
        left -= length
        if left < 0:
            break
        found += [values[token // 2]] * length
    if left:
        message = "the runs are not as long as the column"
        raise ValueError(message)
    return found, at
