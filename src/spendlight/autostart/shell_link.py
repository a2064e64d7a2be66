"""Shortcuts of Windows (.lnk), written byte by byte: [MS-SHLLINK] and [MS-PROPSTORE].

Windows' own interface for this, COM, cannot be tested on other systems; this can. The shortcut
contains the target as a path, which Windows looks up when the shortcut is used.
"""

from __future__ import annotations

import struct
import uuid
from typing import Final, NamedTuple

CLASS_ID: Final = uuid.UUID("00021401-0000-0000-C000-000000000046").bytes_le
APP_MODEL: Final = uuid.UUID("9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3")
"""The property set that contains the AppUserModelID."""

APP_MODEL_ID: Final = 5
"""Its number in that set."""

_HEADER: Final = struct.Struct("<L16sLLQQQLLLHHLL")

_HAS_LINK_INFO: Final = 0x0002
_HAS_NAME: Final = 0x0004
_HAS_WORKING_DIR: Final = 0x0010
_HAS_ARGUMENTS: Final = 0x0020
_HAS_ICON: Final = 0x0040
_IS_UNICODE: Final = 0x0080
_HAS_EXPANDABLE: Final = 0x0200

_ARCHIVE: Final = 0x20
"""The attribute of a plain file."""

_SHOW_NORMAL: Final = 1
_FIXED_DRIVE: Final = 3

_ENVIRONMENT_BLOCK: Final = 0xA0000001
_PROPERTY_BLOCK: Final = 0xA0000009
_STORAGE_VERSION: Final = 0x53505331
_TEXT: Final = 0x001F
"""VT_LPWSTR."""

_PATH_LETTERS: Final = 260
"""MAX_PATH: the size of the environment block."""


class ShellLink(NamedTuple):
    """The contents of a shortcut.

    Attributes:
        target: The program's path.
        arguments: Its arguments, as one text.
        comment: Its tooltip in Windows.
        icon: The path of a file with icons.
        folder: The working directory of the program.
        properties: Texts by property set and number.
    """

    target: str
    arguments: str = ""
    comment: str = ""
    icon: str = ""
    folder: str = ""
    properties: dict[tuple[uuid.UUID, int], str] = {}  # noqa: RUF012  # never changed

    def to_bytes(self) -> bytes:
        """Return the contents of the shortcut's file."""
        texts = {
            _HAS_NAME: self.comment,
            _HAS_WORKING_DIR: self.folder,
            _HAS_ARGUMENTS: self.arguments,
            _HAS_ICON: self.icon,
        }
        flags = _HAS_LINK_INFO | _IS_UNICODE
        is_short = len(self.target) < _PATH_LETTERS
        flags |= _HAS_EXPANDABLE if is_short else 0
        for flag, text in texts.items():
            flags |= flag if text else 0
        header = _HEADER.pack(
            _HEADER.size, CLASS_ID, flags, _ARCHIVE, 0, 0, 0, 0, 0, _SHOW_NORMAL, 0, 0, 0, 0
        )
        blocks = _environment_block(self.target) if is_short else b""
        if self.properties:
            blocks += property_block(self.properties)
        said = b"".join(_counted(text) for text in texts.values() if text)
        return header + _link_info(self.target) + said + blocks + bytes(4)


def read_link(data: bytes) -> ShellLink:
    """Parse one of our shortcuts.

    Raises:
        ValueError: If it is not a shortcut, or was not written here.
    """
    try:
        return _read(data)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        msg = "it was not made by Spendlight"
        raise ValueError(msg) from error


def _read(data: bytes) -> ShellLink:
    size, class_id, flags, *_ = _HEADER.unpack_from(data)
    if size != _HEADER.size or class_id != CLASS_ID or not flags & _HAS_LINK_INFO or flags & 1:
        msg = "it was not made by Spendlight"
        raise ValueError(msg)
    offset = _HEADER.size
    (length,) = struct.unpack_from("<L", data, offset)
    (path_at,) = struct.unpack_from("<L", data, offset + 28)
    target = data[offset + path_at : offset + length].decode("utf-16-le").split("\0")[0]
    offset += length
    texts = {}
    for flag in (_HAS_NAME, _HAS_WORKING_DIR, _HAS_ARGUMENTS, _HAS_ICON):
        if flags & flag:
            (count,) = struct.unpack_from("<H", data, offset)
            texts[flag] = data[offset + 2 : offset + 2 + 2 * count].decode("utf-16-le")
            offset += 2 + 2 * count
    return ShellLink(
        target,
        texts.get(_HAS_ARGUMENTS, ""),
        texts.get(_HAS_NAME, ""),
        texts.get(_HAS_ICON, ""),
        texts.get(_HAS_WORKING_DIR, ""),
        _properties(data, offset),
    )


def _properties(data: bytes, offset: int) -> dict[tuple[uuid.UUID, int], str]:
    """Return the texts in the property blocks at an offset."""
    found = {}
    while (size := struct.unpack_from("<L", data, offset)[0]) >= 4:  # noqa: PLR2004  # the end
        if struct.unpack_from("<L", data, offset + 4)[0] == _PROPERTY_BLOCK:
            at = offset + 8
            while storage := struct.unpack_from("<L", data, at)[0]:
                key = uuid.UUID(bytes_le=data[at + 8 : at + 24])
                value = at + 24
                while length := struct.unpack_from("<L", data, value)[0]:
                    (number,) = struct.unpack_from("<L", data, value + 4)
                    (count,) = struct.unpack_from("<L", data, value + 13)
                    text = data[value + 17 : value + 17 + 2 * count].decode("utf-16-le")
                    found[key, number] = text.rstrip("\0")
                    value += length
                at += storage
        offset += size
    return found


def _counted(text: str) -> bytes:
    """Return a text preceded by its length."""
    data = text.encode("utf-16-le")
    return struct.pack("<H", len(data) // 2) + data


def _link_info(path: str) -> bytes:
    """Return the location of the target: on a local drive, at a path."""
    header = 36
    volume = struct.pack("<LLLL", 17, _FIXED_DRIVE, 0, 16) + b"\0"
    local = path.encode("ascii", "replace") + b"\0"
    wide = path.encode("utf-16-le") + b"\0\0"
    volume_at = header
    local_at = volume_at + len(volume)
    suffix_at = local_at + len(local)
    wide_at = suffix_at + 1
    wide_suffix_at = wide_at + len(wide)
    size = wide_suffix_at + 2
    offsets = (volume_at, local_at, 0, suffix_at, wide_at, wide_suffix_at)
    head = struct.pack("<LLL6L", size, header, 1, *offsets)
    return head + volume + local + b"\0" + wide + b"\0\0"


def _environment_block(path: str) -> bytes:
    """Return the target again, which Windows uses if all else fails."""
    local = path.encode("ascii", "replace").ljust(_PATH_LETTERS, b"\0")
    wide = path.encode("utf-16-le").ljust(2 * _PATH_LETTERS, b"\0")
    return struct.pack("<LL", 8 + len(local) + len(wide), _ENVIRONMENT_BLOCK) + local + wide


def property_block(properties: dict[tuple[uuid.UUID, int], str]) -> bytes:
    """Return texts in the form of a shortcut's properties."""
    storages = b""
    for (key, number), text in properties.items():
        data = text.encode("utf-16-le") + b"\0\0"
        count = len(data) // 2
        data += bytes(-len(data) % 4)
        value = struct.pack("<LBHHL", number, 0, _TEXT, 0, count) + data
        value = struct.pack("<L", len(value) + 4) + value + bytes(4)
        storage = struct.pack("<L", _STORAGE_VERSION) + key.bytes_le + value
        storages += struct.pack("<L", len(storage) + 4) + storage
    return struct.pack("<LL", 8 + len(storages) + 4, _PROPERTY_BLOCK) + storages + bytes(4)
