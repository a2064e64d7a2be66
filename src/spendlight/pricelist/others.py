"""The models of a price list other than Claude's: thousands, of which reports need few."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from zlib import crc32

from spendlight.pricelist.files import MAX_BYTES
from spendlight.regular_files import read_regular
from spendlight.values import NamedTuple

OTHERS_NAME = "prices-others.json"
"""The file name of the list of other models, shipped or fetched."""

_END = b"\n}}\n"


class OthersFile(NamedTuple):
    """A file with a list of other models.

    Attributes:
        path: The file, as written by `files.as_text`.
        dated: The date it must have to belong to the list of Claude's models; None for any.
    """

    path: Path
    dated: str | None = None


class OtherModels:
    """A price list in a file with one line for each model, read on first use.

    Only requested lines are decoded, as all of them would take as long as a short report.

    Args:
        files: Possible files; the first complete one is used. Without any, the list is empty.
    """

    def __init__(self, *files: OthersFile) -> None:
        self._files = files

    def get(self, name: str, /) -> object:
        """Return the entry of a model, or None if there is none."""
        line = self._lines.get(name) if "_lines" in self.__dict__ else self._line(name)
        try:
            entry: object = json.loads(line.rstrip(b",")) if line else None
        except (ValueError, RecursionError):  # edited by hand
            return None
        return entry

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all models."""
        return iter(self._lines)

    def _line(self, name: str) -> bytes:
        """Return the value of a name; faster than decoding all if only one or two are needed."""
        key = f"\n{json.dumps(name)}:".encode()
        start = self._text.find(key) + len(key)
        return self._text[start : self._text.find(b"\n", start)] if start >= len(key) else b""

    @cached_property
    def _lines(self) -> dict[str, bytes]:
        parts = [line.partition(b'":{') for line in self._text.split(b"\n")[1:-2]]
        return {_unquoted(name + b'"'): b"{" + entry for name, _, entry in parts}

    @cached_property
    def fingerprint(self) -> str:
        """An identifier of the contents."""
        text = self._text if "_text" in self.__dict__ else self._read()  # takes 0.7 MB
        return format(crc32(text), "08x")

    @cached_property
    def _text(self) -> bytes:
        return self._read()

    def _read(self) -> bytes:
        return next((text for file in self._files if (text := whole_text(file))), b"")


def _unquoted(name: bytes) -> str:
    if b"\\" not in name:
        return name[1:-1].decode()
    try:
        return str(json.loads(name))
    except ValueError:  # edited by hand
        return name.decode()


def whole_text(file: OthersFile) -> bytes:
    """Return the contents of a list of other models, or b"" if it is incomplete or another one."""
    try:
        text = read_regular(file.path, MAX_BYTES)
    except OSError:
        return b""
    head = text[: text.find(b"\n")]
    try:
        dated = json.loads(head + b"}}")["dated"]
        text.decode()
    except (KeyError, TypeError, ValueError):
        return b""
    is_meant = file.dated is None or dated == file.dated
    return text if is_meant and text.endswith(_END) else b""
