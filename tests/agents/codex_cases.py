"""Cases of Codex."""

from __future__ import annotations

from typing import Any, Final

from tests.agents.kit import GPT, Case, lines

ROLLOUT: Final = ".codex/sessions/2026/03/01/rollout-2026-03-01T10-00-00-{}.jsonl"
ARCHIVED: Final = ".codex/archived_sessions/rollout-2026-03-01T10-00-00-{}.jsonl"
PROJECT: Final = "-home-ada-moss"

Tokens = tuple[int, int, int]
"""Input, cached input and output."""


def line(time: str, kind: str, **payload: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return a line of a rollout at a time of the day."""
    return {"timestamp": f"2026-03-01T{time}Z", "type": kind, "payload": payload}


def meta(session: str, time: str = "10:00:00.000", **more: object) -> dict[str, Any]:
    """Return the line that begins a session."""
    return line(
        time,
        "session_meta",
        id=session,
        timestamp=f"2026-03-01T{time}Z",
        cwd="/home/ada/moss",
        originator="codex-tui",
        cli_version="0.140.0",
        git={"branch": "main"},
        **more,
    )


def turn(time: str = "10:00:01.000") -> dict[str, Any]:
    """Return the line that begins a turn."""
    return line(time, "turn_context", cwd="/home/ada/moss", model=GPT, effort="medium")


def usage(tokens: Tokens) -> dict[str, int]:
    """Return tokens as Codex writes them."""
    read, cached, output = tokens
    return {
        "input_tokens": read,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": output // 2,
        "total_tokens": read + output,
    }


def count(time: str, total: Tokens, last: Tokens | None = None) -> dict[str, Any]:
    """Return a line with counters."""
    info = {"total_token_usage": usage(total)}
    if last is not None:
        info["last_token_usage"] = usage(last)
    return line(time, "event_msg", type="token_count", info=info)


FIRST: Final = count("10:00:05.000", (1000, 200, 100), (1000, 200, 100))
SECOND: Final = count("10:00:09.000", (2500, 1100, 150), (1500, 900, 50))
OTHER: Final = line("10:00:03.000", "response_item", type="message", text='"token_count"' * 50)

CASES: Final = (
    Case(
        "counters that are shown again",
        "codex",
        {ROLLOUT.format("a"): lines(meta("a"), turn(), OTHER, FIRST, FIRST, SECOND, SECOND)},
        {(PROJECT, "a"): (1400, 150, 0, 1100)},
        cost=0.00542,
        reasoning=75,
    ),
    Case(
        "only sums, which begin again",
        "codex",
        {
            ROLLOUT.format("a"): lines(
                meta("a"),
                turn(),
                count("10:00:05.000", (1000, 200, 100)),
                count("10:00:06.000", (2500, 1100, 150)),
                count("10:00:07.000", (100, 0, 10)),
                count("10:00:08.000", (150, 0, 20)),
            )
        },
        {(PROJECT, "a"): (1450, 160, 0, 1100)},
        cost=0.00568,
        reasoning=80,
    ),
    Case(
        "a fork and its parent, which was archived",
        "codex",
        {
            ARCHIVED.format("a"): lines(meta("a"), turn(), FIRST, SECOND),
            ROLLOUT.format("b"): lines(
                meta("b", "11:00:00.000", forked_from_id="a"),
                turn("11:00:00.001"),
                FIRST | {"timestamp": "2026-03-01T11:00:00.002Z"},
                SECOND | {"timestamp": "2026-03-01T11:00:00.003Z"},
                count("11:00:20.000", (2510, 1100, 151), (10, 0, 1)),
            ),
        },
        {(PROJECT, "a"): (1400, 150, 0, 1100), (PROJECT, "b"): (10, 1, 0, 0)},
        cost=0.005456,
        reasoning=75,
    ),
    Case(
        "an impossible count, in a folder of the variable",
        "codex",
        {
            f"elsewhere/sessions/{name}.jsonl": lines(meta(name), turn(), *counters)
            for name, counters in (
                ("a", (count("10:00:02.000", (-1, 0, 5), (-1, 0, 5)), FIRST)),
                ("b", (count("10:00:02.000", (7, 0, 5), (7, 0, 5)),)),
            )
        },
        {(PROJECT, "a"): (800, 100, 0, 200), (PROJECT, "b"): (7, 5, 0, 0)},
        cost=0.003334,
        reasoning=52,
        problems=1,
        environ={"CODEX_HOME": "{home}/elsewhere"},
    ),
)
