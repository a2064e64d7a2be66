"""What Codex's own settings say about the price of its requests."""

from __future__ import annotations

import os
from typing import Any, Final

from spendlight.logs.codex.folders import ARCHIVED, SESSIONS
from spendlight.regular_files import read_regular

_FILE: Final = "config.toml"
_MOST_BYTES: Final = 1 << 20

FAST_TIERS: Final = frozenset({"fast", "priority"})
"""The service tiers that cost a multiple; Codex calls the tier "fast", OpenAI "priority"."""

USUAL_TIERS: Final = frozenset({"default", "standard"})

_known: Final[dict[str, tuple[tuple[int, int] | None, str]]] = {}
"""What files said, and their size and mtime then: there is one for thousands of logs."""


def service_tier(log: str) -> str:
    """Return the service tier that the settings in a rollout's data folder choose, or "".

    Args:
        log: The full path of the rollout.
    """
    folder = _data_folder(log)
    if not folder:
        return ""
    path = os.path.join(folder, _FILE)  # noqa: PTH118  # text
    try:
        status = os.stat(path)  # noqa: PTH116  # text
        state = (status.st_size, status.st_mtime_ns)
    except OSError:
        state = None
    known = _known.get(path)
    if known is None or known[0] != state:
        known = _known[path] = state, _tier_in(path) if state else ""
    return known[1]


def _data_folder(log: str) -> str:
    folder, below = os.path.split(os.path.dirname(log))  # noqa: PTH120  # text
    while below and below not in {SESSIONS, ARCHIVED}:
        folder, below = os.path.split(folder)
    return folder if below else ""


def _tier_in(path: str) -> str:
    """Return the tier of the profile in use, or of all; settings with errors choose none."""
    import tomllib  # few choose a tier

    try:
        text = read_regular(path, _MOST_BYTES)
        if b"service_tier" not in text:
            return ""
        found: dict[str, Any] = tomllib.loads(text.decode())
    except (OSError, ValueError, RecursionError):
        return ""
    profiles = found.get("profiles")
    profile = profiles.get(found.get("profile")) if isinstance(profiles, dict) else None
    for settings in (profile, found):
        tier = settings.get("service_tier") if isinstance(settings, dict) else None
        if isinstance(tier, str):
            return tier
    return ""
