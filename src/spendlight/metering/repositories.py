"""To which repository a folder belongs, as far as its path says."""

from __future__ import annotations

from typing import Final

_WORKTREES: Final = "/.claude/worktrees/"
"""Where Claude Code makes worktrees, in the main checkout: a folder for each."""


def claude_worktree_of(folder: str) -> str:
    """Return the main checkout in which Claude Code made a worktree; "" if it is not such a folder.

    The path alone decides, so it is known even when the worktree has been removed.

    Args:
        folder: A path in a worktree, as any system writes it.
    """
    at = folder.replace("\\", "/").find(_WORKTREES)
    if at <= 0 or len(folder) == at + len(_WORKTREES):
        return ""
    return folder[:at]
