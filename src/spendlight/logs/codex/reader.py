"""Chooses the lines of a rollout that matter, and reads them."""

from __future__ import annotations

import json
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import stringzilla

from spendlight.logs.codex.state import packed_state
from spendlight.logs.timestamps import BadLineError
from spendlight.metering.entry import LineProblem
from spendlight.metering.packed import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.logs.codex.answers import Answers
    from spendlight.logs.jobs import ReadJob
    from spendlight.metering.entry import SessionName
    from spendlight.metering.packed import PackedEntries

NEEDLES: Final = (
    b'"token_count"',
    b'"turn_context"',
    b'"session_meta"',
    b'"thread_settings_applied"',
)
"""A line without any of these says nothing about usage. The quotes tell them from what a message
contains, where they are escaped."""

_OTHER: Final = re.compile(
    rb'\{"timestamp":"[^"]{24}","type":"(?:'
    rb"(?!event_msg|turn_context|session_meta)[^\"\\\x00-\x1f]*\""
    rb'|event_msg","payload":\{"type":"(?!token_count"|thread_settings_applied")[^"\\\x00-\x1f]*")'
)
"""How lines begin that say nothing about usage either, whatever they contain."""

_ORDER: Final = attrgetter("offset", "answer")


class _Payload(msgspec.Struct, gc=False):
    """The fields that matter of any payload: all others, of many kilobytes, are skipped."""

    type: Any = None
    info: Any = None
    thread_settings: Any = None
    id: Any = None
    session_id: Any = None
    timestamp: Any = None
    cwd: Any = None
    cli_version: Any = None
    originator: Any = None
    git: Any = None
    source: Any = None
    forked_from_id: Any = None
    turn_id: Any = None
    effort: Any = None
    model: Any = None
    model_name: Any = None
    metadata: Any = None


class _Line(msgspec.Struct, gc=False):
    """The fields of a line."""

    payload: _Payload
    timestamp: Any = None
    type: Any = None


_decode = msgspec.json.Decoder(_Line).decode


class RolloutReader:
    """Reads lines; see `LineReader`.

    Args:
        job: The range.
        answers: Makes the answers.
    """

    needle = b'"payload"'

    def __init__(self, job: ReadJob, answers: Answers) -> None:
        self.answers = answers
        self.variants = answers.variants
        self.problems: list[LineProblem] = []
        self.sessions: list[tuple[int, str]] = []
        self.start = 0
        self._job = job

    @property
    def owner(self) -> SessionName | None:
        """The session and its project, once they are known."""
        return self.answers.state.owner

    @property
    def state(self) -> bytes:
        """What must be remembered."""
        return packed_state(self.answers.state)

    def look_at(self, head: bytes) -> None:
        """Inspect the beginning of the file; there is nothing in it."""

    def add_lines(self, buffer: bytearray, view: memoryview, end: int, position: int) -> None:
        """Process the lines that matter among complete ones."""
        starts = set()
        for needle in NEEDLES:
            at = stringzilla.find(buffer, needle, 0, end)
            while at >= 0:
                starts.add(buffer.rfind(b"\n", 0, at) + 1)
                at = stringzilla.find(buffer, needle, buffer.index(b"\n", at, end), end)
        for start in sorted(starts):
            self.add(view[start : buffer.index(b"\n", start, end)], position + start)

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> None:
        """Process a line.

        An incomplete last line will be read once more.
        """
        if _OTHER.match(text):
            return
        try:
            line = _line_in(text)
            if line is not None:
                self.answers.add(line, offset)
        except (BadLineError, ValueError, RecursionError) as error:
            if not is_last:
                self.problems.append(LineProblem(self._job.name, offset, _words(error)))

    def packed(self, context_thresholds: Sequence[int]) -> PackedEntries:
        """Return the answers found."""
        found = sorted(self.answers.found.values(), key=_ORDER)
        return pack(self._job.number, found, context_thresholds)


def _line_in(text: memoryview | bytes) -> dict[str, Any] | None:
    """Return the line; None if it says nothing about usage.

    Raises:
        ValueError, RecursionError: If it is not valid JSON.
    """
    try:
        usual = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        line = json.loads(str(text, "utf-8", "replace"))
    else:
        payload = msgspec.structs.asdict(usual.payload)
        return {"timestamp": usual.timestamp, "type": usual.type, "payload": payload}
    return line if isinstance(line, dict) and isinstance(line.get("payload"), dict) else None


def _words(error: Exception) -> str:
    if isinstance(error, BadLineError):
        return str(error)
    return f"it is not valid JSON: {str(error)[:120] or type(error).__name__}"
