from __future__ import annotations

from pathlib import Path

import pytest

from spendlight.claude_code.usage_cache import CachedUsage, read_usage_cache


def test_the_cached_usage_is_found_in_claude_codes_file(tmp_path: Path) -> None:
    file = tmp_path / ".claude.json"
    file.write_text(
        '{"projects":{"/w":{"history":["hi"]}},"cachedUsageUtilization":{"fetchedAtMs":1787188917258,'
        '"accountUuid":"abc","utilization":{"five_hour":{"utilization":46}}}}'
    )

    assert read_usage_cache(file) == CachedUsage({"five_hour": {"utilization": 46}}, 1787188917258)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff",
        b'{"cachedUsageUtilization":null}',
        b'{"cachedUsageUtilization":5}',
        b'{"cachedUsageUtilization":{"utilization":{}}}',
        b'{"cachedUsageUtilization":{"fetchedAtMs":"now"}}',
    ],
)
def test_a_file_without_cached_usage_yields_nothing(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / ".claude.json"
    file.write_bytes(text)

    assert read_usage_cache(file) is None
    assert read_usage_cache(tmp_path / "missing.json") is None
