"""The cases of all agents."""

from __future__ import annotations

from typing import Final

from tests.agents import gemini_cases, opencode_cases, small_cases
from tests.agents.kit import Case

CASES: Final[tuple[Case, ...]] = (*opencode_cases.CASES, *gemini_cases.CASES, *small_cases.CASES)
