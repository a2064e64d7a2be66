from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shortcuts import app_id_of

from spendlight.autostart.shell_link import APP_MODEL, APP_MODEL_ID, ShellLink, property_block

HEADER = b"\x4c\0\0\0" + bytes(16)
END = bytes(4)


def link(flags: int, body: bytes = b"", end: bytes = END) -> bytes:
    """Return a shortcut: its header, the parts announced by its flags, and its end."""
    return HEADER + struct.pack("<I", flags) + bytes(76 - 24) + body + end


def property_store_block(app_id: str) -> bytes:
    """Return what the installer puts in the place of a shortcut's end."""
    return property_block({(APP_MODEL, APP_MODEL_ID): app_id}) + END


EMPTY = link(0)
FULL = link(
    1 | 2 | 4 | 64 | 0x80,
    b"".join(
        [
            struct.pack("<H2s", 2, b""),
            struct.pack("<I4s", 8, b""),
            struct.pack("<H6s", 3, "Ünï".encode("utf-16-le")),
            struct.pack("<H2s", 1, "i".encode("utf-16-le")),
        ]
    ),
)


@pytest.mark.parametrize("before", [EMPTY, FULL], ids=["empty", "full"])
@given(app_id=st.from_regex(r"[A-Za-z]{1,20}\.[A-Za-z]{1,20}", fullmatch=True))
def test_a_shortcut_gets_an_identity_in_the_place_of_its_end(before: bytes, app_id: str) -> None:
    assert app_id_of(before) is None

    assert app_id_of(before[:-4] + property_store_block(app_id)) == app_id


def test_other_properties_are_ignored() -> None:
    other = struct.pack("<III", 12, 0xA0000009, 0)

    assert app_id_of(FULL[:-4] + other + property_store_block("A.B")) == "A.B"


@pytest.mark.parametrize(
    "data", [b"", b"MZ", FULL[:-6], FULL + b"\0", FULL[:-4] + property_store_block("A.B")[:-9]]
)
def test_an_incomplete_shortcut_is_rejected(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        app_id_of(data)


def test_the_identity_of_our_own_shortcut_is_read() -> None:
    key = (APP_MODEL, APP_MODEL_ID)

    assert app_id_of(ShellLink("C:\\x.exe", properties={key: "A.B"}).to_bytes()) == "A.B"
    assert app_id_of(ShellLink("C:\\x.exe").to_bytes()) is None
