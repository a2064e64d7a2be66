"""Runs the command line in tests, with its own logs and a small price list."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.makers import OPUS, line, price_list, write_log
from tests.unread import Warnings

from spendlight.cli.main import main

COST = 0.026265
"""The cost of an answer of `makers.line` according to the small price list."""

TOKENS = 21_403
"""The tokens of all kinds in it."""

SETTINGS_TEXT = '{\n  "model": "opus"\n}\n'
"""Claude Code's settings before a change."""


class Ran:
    """The outcome of a command; if it succeeded, the test must look at its stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self._err = err
        self._warnings = Warnings()
        if not code:
            self._warnings.give(err.splitlines())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ran) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"Ran({self.code}, {self.out!r}, {self.err!r})"

    @property
    def err(self) -> str:
        self._warnings.give(self._err.splitlines(), is_read=True)
        return self._err

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever was printed
        return json.loads(self.out)


class Keyboard(io.StringIO):
    """A terminal without input."""

    def isatty(self) -> bool:
        return True


class Shell:
    """Runs commands on logs that tests write."""

    def __init__(
        self,
        place: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.place = place
        self.claude = place / "claude"
        self.prices = place / "prices.json"
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        (self.claude / "projects").mkdir(parents=True)
        self.prices.write_text(json.dumps(price_list()))
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(self.claude))
        monkeypatch.setenv("TZ", "UTC")
        monkeypatch.chdir(place)

    def set_noon(self) -> None:
        """Choose a time zone in which it is about noon, so that a few minutes ago was today."""
        offset = 12 - datetime.now(UTC).hour
        self._monkeypatch.setenv("TZ", f"Etc/GMT{-offset:+d}")

    def log(self, place: str, *lines: bytes) -> Path:
        """Write a log below ``projects``."""
        return write_log(self.claude, place, *(lines or (line(),)))

    def run(self, *words: str, stdin: bytes | None = b"") -> Ran:
        """Run a command in this process; if stdin is None, it is a terminal."""
        stream = Keyboard() if stdin is None else io.TextIOWrapper(io.BytesIO(stdin))
        self._monkeypatch.setattr(sys, "stdin", stream)
        code = main([*words, *self._prices()])
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)

    def start(self, *words: str, **environ: str) -> Ran:
        """Run a command in a separate process."""
        ran = subprocess.run(
            [sys.executable, "-m", "spendlight", *words, *self._prices()],
            env=os.environ | environ,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def _prices(self) -> list[str]:
        return ["--prices", str(self.prices)]


def minutes_ago(minutes: float, **changes: object) -> bytes:
    """Return the line of an answer some minutes ago, with a unique id."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    timestamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    names = {"id": f"msg_{minutes}", "requestId": f"req_{minutes}", "timestamp": timestamp}
    return line(**(names | changes))


def at(timestamp: str, name: str = "", **changes: object) -> bytes:
    """Return the line of an answer at a given time, with a unique id."""
    name = name or timestamp
    return line(id=f"msg_{name}", requestId=f"req_{name}", timestamp=timestamp, **changes)


def hook(transcript: str | Path, **changes: object) -> bytes:
    """Return what Claude Code passes to a status line."""
    said: dict[str, object] = {
        "session_id": "s1",
        "transcript_path": str(transcript),
        "cwd": "/w",
        "model": {"id": OPUS, "display_name": "Opus 4.5"},
        "cost": {"total_cost_usd": 0.42, "total_duration_ms": 1000},
    }
    return json.dumps(said | changes).encode()
