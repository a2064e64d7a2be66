"""The folders in Codex's data folder that contain rollouts."""

from __future__ import annotations

from typing import Final

SESSIONS: Final = "sessions"
ARCHIVED: Final = "archived_sessions"
