"""What JavaScript writes of cut texts is read, and what is no JSON is refused."""

from __future__ import annotations

import msgspec
import pytest

from spendlight.logs.lenient_json import decode


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (rb'{"title": "cut \ud83d", "n": 1}', {"title": "cut ?", "n": 1}),
        (r'{"title": "cut \ude00", "n": 1}', {"title": "cut ?", "n": 1}),
        (rb'["\ud83d\ude00"]', ["\U0001f600"]),
        (b'["\xff"]', ["\ufffd"]),
    ],
)
def test_what_is_no_character_is_replaced(data: bytes | str, said: object) -> None:
    assert decode(data) == said


@pytest.mark.parametrize("data", [b'{"n": 1', b'{"n": NaN}', b"", b'["\xff'])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        decode(data)
