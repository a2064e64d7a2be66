"""Reads price lists from files and writes them, and rejects invalid ones."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from spendlight.errors import PriceListError
from spendlight.regular_files import read_regular

Models = dict[str, dict[str, object]]
"""Models by name, each in LiteLLM's format."""

MAX_BYTES = 32 * 1024 * 1024
"""Ten times the current size of LiteLLM's list; anything larger is something else."""

MAX_OBJECTS = 200_000
"""Ten times the current number of objects and lists in it; each takes more memory than its text."""


_TOO_LARGE = "it is larger than any price list"
_NO_JSON = "it is not valid JSON"
_NO_OBJECT = "it is not a JSON object"


class NoListError(ValueError):
    """Something is not a price list; the text follows its name in a message."""


def decoded(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a text, if it may be a price list.

    Raises:
        NoListError: If it is something else, or too large to be read safely.
    """
    if len(body) > MAX_BYTES or body.count(b"{") + body.count(b"[") > MAX_OBJECTS:
        raise NoListError(_TOO_LARGE)
    try:
        content = json.loads(body, parse_constant=_refuse)
    except NoListError:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: also a number with 5,000 digits
        raise NoListError(_NO_JSON) from error
    if not isinstance(content, dict):
        raise NoListError(_NO_OBJECT)
    return content


def _refuse(constant: str) -> None:
    """Reject NaN and Infinity, which Python accepts although they are not valid JSON."""
    msg = f"{constant} is not a price"
    raise NoListError(msg)


def read(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        PriceListError: If there is none, or it cannot be a price list.
    """
    try:
        return decoded(read_regular(path, MAX_BYTES))
    except OSError as error:
        raise PriceListError(str(path), error.strerror or str(error)) from error
    except NoListError as error:
        raise PriceListError(str(path), str(error)) from error


def models_in(content: dict[str, Any]) -> Mapping[str, object]:
    """Return the models of a list, which may be bare or wrapped in ``{"models": …}``."""
    models = content.get("models")
    return models if isinstance(models, dict) else content


def dated(content: dict[str, Any]) -> date | None:
    """Return the date in a list."""
    try:
        return date.fromisoformat(content["dated"])
    except (KeyError, TypeError, ValueError):
        return None


def as_text(source: str, dated: str, models: Mapping[str, Mapping[str, object]]) -> str:
    """Return a price list as text, sorted, one line for each model."""
    lines = (
        f"{json.dumps(name)}:{json.dumps(models[name], sort_keys=True, separators=(',', ':'))}"
        for name in sorted(models)
    )
    head = f'{{"source":{json.dumps(source)},"dated":{json.dumps(dated)},"models":{{\n'
    return head + ",\n".join(lines) + "\n}}\n"


def write(path: Path, text: str) -> None:
    """Replace a file atomically; its folder is created if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
