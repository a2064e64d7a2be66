"""Reads a JSON document that an agent rewrites as a whole.

Each answer in it has its own key, and of its copies the one with the most tokens counts, so a
document that was rewritten, shortened or emptied never lowers what is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import xxhash

from spendlight.logs.appended_lines import fingerprint
from spendlight.logs.found_usage import BadValueError, FoundUsage
from spendlight.logs.lenient_json import decode
from spendlight.logs.parsed import ParsedRange

if TYPE_CHECKING:
    from collections.abc import Callable

    from spendlight.logs.jobs import ReadJob

MOST_BYTES: Final = 1 << 30
"""A larger file is no document of an agent."""

_MARK: Final = b"\xef\xbb\xbf"
"""What some editors write before UTF-8."""

_UNCHANGED: Final = 1
"""Where reading begins if it does not begin at 0, so that what is known of the file stays valid."""


def read_document(
    job: ReadJob, agent: str, add: Callable[[dict[str, Any], FoundUsage], None]
) -> ParsedRange:
    """Return the answers in a document, unless it is the same as before.

    Args:
        job: The document.
        agent: Its agent's name.
        add: Adds the answers of a JSON object. A `BadValueError` ends it, and is noted.
    """
    parsed = ParsedRange(job, _UNCHANGED, 0, job.fingerprint or 0, state=job.state)
    try:
        with open(job.path, "rb", buffering=0) as file:  # noqa: PTH123  # as logs are read
            text = file.read(MOST_BYTES + 1)
            parsed.end = len(text)
            parsed.fingerprint = fingerprint(file, parsed.end)
    except OSError as error:
        parsed.failure = error.strerror or str(error)
        return parsed
    state = xxhash.xxh3_128_digest(text)
    if state == job.state:
        return parsed
    parsed.state = state
    found = FoundUsage(job, agent)
    try:
        _add_all(text, found, add)
        parsed.start = 0
    except BadValueError as error:
        found.problem(str(error))
    found.give(parsed)
    return parsed


def _add_all(
    text: bytes, found: FoundUsage, add: Callable[[dict[str, Any], FoundUsage], None]
) -> None:
    """Add the answers in a document.

    Raises:
        BadValueError: If it is not a whole one; what was known of it stays valid.
    """
    if len(text) > MOST_BYTES:
        message = f"it is larger than {MOST_BYTES >> 20} MB"
        raise BadValueError(message)
    try:
        document = decode(text.removeprefix(_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"it is not a whole JSON document: {error}"
        raise BadValueError(message) from error
    if isinstance(document, dict):
        try:
            add(document, found)
        except BadValueError as error:
            found.problem(str(error))
