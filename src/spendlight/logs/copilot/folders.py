"""The folders and files in Copilot CLI's data folder that contain usage."""

from __future__ import annotations

from typing import Final

SESSIONS: Final = "session-state"
TELEMETRY: Final = "otel"
EVENTS: Final = "events.jsonl"

NO_PROJECT: Final = "GitHub Copilot CLI"
"""The project of sessions whose logs name no folder (like in ccusage)."""
