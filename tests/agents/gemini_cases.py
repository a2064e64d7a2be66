"""Cases of Gemini CLI and Qwen Code."""

from __future__ import annotations

from typing import Any, Final

from tests.agents.kit import GEMINI, Case, Text, document, lines

CHATS: Final = ".gemini/tmp/4d6f7373/chats"
UNKNOWN: Final = "4d6f7373"


def header(session: str = "s1", **more: object) -> dict[str, Any]:
    """Return what a session begins with."""
    return {
        "sessionId": session,
        "projectHash": UNKNOWN,
        "startTime": "2026-03-01T10:00:00.000Z",
    } | more


def answer(key: str, second: int = 1, **counts: int) -> dict[str, Any]:
    """Return an answer with some counts."""
    return {
        "id": key,
        "timestamp": f"2026-03-01T10:00:{second:02}.000Z",
        "type": "gemini",
        "content": "Water it.",
        "model": GEMINI,
        "tokens": counts,
    }


USER: Final = {"id": "u", "timestamp": "2026-03-01T10:00:00.000Z", "type": "user", "content": "?"}
WITHIN: Final = answer("a", input=1000, output=100, cached=400, thoughts=50, tool=0, total=1150)
TOOL: Final = answer("b", 2, input=2000, output=10, cached=0, thoughts=0, tool=20, total=2030)
BESIDE: Final = answer("c", 3, input=1000, output=100, cached=400, thoughts=50, total=1550)
NO_TOTAL: Final = answer("d", 4, input=7, output=1, cached=3)


def without_model(message: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that leaves the model to the one before it."""
    return {key: value for key, value in message.items() if key != "model"}


def qwen(key: str, second: int = 1, **counts: int) -> dict[str, Any]:
    """Return a line of Qwen Code with some counts."""
    return {
        "uuid": key,
        "sessionId": "s1",
        "timestamp": f"2026-03-01T10:00:{second:02}.000Z",
        "type": "assistant",
        "cwd": "/home/ada/moss",
        "version": "0.21.14",
        "model": GEMINI,
        "usageMetadata": {f"{name}TokenCount": count for name, count in counts.items()},
    }


TELEMETRY: Final = {
    "uuid": "t",
    "sessionId": "s1",
    "timestamp": "2026-03-01T10:00:01.000Z",
    "type": "system",
    "systemPayload": {"uiEvent": {"input_token_count": 1000, "usageMetadata": 1}},
}

CASES: Final = (
    Case(
        "a session as a document",
        "gemini",
        {
            f"{CHATS}/session-1.json": document(
                header(messages=[USER, WITHIN, TOOL, BESIDE, NO_TOTAL], summary="Moss")
            )
        },
        {(UNKNOWN, "s1"): (600 + 2020 + 1000 + 7, 150 + 10 + 150 + 1, 0, 400 + 400 + 3)},
        (3627 + 311 * 8 + 803 * 0.1) / 1e6,
        reasoning=100,
    ),
    Case(
        "a session as lines, which repeat messages",
        "gemini",
        {
            f"{CHATS}/session-1.jsonl": lines(
                header(kind="main"),
                {"$set": {"lastUpdated": "2026-03-01T10:00:00.000Z"}},
                USER,
                answer("a", input=10, output=1, total=11),
                WITHIN,
                {"$set": {"summary": "Moss"}},
                WITHIN | {"toolCalls": []},
                without_model(TOOL),
            )
        },
        {(UNKNOWN, "s1"): (2620, 160, 0, 400)},
        (2620 + 160 * 8 + 400 * 0.1) / 1e6,
        reasoning=50,
    ),
    Case(
        "a project that the agent has named, and what is no session",
        "gemini",
        {
            ".gemini/tmp/moss/.project_root": Text(b"/home/ada/moss"),
            ".gemini/tmp/moss/chats/session-2.json": document(header("s2", messages=[WITHIN])),
            ".gemini/tmp/moss/chats/s2/session-3.jsonl": lines(
                header("s3", kind="subagent"), TOOL, {"type": "gemini", "tokens": {"input": -1}}
            ),
            ".gemini/tmp/moss/logs.json": document([USER, USER]),
            ".gemini/tmp/moss/chats/empty.json": document(header("s4", messages=[])),
            ".gemini/tmp/moss/chats/bad.json": document(
                header("s5", messages=[answer("x", input=1, output=1) | {"timestamp": "soon"}])
            ),
        },
        {("-home-ada-moss", "s2"): (600, 150, 0, 400), ("-home-ada-moss", "s3"): (2020, 10, 0, 0)},
        (2620 + 160 * 8 + 400 * 0.1) / 1e6,
        problems=2,
        reasoning=50,
    ),
    Case(
        "statistics of runs in scripts, in a folder that is named",
        "gemini",
        {
            "runs/out.json": document(
                {
                    "sessionId": "s9",
                    "timestamp": "2026-03-01T10:00:01.000Z",
                    "stats": {
                        "models": {
                            GEMINI: {
                                "tokens": {
                                    "prompt": 100,
                                    "candidates": 10,
                                    "cached": 40,
                                    "thoughts": 5,
                                    "tool": 2,
                                    "total": 117,
                                }
                            }
                        }
                    },
                }
            )
        },
        {("Unknown Project", "s9"): (62, 15, 0, 40)},
        (62 + 15 * 8 + 40 * 0.1) / 1e6,
        environ={"GEMINI_DATA_DIR": "{home}/runs"},
        reasoning=5,
    ),
    Case(
        "lines, whose counts are in other lines, too",
        "qwen",
        {
            ".qwen/projects/-home-ada-moss/chats/s1.jsonl": lines(
                TELEMETRY,
                qwen("a", prompt=1000, candidates=100, thoughts=20, cachedContent=400, total=1120),
                qwen("b", 2, prompt=1000, candidates=100, thoughts=20, total=1100),
                qwen("c", 3, prompt=10, candidates=1),
                qwen("d", 4, prompt=0, candidates=0),
                TELEMETRY,
            )
        },
        {("-home-ada-moss", "s1"): (600 + 1000 + 10, 120 + 100 + 1, 0, 400)},
        (1610 + 221 * 8 + 400 * 0.1) / 1e6,
        reasoning=20,
    ),
    Case(
        "documents of its first versions",
        "qwen",
        {".qwen/tmp/4d6f7373/chats/session-1.json": document(header(messages=[WITHIN]))},
        {(UNKNOWN, "s1"): (600, 150, 0, 400)},
        (600 + 150 * 8 + 400 * 0.1) / 1e6,
        reasoning=50,
    ),
)
