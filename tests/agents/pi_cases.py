"""Cases of Pi and Oh My Pi."""

from __future__ import annotations

from typing import Any, Final

from tests.agents.kit import Case, Lines, lines
from tests.makers import OPUS

HOME: Final = ".pi/agent/sessions"
MOSS: Final = "--home-ada-moss--"
ASKED_MS: Final = 1_772_359_200_000
ANSWERED: Final = (100, 50, 20, 30)
ANSWER_COST: Final = (100 * 5 + 50 * 25 + 20 * 6.25 + 30 * 0.5) / 1e6


def header(session: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any value
    """Return the first line of a session."""
    return {
        "type": "session",
        "version": 3,
        "id": session,
        "timestamp": "2026-03-01T10:00:00.000Z",
        "cwd": "/home/ada/moss",
    } | changes


def answer(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any value
    """Return an assistant's message."""
    usage = {
        "input": 100,
        "output": 50,
        "cacheRead": 30,
        "cacheWrite": 20,
        "totalTokens": 200,
        "cost": {"input": 0.1, "total": 0},
    } | changes
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": "Done."}],
        "provider": "anthropic",
        "model": OPUS,
        "usage": usage,
        "stopReason": "stop",
        "timestamp": ASKED_MS + number,
    }
    return {
        "type": "message",
        "id": f"0000000{number}",
        "parentId": None,
        "timestamp": f"2026-03-01T10:00:0{number}.000Z",
        "message": message,
    }


def log(name: str, *objects: object, home: str = HOME) -> dict[str, Lines]:
    """Return a session's log by its path."""
    return {f"{home}/{MOSS}/2026-03-01T10-00-00-000Z_{name}.jsonl": lines(*objects)}


NOTHING: Final = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}
USER: Final = {
    "type": "message",
    "timestamp": "2026-03-01T10:00:00.500Z",
    "message": {"role": "user", "content": 'what does "usage" mean?'},
}
EFFORT: Final = {"type": "thinking_level_change", "thinkingLevel": "high"}

CASES: Final = (
    Case(
        "a session with aborted answers, and costs of its own",
        "pi",
        log(
            "one",
            header("one"),
            USER,
            answer(1),
            answer(2, **NOTHING),
            EFFORT,
            answer(3, cost={"total": 0.5}),
        ),
        {(MOSS, "one"): (200, 100, 40, 60)},
        ANSWER_COST + 0.5,
    ),
    Case(
        "a session that was branched off another one",
        "pi",
        log("one", header("one"), USER, answer(1), answer(2))
        | log(
            "two",
            header("two", timestamp="2026-03-01T11:00:00.000Z", branchedFrom="one.jsonl"),
            USER,
            answer(1) | {"id": "f0000001"},
            answer(4),
        ),
        {(MOSS, "one"): (200, 100, 40, 60), (MOSS, "two"): ANSWERED},
        3 * ANSWER_COST,
    ),
    Case(
        "the first version, without ids and totals",
        "pi",
        {
            f"{HOME}/{MOSS}/2025-11-20_old.jsonl": lines(
                header("old", version=None, provider="anthropic", modelId=OPUS),
                {key: value for key, value in answer(1).items() if "d" not in key},
            )
        },
        {(MOSS, "old"): ANSWERED},
        ANSWER_COST,
    ),
    Case(
        "Oh My Pi, with a subagent and a profile",
        "pi",
        log("one", header("one"), answer(1), home=".omp/agent/sessions")
        | {
            f".omp/agent/sessions/{MOSS}/2026-03-01T10-00-00-000Z_one/0-Scout.jsonl": lines(
                header("scout"), answer(2)
            )
        }
        | log("three", header("three"), answer(3), home=".omp/profiles/work/agent/sessions"),
        {(MOSS, "one"): (200, 100, 40, 60), (MOSS, "three"): ANSWERED},
        3 * ANSWER_COST,
    ),
    Case(
        "cache writes for an hour, and reasoning",
        "pi",
        log("one", header("one"), answer(1, cacheWrite1h=20, reasoning=10)),
        {(MOSS, "one"): ANSWERED},
        ANSWER_COST + 20 * (10 - 6.25) / 1e6,
        reasoning=10,
    ),
    Case(
        "impossible values",
        "pi",
        log(
            "one",
            header("one"),
            answer(1),
            answer(2, input=-1),
            answer(3, output="many"),
            answer(4) | {"timestamp": "yesterday"},
            answer(5, cost={"total": -3}),
            {"type": "message", "timestamp": None, "message": "usage"},
        ),
        {(MOSS, "one"): ANSWERED},
        ANSWER_COST,
        problems=5,
    ),
    Case(
        "a folder of logs with another name",
        "pi",
        {"backup/2026-03-01_one.jsonl": lines(header("one"), answer(1))},
        {("Unknown Project", "one"): ANSWERED},
        ANSWER_COST,
        environ={"PI_CODING_AGENT_SESSION_DIR": "{home}/backup"},
    ),
    Case(
        "folders of data elsewhere",
        "pi",
        log("one", header("one"), answer(1), home="pi/sessions")
        | log("two", header("two"), answer(2), home="omp/sessions"),
        {(MOSS, "one"): ANSWERED, (MOSS, "two"): ANSWERED},
        2 * ANSWER_COST,
        environ={"PI_CODING_AGENT_DIR": "{home}/pi", "OMP_CODING_AGENT_DIR": "~/omp"},
    ),
)
