"""Changes one member of a JSON object in its text, without touching anything else."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple, NoReturn

_BOM: Final = "\ufeff"
_BLANKS: Final = re.compile(r"[ \t\r\n]*")


class Member(NamedTuple):
    """A member of an object, and its position in the text.

    Attributes:
        start: Where its key begins.
        key_end: Where its key ends.
        value_start: Where its value begins.
        end: Where its value ends.
    """

    key: str
    value: Any
    start: int
    key_end: int
    value_start: int
    end: int


class Members(NamedTuple):
    """The members of a JSON object in a text.

    Attributes:
        open: The position after its opening brace.
        close: The position of its closing brace.
    """

    members: tuple[Member, ...]
    open: int
    close: int

    def last(self, key: str) -> Member | None:
        """Return the member in force, which is the last one with its name, or None."""
        return next((m for m in reversed(self.members) if m.key == key), None)


def members(text: str) -> Members:
    """Parse the members of a JSON object.

    Raises:
        ValueError: If the text is not a JSON object.
    """
    start = len(_BOM) if text.startswith(_BOM) else 0
    try:
        if not isinstance(json.loads(text[start:], parse_constant=_refuse), dict):
            msg = "it is not a JSON object"
            raise ValueError(msg)  # noqa: TRY004  # the text is wrong, not the type
        return _read(text, _skip(text, start) + 1)
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None


def with_member(text: str, key: str, value: int | str) -> str:
    """Return the text with a member set: in place if it exists, otherwise after the last one.

    Args:
        text: A JSON object.
        key: The member's name.
        value: The value to be written as JSON.

    Raises:
        ValueError: If the text is not a JSON object.
    """
    found = members(text)
    known = found.last(key)
    if known is not None:
        return f"{text[: known.value_start]}{value}{text[known.end :]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    if not found.members:
        member = f"{newline}  {json.dumps(key)}: {value}{newline}"
        return f"{text[: found.open]}{member}{text[found.close :]}"
    last = found.members[-1]
    if len(found.members) > 1:
        lead = text[found.members[-2].end : last.start].partition(",")[2]
    else:
        lead = text[found.open : last.start]
    colon = text[last.key_end : last.value_start]
    return f"{text[: last.end]},{lead}{json.dumps(key)}{colon}{value}{text[last.end :]}"


def without_member(text: str, key: str) -> str:
    """Return the text without a member and its comma.

    Raises:
        ValueError: If the text is not a JSON object.
    """
    while True:
        found = members(text)
        index = next((n for n, m in enumerate(found.members) if m.key == key), None)
        if index is None:
            return text
        if index:
            start, end = found.members[index - 1].end, found.members[index].end
        elif len(found.members) > 1:
            start, end = found.members[0].start, found.members[1].start
        else:
            start, end = found.open, found.close
        text = text[:start] + text[end:]


def _read(text: str, opened: int) -> Members:
    decoder = json.JSONDecoder()
    found: list[Member] = []
    at = _skip(text, opened)
    while text[at] != "}":
        if text[at] == ",":
            at = _skip(text, at + 1)
        start = at
        key, key_end = decoder.raw_decode(text, start)
        value_start = _skip(text, _skip(text, key_end) + 1)
        value, end = decoder.raw_decode(text, value_start)
        found.append(Member(key, value, start, key_end, value_start, end))
        at = _skip(text, end)
    return Members(tuple(found), opened, at)


def _skip(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is not JSON"
    raise ValueError(msg)
