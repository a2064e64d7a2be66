"""Codex's data folders for tests, with rollouts as Codex writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from tests.tracker.worlds import World

from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL = "gpt-5.1-codex"
PLACE = "sessions/2026/03/01/rollout-2026-03-01T12-00-00-a.jsonl"

Tokens = tuple[int, int, int, int]
"""Input, cached input, output and reasoning."""


def stamp(seconds: float) -> str:
    """Return a timestamp some seconds after noon."""
    return f"{NOON + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def rollout_line(seconds: float, kind: str, payload: Mapping[str, Any]) -> bytes:
    """Return a line of a rollout."""
    found = {"timestamp": stamp(seconds), "type": kind, "payload": payload}
    return json.dumps(found, separators=(",", ":")).encode() + b"\n"


def meta(session: str = "a", seconds: float = 0, **more: object) -> bytes:
    """Return the line that begins a session."""
    return rollout_line(
        seconds,
        "session_meta",
        {
            "id": session,
            "timestamp": stamp(seconds),
            "cwd": "/w/engine",
            "originator": "codex-tui",
            "cli_version": "0.140.0",
            "source": "cli",
            "git": {"branch": "main"},
            **more,
        },
    )


def turn(model: str = MODEL, seconds: float = 0, **more: object) -> bytes:
    """Return the line that begins a turn."""
    return rollout_line(
        seconds, "turn_context", {"cwd": "/w/engine", "model": model, "effort": "high", **more}
    )


def used(tokens: Tokens) -> dict[str, int]:
    """Return tokens as Codex writes them."""
    read, cached, output, reasoning = tokens
    return {
        "input_tokens": read,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": read + output,
    }


def count(
    seconds: float, last: Tokens | None = None, total: Tokens | None = None, **more: object
) -> bytes:
    """Return a line with counters."""
    info = dict(more)
    if total:
        info["total_token_usage"] = used(total)
    if last:
        info["last_token_usage"] = used(last)
    return rollout_line(seconds, "event_msg", {"type": "token_count", "info": info})


def counts(*lasts: Tokens, start: float = 10, step: float = 10) -> list[bytes]:
    """Return lines with counters, whose totals rise by each of some tokens."""
    sums = accumulate(lasts, lambda a, b: (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]))
    pairs = zip(lasts, sums, strict=True)
    return [count(start + at * step, last, total) for at, (last, total) in enumerate(pairs)]


class CodexWorld(World):
    """A place with a data folder of Codex's."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.codex = place / "codex"
        self.codex.mkdir(exist_ok=True)

    def write(self, place: str, *lines: bytes) -> Path:
        """Write a rollout, or replace it."""
        path = self.codex / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lines))
        return path

    def open(self, *, data: str = "data", **changes: object) -> UsageTracker:
        """Return a tracker that has read nothing yet."""
        environ = {
            "CLAUDE_CONFIG_DIR": str(self.root),
            "CODEX_HOME": str(self.codex),
            "SPENDLIGHT_MACHINE": "desk",
        }
        return self.tracker(data=data, environ=environ, **changes)

    def count(self, *, data: str = "data", **changes: object) -> UsageTracker:
        """Return a tracker that has read everything."""
        tracker = self.open(data=data, **changes)
        tracker.refresh()
        return tracker


def tokens_of(tracker: UsageTracker) -> dict[str, tuple[int, int, int, int]]:
    """Return input, cache writes, cache reads and output by session."""
    return {
        row.name.session: (tokens.input, tokens.cache_write, tokens.cache_read, tokens.output)
        for row in tracker.ask(Sessions()).rows
        for tokens in [row.spending.tokens]
    }
