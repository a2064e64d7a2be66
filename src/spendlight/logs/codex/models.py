"""Which model answered where a rollout does not say so."""

from __future__ import annotations

from typing import Final

UNNAMED: Final = "gpt-5"
"""What is assumed if a rollout names no model, as that of version 0.34: its default."""

AUTO_REVIEW: Final = "codex-auto-review"
"""The name of a reviewer whose model changes with Codex's default; it has no price of its own."""

_REVIEWERS: Final = (
    (1_785_369_600_000, "gpt-5.6-luna"),  # 2026-07-30
    (1_772_668_800_000, "gpt-5.4"),  # 2026-03-05
    (1_770_249_600_000, "gpt-5.3-codex"),  # 2026-02-05
    (1_765_411_200_000, "gpt-5.2-codex"),  # 2025-12-11
    (1_762_992_000_000, "gpt-5.1-codex"),  # 2025-11-13
    (1_757_894_400_000, "gpt-5-codex"),  # 2025-09-15
)
"""Since when, in Unix milliseconds, which model is behind it; the same as in ccusage 20.0.24."""


def reviewer(at_ms: int) -> str:
    """Return the model that was behind `AUTO_REVIEW` at some time."""
    return next((model for since, model in _REVIEWERS if at_ms >= since), UNNAMED)
