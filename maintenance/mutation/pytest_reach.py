"""A pytest plugin that records how long each test takes, and makes Hypothesis deterministic.

Loaded by name (``-p pytest_reach``) from its own folder.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile(  # any failure will do, not only the smallest
    "mutants",
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)

_seconds: Counter[str] = Counter()
_failed: set[str] = set()


def pytest_runtest_setup() -> None:
    """Forget what functions have cached, so that each test runs all lines that it needs."""
    for name, module in list(sys.modules.items()):
        if name.startswith("spendlight."):
            for value in vars(module).values():
                if isinstance(value, functools._lru_cache_wrapper):  # noqa: SLF001  # its only name
                    value.cache_clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the time of set-up, call and tear-down of a test."""
    _seconds[report.nodeid] += report.duration  # type: ignore[assignment]  # counts seconds
    if report.failed:
        _failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write the notes where the environment says."""
    place = os.environ.get("REACH_NOTES")
    if place:
        notes = {"seconds": _seconds, "failed": sorted(_failed)}
        Path(place).write_text(json.dumps(notes), encoding="utf-8")
