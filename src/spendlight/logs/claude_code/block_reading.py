"""Reads session-block files."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.described_blocks import (
    LONGEST_BLOCK_MS,
    MOST_BLOCK_DOLLARS,
    MOST_BLOCK_TOKENS,
    DescribedBlock,
)
from spendlight.metering.periods import DEFAULT_BLOCK_MS, TOO_LATE_MS, to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES: Final = 64 << 20
"""A larger file is reported: a block takes some 300 bytes, so this is enough for a century."""

_KINDS: Final = (
    "inputTokens",
    "outputTokens",
    "cacheCreationInputTokens",
    "cacheReadInputTokens",
)


class BlockFileError(Exception):
    """A session-block file, or a block in it, cannot be used; the text says why."""


def read_block_file(path: str) -> tuple[list[DescribedBlock], list[str]]:
    """Return the blocks that a file describes, and what is wrong with others in it.

    A file contains a list of blocks, an object with such a list under ``blocks`` or ``sessions``,
    or a single block. Gaps, which ccusage writes among its blocks, are skipped.

    Raises:
        BlockFileError: If the file is not of this kind.
        OSError: If it cannot be read.
    """
    try:
        content = json.loads(_content(path))
    except (ValueError, RecursionError) as error:
        message = f"it is not valid JSON: {error}"
        raise BlockFileError(message) from error
    blocks: list[DescribedBlock] = []
    problems: list[str] = []
    for number, block in enumerate(_blocks_in(content), start=1):
        if isinstance(block, dict) and block.get("isGap") is True:
            continue
        try:
            blocks.append(_block(block))
        except BlockFileError as error:
            problems.append(f"block {number}: {error}")
    return blocks, problems


def _content(path: str) -> bytes:
    """Return the contents of a file; only regular files of a sensible size are read."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(number, "rb") as file:  # noqa: PTH123  # a descriptor
        if not stat.S_ISREG(os.fstat(number).st_mode):
            message = "it is not a file"
            raise BlockFileError(message)
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        message = f"it is larger than {_MOST_BYTES >> 20} MB"
        raise BlockFileError(message)
    return content


def _blocks_in(content: object) -> Iterator[object]:
    if isinstance(content, dict):
        for key in ("blocks", "sessions"):
            if isinstance(content.get(key), list):
                yield from content[key]
                return
        yield content
    elif isinstance(content, list):
        yield from content
    else:
        message = "it contains no blocks"
        raise BlockFileError(message)


def _block(value: object) -> DescribedBlock:
    if not isinstance(value, dict):
        message = "it is not an object"
        raise BlockFileError(message)
    start_ms = _moment(value, "startTime")
    end_ms = _moment(value, "endTime") if "endTime" in value else start_ms + DEFAULT_BLOCK_MS
    if not 0 < end_ms - start_ms <= LONGEST_BLOCK_MS:
        message = "its end is not after its start, or more than a day later"
        raise BlockFileError(message)
    counts = value.get("tokenCounts", {})
    if not isinstance(counts, dict):
        message = "tokenCounts is not an object"
        raise BlockFileError(message)
    read, output, cache_write, cache_read = (_count(counts, kind) for kind in _KINDS)
    cost = _cost(value)
    return DescribedBlock(start_ms, end_ms, read, output, cache_write, cache_read, cost)


def _moment(value: dict[str, Any], key: str) -> int:
    text = value.get(key)
    try:
        moment = datetime.fromisoformat(text)  # type: ignore[arg-type]  # anything else is told
        at_ms = to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError):
        at_ms = -1
    if not 0 <= at_ms < TOO_LATE_MS:
        message = f"{key} is not a time" if at_ms < 0 else f"{key} is after 2199"
        raise BlockFileError(message)
    return at_ms


def _count(counts: dict[str, Any], kind: str) -> int:
    count = counts.get(kind) or 0
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MOST_BLOCK_TOKENS:
        message = f"{kind} is not a number of tokens"
        raise BlockFileError(message)
    return count


def _cost(value: dict[str, Any]) -> float | None:
    cost = value.get("costUSD")
    if cost is None:
        return None
    is_number = isinstance(cost, int | float) and not isinstance(cost, bool)
    if not is_number or not 0 <= cost <= MOST_BLOCK_DOLLARS:
        message = "costUSD is not an amount of dollars"
        raise BlockFileError(message)
    return float(cost)
