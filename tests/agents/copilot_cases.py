"""Cases of Copilot CLI."""

from __future__ import annotations

from typing import Any, Final

from tests.agents.kit import GEMINI, GPT, Case, Lines, lines
from tests.makers import SONNET

STATE: Final = ".copilot/session-state"
OTEL: Final = ".copilot/otel"
MOSS: Final = "-home-ada-moss"
NOWHERE: Final = "GitHub Copilot CLI"
LAST_SECOND: Final = 1_772_359_259


def at(second: int) -> str:
    """Return a time in the session."""
    return f"2026-03-01T10:00:{second:02}.000Z"


def start(session: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any value
    """Return the beginning of a session."""
    data = {
        "sessionId": session,
        "copilotVersion": "1.0.64",
        "selectedModel": GPT,
        "context": {"cwd": "/home/ada/moss", "branch": "main"},
    } | changes
    return {"type": "session.start", "timestamp": at(0), "data": data}


def resume(second: int) -> dict[str, Any]:
    """Return the event that a session was resumed."""
    return {"type": "session.resume", "timestamp": at(second), "data": {"eventCount": 9}}


def message(second: int, output: int, model: str | None = GPT, key: str = "") -> dict[str, Any]:
    """Return the event of a message; its key is its second if it has no other."""
    data = {"messageId": f"m{second}", "apiCallId": key or f"call_{second}", "outputTokens": output}
    if model:
        data["model"] = model
    return {"type": "assistant.message", "timestamp": at(second), "data": data}


Sums = tuple[int, int, int, int, int]
"""Requests, and tokens: input with all kinds of it, output, cache reads and cache writes."""


def shutdown(second: int, **metrics: Sums) -> dict[str, Any]:
    """Return the event that a session was shut down, with the sums of models by their names."""
    names = {"gpt": GPT, "gpt_1m": f"{GPT}-1m", "gemini": GEMINI, "sonnet": SONNET}
    told = {
        names[name]: {
            "requests": {"count": requests, "cost": 0},
            "usage": {
                "inputTokens": sent,
                "outputTokens": output,
                "cacheReadTokens": read,
                "cacheWriteTokens": written,
                "reasoningTokens": output // 2,
            },
        }
        for name, (requests, sent, output, read, written) in metrics.items()
    }
    data = {"shutdownType": "routine", "modelMetrics": told}
    return {"type": "session.shutdown", "id": f"e{second}", "timestamp": at(second), "data": data}


def span(second: int, session: str, sent: int, output: int, read: int = 0) -> dict[str, Any]:
    """Return a chat span."""
    return {
        "type": "span",
        "traceId": "t1",
        "spanId": f"s{second}",
        "name": f"chat {GPT}",
        "endTime": [LAST_SECOND - 59 + second, 500_000],
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.response.model": GPT,
            "gen_ai.response.id": f"call_{second}",
            "gen_ai.conversation.id": session,
            "gen_ai.usage.input_tokens": sent,
            "gen_ai.usage.output_tokens": output,
            "gen_ai.usage.cache_read.input_tokens": read,
        },
    }


def events(session: str, *told: object) -> dict[str, Lines]:
    """Return a session's events by their path."""
    return {f"{STATE}/{session}/events.jsonl": lines(*told)}


def cost(sent: int, output: int, read: int = 0, dollars: float = 2) -> float:
    """Return what requests cost; without dollars a million, `GPT`'s."""
    return (sent * dollars + output * dollars * 8 + read * dollars / 10) / 1e6


CASES: Final = (
    Case(
        "a session that was shut down, with two models",
        "copilot",
        events(
            "s1",
            start("s1"),
            message(1, 100),
            message(2, 40, GEMINI),
            message(3, 60),
            shutdown(9, gpt=(3, 1_000, 200, 700, 0), gemini=(1, 500, 40, 0, 0)),
        ),
        {(MOSS, "s1"): (800, 240, 0, 700)},
        cost(300, 200, 700) + cost(500, 40, dollars=1),
        reasoning=120,
    ),
    Case(
        "a session that is still open",
        "copilot",
        events("s1", start("s1"), message(1, 100), message(2, 30, None), message(2, 20, None)),
        {(MOSS, "s1"): (0, 130, 0, 0)},
        cost(0, 130),
    ),
    Case(
        "sums that start again at 0 when a session is resumed",
        "copilot",
        events(
            "s1",
            start("s1"),
            message(1, 100),
            shutdown(5, gpt=(1, 1_000, 100, 0, 0)),
            resume(6),
            message(7, 300),
            shutdown(9, gpt=(1, 4_000, 300, 0, 0)),
        ),
        {(MOSS, "s1"): (5_000, 400, 0, 0)},
        cost(5_000, 400),
        reasoning=200,
    ),
    Case(
        "sums that go on when a session is resumed",
        "copilot",
        events(
            "s1",
            start("s1"),
            message(1, 100),
            shutdown(5, gpt=(1, 1_000, 100, 0, 0)),
            resume(6),
            message(7, 300),
            shutdown(9, gpt=(2, 5_000, 400, 0, 0)),
        ),
        {(MOSS, "s1"): (5_000, 400, 0, 0)},
        cost(5_000, 400),
        reasoning=200,
    ),
    Case(
        "shutdowns without messages, the sums of which go on",
        "copilot",
        events(
            "s1",
            shutdown(5, gpt=(2, 500, 50, 0, 0)),
            shutdown(9, gpt=(5, 900, 90, 0, 0)),
        ),
        {(NOWHERE, "s1"): (900, 90, 0, 0)},
        cost(900, 90),
        reasoning=45,
    ),
    Case(
        "a session that was killed and resumed",
        "copilot",
        events(
            "s1",
            start("s1"),
            message(1, 100),
            resume(6),
            message(7, 300),
            shutdown(9, gpt=(1, 4_000, 300, 0, 0)),
        ),
        {(MOSS, "s1"): (4_000, 400, 0, 0)},
        cost(4_000, 400),
        reasoning=150,
    ),
    Case(
        "a model with two names, one of them with a longer context",
        "copilot",
        events(
            "s1",
            start("s1"),
            shutdown(9, gpt_1m=(250, 10_939_428, 900, 900_000, 0), gpt=(1, 1_000, 10, 0, 0)),
        ),
        {(MOSS, "s1"): (10_040_428, 910, 0, 900_000)},
        cost(10_040_428, 910, 900_000),
        reasoning=455,
    ),
    Case(
        "many short requests, which are no long one together",
        "copilot",
        events("s1", start("s1"), shutdown(9, sonnet=(10, 1_000_000, 1_000, 400_000, 100_000))),
        {(MOSS, "s1"): (500_000, 1_000, 100_000, 400_000)},
        (500_000 * 3 + 1_000 * 15 + 100_000 * 3.75 + 400_000 * 0.3) / 1e6,
        reasoning=500,
    ),
    Case(
        "messages of versions that name no model",
        "copilot",
        events(
            "s1",
            start("s1", selectedModel=None),
            message(1, 100, None),
            message(2, 30, None),
            shutdown(9, gpt=(1, 1_000, 100, 0, 0), gemini=(1, 1_000, 30, 0, 0)),
        ),
        {(MOSS, "s1"): (2_000, 130, 0, 0)},
        cost(1_000, 100) + cost(1_000, 30, dollars=1),
        reasoning=65,
    ),
    Case(
        "a shutdown that tells nothing of what the messages tell",
        "copilot",
        events("s1", start("s1"), message(1, 100), shutdown(9, gpt=(1, 0, 0, 0, 0))),
        {(MOSS, "s1"): (0, 100, 0, 0)},
        cost(0, 100),
    ),
    Case(
        "telemetry of two sessions without events",
        "copilot",
        {f"{OTEL}/a.jsonl": lines(span(1, "c1", 1_000, 100, 400), span(2, "c2", 50, 5))},
        {(NOWHERE, "c1"): (600, 100, 0, 400), (NOWHERE, "c2"): (50, 5, 0, 0)},
        cost(650, 105, 400),
    ),
    Case(
        "a session that was shut down and is in the telemetry, too",
        "copilot",
        events(
            "s1",
            start("s1"),
            message(1, 100),
            message(2, 60),
            shutdown(9, gpt=(3, 1_000, 200, 700, 0)),
        )
        | {
            f"{OTEL}/a.jsonl": lines(
                span(1, "s1", 700, 100, 600), span(2, "s1", 200, 60, 100), span(3, "s1", 100, 40)
            )
        },
        {(MOSS, "s1"): (300, 200, 0, 700)},
        cost(300, 200, 700),
        reasoning=100,
    ),
    Case(
        "an early version, with a file for each session",
        "copilot",
        {f"{STATE}/s1.jsonl": lines(start("s1"), shutdown(9, gpt=(1, 1_000, 100, 0, 0)))},
        {(MOSS, "s1"): (1_000, 100, 0, 0)},
        cost(1_000, 100),
        reasoning=50,
    ),
    Case(
        "impossible values",
        "copilot",
        events(
            "s1",
            start("s1"),
            message(1, -5),
            message(2, 100) | {"timestamp": "soon"},
            message(3, 100),
            shutdown(9, gpt=(1, -1, 100, 0, 0)),
            {"type": "session.shutdown", "timestamp": at(9), "data": {"modelMetrics": [1]}},
        )
        | {
            f"{OTEL}/a.jsonl": lines(
                span(1, "c1", 10, 1) | {"endTime": None}, span(2, "c1", -10, 1), span(4, "c1", 9, 1)
            )
        },
        {(MOSS, "s1"): (0, 100, 0, 0), (NOWHERE, "c1"): (9, 1, 0, 0)},
        cost(9, 101),
        problems=6,
    ),
    Case(
        "folders elsewhere",
        "copilot",
        {
            "data/session-state/s1/events.jsonl": lines(
                start("s1"), shutdown(9, gpt=(1, 1_000, 100, 0, 0))
            ),
            "telemetry/usage.jsonl": lines(span(1, "c1", 10, 1)),
            "telemetry/other.jsonl": lines(span(2, "c2", 10, 1)),
        },
        {(MOSS, "s1"): (1_000, 100, 0, 0), (NOWHERE, "c1"): (10, 1, 0, 0)},
        cost(1_010, 101),
        environ={
            "COPILOT_HOME": "{home}/data",
            "COPILOT_OTEL_FILE_EXPORTER_PATH": "{home}/telemetry/usage.jsonl",
        },
        reasoning=50,
    ),
)
