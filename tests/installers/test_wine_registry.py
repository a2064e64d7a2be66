from __future__ import annotations

import pytest
from wine import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_SZ, Value, values_in

KEY = "HKEY_CURRENT_USER\\Environment"
TEXT = r"""Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\Environment]
"Name"="C:\\x \"y\""
"Size"=dword:0000002a
"Path"=hex(2):25,00,41,00,25,00,3b,00,\
  43,00,3a,00,00,00
"Off"=hex:03,00

[HKEY_CURRENT_USER\Environment\Below]
"Name"="other"
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_exported_key_is_read(end: str) -> None:
    assert values_in(TEXT.replace("\n", end), KEY.upper()) == {
        "Name": Value(REG_SZ, 'C:\\x "y"'),
        "Size": Value(REG_DWORD, 42),
        "Path": Value(REG_EXPAND_SZ, "%A%;C:"),
        "Off": Value(REG_BINARY, b"\3\0"),
    }


def test_a_missing_key_has_no_values() -> None:
    assert values_in(TEXT, "HKEY_CURRENT_USER\\Other") == {}
