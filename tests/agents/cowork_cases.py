"""Cases of Claude Code in Claude's desktop."""

from __future__ import annotations

import sys
from typing import Final

from tests.agents.kit import Case, Lines
from tests.makers import line

FOLDER: Final = {
    "win32": "AppData/Roaming/Claude",
    "darwin": "Library/Application Support/Claude",
}.get(sys.platform, ".config/Claude")
SESSIONS: Final = f"{FOLDER}/local-agent-mode-sessions"
ACCOUNT: Final = "5b1c0a8e/7d2f4b6a"
ENVIRON: Final = {"APPDATA": "{home}/AppData/Roaming"} if sys.platform == "win32" else {}


def log(*ids: str) -> Lines:
    """Return a log with an answer of each id."""
    return Lines(b"".join(line(id=f"msg_{one}", requestId=f"req_{one}") for one in ids))


USED: Final = (3, 400, 1000, 20000)
COST: Final = (3 * 5 + 400 * 25 + 1000 * 6.25 + 20000 * 0.5) / 1e6

CASES: Final = (
    Case(
        "sessions of Cowork, each in a folder of its own",
        "claude-code",
        {
            f"{SESSIONS}/{ACCOUNT}/local_1/.claude/projects/-sessions-moss/s1.jsonl": log("a"),
            f"{SESSIONS}/{ACCOUNT}/local_1/audit.jsonl": log("copy"),
            f"{SESSIONS}/{ACCOUNT}/agent/local_2/.claude/projects/-sessions-fern/s2.jsonl": log(
                "b"
            ),
            f"{SESSIONS}/skills-plugin/{ACCOUNT}/skills/notes.jsonl": log("c"),
        },
        {("-sessions-moss", "s1"): USED, ("-sessions-fern", "s2"): USED},
        2 * COST,
        environ=ENVIRON,
    ),
    Case(
        "sessions of Cowork in a folder that is named",
        "claude-code",
        {
            f"mnt/c/local-agent-mode-sessions/{ACCOUNT}/local_1/.claude/projects/p/s1.jsonl": log(
                "a"
            ),
            f"{SESSIONS}/{ACCOUNT}/local_2/.claude/projects/p/s2.jsonl": log("b"),
            ".claude/projects/p/s3.jsonl": log("c"),
        },
        {("p", "s1"): USED},
        COST,
        environ=ENVIRON | {"CLAUDE_CONFIG_DIR": "{home}/mnt/c/local-agent-mode-sessions"},
    ),
)
