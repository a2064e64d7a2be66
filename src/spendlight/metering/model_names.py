"""Which model of a price list a logged name means, as ccusage 20.0.24 decides it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from spendlight.errors import BadArgumentError

_WORD = re.compile(r"[0-9A-Za-z]")
_NEXT_VERSION = re.compile(r"[-.](?![0-9]{8}(?![0-9A-Za-z]))[0-9]")
"""More digits are a later version: "claude-opus-4" is no "claude-opus-4-9". Eight are a date."""

_QUOTED_PAIR = r'\s*"([^"\\]+)"\s*:\s*"([^"\\]+)"\s*'
"""Compiled when it is needed, as few people have names of their own."""


def matching_names(model: str, listed: Iterable[str]) -> list[str]:
    """Return the names in a list that may mean a model, the best first.

    The listed name stands in the logged one or the other way round, as whole words and never
    across a version. "." and "@" may be written "-". The longest is the best, and of those the
    first in the alphabet.

    Args:
        model: The name as logged; upper and lower case are told apart.
        listed: The names to choose from.
    """
    if not model:
        return []
    dashed = _dashed(model)
    matching = (name for name in listed if name and _is_same(name, model, dashed))
    return sorted(matching, key=lambda name: (-len(name), name))


def _is_same(name: str, model: str, dashed_model: str) -> bool:
    if _contains(model, name) or _contains(name, model):
        return True
    dashed = _dashed(name)
    return _contains(dashed_model, dashed) or _contains(dashed, dashed_model)


def _dashed(name: str) -> str:
    return name.replace(".", "-").replace("@", "-")


def _contains(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        starts = at == 0 or not _WORD.match(text, at - 1)
        ends = not _WORD.match(text, end)
        is_later = name[-1] in "0123456789" and _NEXT_VERSION.match(text, end)
        if starts and ends and not is_later:
            return True
        at = text.find(name, at + 1)
    return False


def parse_aliases(text: str) -> dict[str, str]:
    """Read other names for models, as ``CCUSAGE_MODEL_ALIASES`` gives them.

    Args:
        text: ``logged=other,logged=other`` or a JSON object of strings; a backslash has no
            place in the name of a model.

    Returns:
        The name to use, by the name as logged.

    Raises:
        BadArgumentError: It is neither.
    """
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        inside = text[1:-1].strip()
        matches = [re.fullmatch(_QUOTED_PAIR, part) for part in inside.split(",")] if inside else []
        pairs = [(match[1], match[2]) if match else ("", "") for match in matches]
    else:
        parts = [part.partition("=") for part in text.split(",") if part.strip()]
        pairs = [(name.strip(), other.strip()) for name, _, other in parts]
    if not all(name and other and "=" not in other for name, other in pairs):
        title = f"These model aliases make no sense: {text}"
        advice = 'Write them as logged=other,logged=other or as {"logged": "other"}.'
        raise BadArgumentError(title, advice)
    return dict(pairs)
