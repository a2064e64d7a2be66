"""Options from a configuration file, as ccusage reads it: what is typed wins over it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.errors import BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOCAL_FILE = Path(".ccusage/ccusage.json")
"""Where ccusage looks in the working directory if no file is named."""

_HUMP = r"(?<=[a-z])(?=[A-Z])"


class BadConfigurationError(BadArgumentError):
    """A configuration file that cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The configuration file {path} cannot be used: {reason}",
            "It must be a JSON object like ccusage's. Correct it or name another with --config.",
        )


def configured(path: Path | None, verb: str) -> list[str]:
    """Return what a configuration file says, as if it had been typed.

    Args:
        path: The file; None is the one in the working directory, which need not exist.
        verb: What is asked for. Each verb may have a section of its own, for Claude or for all.

    Raises:
        BadConfigurationError: If the file cannot be read, or is no JSON object.
    """
    if path is None:
        if not LOCAL_FILE.is_file():
            return []
        path = LOCAL_FILE
    content = _read(path)
    claude = _section(content, "claude")
    sections = (
        _section(content, "defaults"),
        _section(_section(content, "commands"), verb),
        _section(claude, "defaults"),
        _section(_section(claude, "commands"), verb),
    )
    merged: dict[str, object] = {}
    for section in sections:
        merged.update(section)
    return list(_words(merged))


def _read(path: Path) -> Mapping[str, object]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise BadConfigurationError(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadConfigurationError(path, f"it is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadConfigurationError(path, "it is no JSON object")
    return content


def _section(content: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = content.get(name)
    return section if isinstance(section, dict) else {}


def _words(options: Mapping[str, object]) -> Iterator[str]:
    for key, value in options.items():
        option = f"--{re.sub(_HUMP, '-', key).lower()}"
        if value is True:
            yield option
        elif isinstance(value, str | int | float) and value is not False:
            yield f"{option}={value}"
        elif isinstance(value, dict) and key == "projectAliases":
            yield f"{option}={','.join(f'{folder}={name}' for folder, name in value.items())}"
