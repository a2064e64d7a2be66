"""The circumstances of answers that the native reader has read, and their numbers."""

from __future__ import annotations

import json
from array import array
from ctypes import Structure, addressof, c_void_p
from typing import TYPE_CHECKING

from spendlight.logs.claude_code.native_library import ROW, NativeError, fields_of
from spendlight.metering.attribution import (
    NO_TOOLS,
    UNKNOWN,
    Attribution,
    as_tools,
    tools_number,
)
from spendlight.metering.runs import end_of_runs, values_in

if TYPE_CHECKING:
    import ctypes
    from collections.abc import Iterable, Mapping

    from spendlight.logs.claude_code.native_library import ReaderState
    from spendlight.metering.attribution import Tools
    from spendlight.metering.entry import UsageEntry

_TOOL_BYTES = 4

Circumstances = tuple["dict[int, Attribution]", "dict[int, Tools]"]
"""What is known of the circumstances of answers, and the tools that they called, by number."""


class Numbers(Structure):
    """The ledger's numbers of what rows refer to by their positions in the reader's memory."""

    _fields_ = (("variants", c_void_p), ("attributions", c_void_p), ("tools", c_void_p))


class KnownCircumstances:
    """What a reader has met; it remembers it from range to range."""

    def __init__(self) -> None:
        self._dropped = -1
        self._attribution_numbers = array("q")
        self._tools_numbers = array("q")
        self._attributions: dict[int, Attribution] = {}
        self._logged: dict[bytes, str] = {b"": ""}
        self._names: list[str] = []
        self._tools: dict[int, Tools] = {}

    def _learn(self, state: ReaderState) -> None:
        """Add what is new in a reader's memory."""
        if state.circumstances_dropped != self._dropped:
            self.__init__()  # type: ignore[misc]  # there was too much
            self._dropped = state.circumstances_dropped
            self._attribution_numbers.append(UNKNOWN)
            self._tools_numbers.append(NO_TOOLS)
        known = len(self._attribution_numbers) - 1
        if state.attributions.count > known:
            for told in state.attributions.since(known):
                self._add_attribution(told)
        if state.tool_sets.count >= len(self._tools_numbers):
            self._names += map(_name, state.tools.since(len(self._names)))
            for tools in state.tool_sets.since(len(self._tools_numbers) - 1):
                self._add_tools(tools)

    def _add_attribution(self, told: bytes) -> None:
        logged = self._logged  # nearly all of them are known
        names = told[:-1].split(b"\n")
        for name in names:
            if name not in logged:
                logged[name] = _name(name)
        attribution = Attribution._make([logged[name] for name in names])
        number = attribution.number
        self._attribution_numbers.append(number)
        self._attributions[number] = attribution

    def _add_tools(self, indices: bytes) -> None:
        found = as_tools(
            self._names[int.from_bytes(indices[at : at + _TOOL_BYTES], "little")]
            for at in range(0, len(indices), _TOOL_BYTES)
        )
        number = tools_number(found)
        self._tools_numbers.append(number)
        self._tools[number] = found

    def numbers(self, state: ReaderState, variants: ctypes.Array[ctypes.c_uint32]) -> Numbers:
        """Return the numbers of what is in a reader's memory, until there is more in it.

        Args:
            state: The reader.
            variants: The numbers of variants.
        """
        self._learn(state)
        return Numbers(
            addressof(variants),
            self._attribution_numbers.buffer_info()[0],
            self._tools_numbers.buffer_info()[0],
        )

    def in_columns(self, columns: bytes) -> Circumstances:
        """Return what packed answers refer to by number."""
        attributions, tools = values_in(columns)
        return (
            {number: self._attributions[number] for number in attributions},
            {number: self._tools[number] for number in tools},
        )

    def in_many(self, columns: Iterable[bytes]) -> Circumstances:
        """Like `in_columns`, for the columns of many logs, most of which begin alike."""
        attributions: dict[int, Attribution] = {}
        tools: dict[int, Tools] = {}
        for head in {column[: end_of_runs(column)] for column in columns}:
            some, called = self.in_columns(head)
            attributions |= some
            tools |= called
        return attributions, tools


class Rows:
    """Makes rows of answers that were read in Python.

    Args:
        library: The library.
        pointer: The reader.
        attributions: What is known of their circumstances, by number.
        tools: The tools that they called, by number.
    """

    def __init__(
        self,
        library: ctypes.CDLL,
        pointer: object,
        attributions: Mapping[int, Attribution],
        tools: Mapping[int, Tools],
    ) -> None:
        self._library = library
        self._pointer = pointer
        self._attributions = attributions
        self._tools = tools

    def row(self, entry: UsageEntry, variant: int, session: int) -> bytes:
        """Return an entry in the reader's form; its variant and session are in the reader's."""
        attribution = self._attributions.get(entry.attribution, ())
        tools = self._tools.get(entry.tools, ())
        return ROW.pack(
            *fields_of(
                entry,
                variant,
                session,
                self._number(self._library.reader_attribution, attribution),
                self._number(self._library.reader_tools, tools),
            )
        )

    def _number(self, function: ctypes._NamedFuncPointer, names: tuple[str, ...]) -> int:
        if not names:
            return 0
        text = "".join(json.dumps(name, ensure_ascii=False)[1:-1] + "\n" for name in names).encode()
        found: int = function(self._pointer, text, len(text))
        if found < 0:
            raise NativeError
        return found


def _name(told: bytes) -> str:
    """Return a name from the way it stands in a log."""
    if b"\\" not in told:
        text = told.decode("utf-8", "replace")
    else:
        text = json.loads(b'"%b"' % told.decode("utf-8", "replace").encode(), strict=False)
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\0", "\ufffd")
