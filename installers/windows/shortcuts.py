"""Reads the parts of Windows' shortcuts (.lnk, [MS-SHLLINK]) that the checks need."""

from __future__ import annotations

import struct
from typing import Final

from spendlight.autostart.shell_link import APP_MODEL, APP_MODEL_ID

_PROPERTIES: Final = 0xA0000009
_TEXT: Final = 31  # VT_LPWSTR


def app_id_of(link: bytes) -> str | None:
    """Return the AppUserModelID of a shortcut, or None if it has none.

    Raises:
        ValueError: If it is not a shortcut or is damaged.
    """
    try:
        return next(
            (found for block in _blocks(link) if (found := _app_id_in(block)) is not None), None
        )
    except (struct.error, IndexError) as error:
        raise ValueError(str(error)) from error


def _blocks(link: bytes) -> list[bytes]:
    """Return the extra blocks of a shortcut, which follow the parts that its flags announce."""
    if link[:4] != b"\x4c\0\0\0":
        reason = "it is no shortcut"
        raise ValueError(reason)
    flags = struct.unpack_from("<I", link, 20)[0]
    at = 76
    if flags & 1:  # the ID list of its target
        at += 2 + struct.unpack_from("<H", link, at)[0]
    if flags & 2:  # the location of its target
        at += struct.unpack_from("<I", link, at)[0]
    width = 2 if flags & 0x80 else 1
    for bit in (4, 8, 16, 32, 64):  # description, relative path, working folder, arguments, icon
        if flags & bit:
            at += 2 + width * struct.unpack_from("<H", link, at)[0]
    blocks = []
    while (size := struct.unpack_from("<I", link, at)[0]) >= 4:
        blocks.append(link[at + 4 : at + size])
        at += size
    if at + 4 != len(link):
        reason = f"{len(link) - at - 4} bytes follow its end"
        raise ValueError(reason)
    return blocks


def _app_id_in(block: bytes) -> str | None:
    if struct.unpack_from("<I", block)[0] != _PROPERTIES:
        return None
    at = 4
    while (size := struct.unpack_from("<I", block, at)[0]) != 0:
        if block[at + 8 : at + 24] == APP_MODEL.bytes_le:
            value = at + 24
            while (length := struct.unpack_from("<I", block, value)[0]) != 0:
                number, _, kind = struct.unpack_from("<IBH", block, value + 4)
                if (number, kind) == (APP_MODEL_ID, _TEXT):
                    letters = struct.unpack_from("<I", block, value + 13)[0]
                    text = block[value + 17 : value + 17 + 2 * letters]
                    return text.decode("utf-16-le").rstrip("\0")
                value += length
        at += size
    return None
