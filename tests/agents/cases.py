"""The cases of all agents."""

from __future__ import annotations

from typing import Final

from tests.agents import (
    codex_cases,
    copilot_cases,
    cowork_cases,
    gemini_cases,
    kimi_cases,
    opencode_cases,
    pi_cases,
    small_cases,
)
from tests.agents.kit import Case

CASES: Final[tuple[Case, ...]] = (
    *codex_cases.CASES,
    *opencode_cases.CASES,
    *gemini_cases.CASES,
    *copilot_cases.CASES,
    *cowork_cases.CASES,
    *pi_cases.CASES,
    *kimi_cases.CASES,
    *small_cases.CASES,
)
