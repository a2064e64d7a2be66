"""Decodes JSON whose text is not all valid, as programs in JavaScript write it."""

from __future__ import annotations

import json
from typing import Any, Never

import msgspec


def decode(data: bytes | str) -> Any:  # noqa: ANN401  # any JSON
    """Return what JSON says; what is no character in it, such as half of one, is replaced.

    JavaScript cuts texts between the two halves of an emoji and escapes the half that is left.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: If it is not JSON.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = data if isinstance(data, str) else str(data, "utf-8", "replace")
        try:
            found = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise error from None
        return msgspec.json.decode(json.dumps(found, ensure_ascii=False).encode(errors="replace"))


def _refuse(name: str) -> Never:
    raise ValueError(name)
