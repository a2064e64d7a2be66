"""Cases of Kimi CLI and Kimi Code."""

from __future__ import annotations

from typing import Any, Final

from tests.agents.kit import GPT, Case, lines

AT: Final = 1_772_359_201.5
ANSWERED: Final = (100, 50, 20, 30)
GROUP: Final = "5f4dcc3b5aa765d61d8327deb882cf99"
MOSS: Final = "wd_moss_36fb0f9f4385"


def status(key: str, seconds: float = AT, **counts: Any) -> dict[str, Any]:  # noqa: ANN401  # any value
    """Return a line of Kimi CLI."""
    usage = {
        "input_other": 100,
        "output": 50,
        "input_cache_read": 30,
        "input_cache_creation": 20,
    } | counts
    payload = {"context_usage": 0.1, "token_usage": usage, "message_id": key}
    return {"timestamp": seconds, "message": {"type": "StatusUpdate", "payload": payload}}


def of_subagent(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of Kimi CLI about a subagent."""
    payload = {"task_tool_call_id": "call_1", "event": line["message"]}
    return {
        "timestamp": line["timestamp"],
        "message": {"type": "SubagentEvent", "payload": payload},
    }


def record(number: int, scope: str | None = "turn", model: str = GPT) -> dict[str, Any]:
    """Return a line of Kimi Code."""
    usage = {"inputOther": 100, "output": 50, "inputCacheRead": 30, "inputCacheCreation": 20}
    line = {"type": "usage.record", "model": f"kimi-code/{model}", "usage": usage}
    return line | ({"usageScope": scope} if scope else {}) | {"time": 1_772_359_200_000 + number}


METADATA: Final = {"type": "metadata", "protocol_version": "1.1"}
GPT_COST: Final = (100 * 2 + 50 * 16 + 20 * 2.5 + 30 * 0.2) / 1e6
"""Cache writes cost a quarter more than input, as the price list does not name another price."""

K2_5_COST: Final = (100 * 0.6 + 50 * 3 + 20 * 0.75 + 30 * 0.1) / 1e6
"""What the model cost that Kimi CLI's stood for on that day."""

CASES: Final = (
    Case(
        "Kimi CLI with a subagent, and a message that is told twice",
        "kimi",
        {
            f".kimi/sessions/{GROUP}/one/wire.jsonl": lines(
                METADATA,
                status("m1"),
                status("m1"),
                of_subagent(status("m2")),
                status("m3", output=0, input_other=0, input_cache_read=0, input_cache_creation=0),
                {"timestamp": AT, "message": {"type": "StatusUpdate", "payload": {}}},
            )
        },
        {(GROUP, "one"): (200, 100, 40, 60)},
        2 * K2_5_COST,
    ),
    Case(
        "Kimi Code with an agent and a compaction",
        "kimi",
        {
            f".kimi-code/sessions/{MOSS}/session_1/agents/main/wire.jsonl": lines(
                METADATA, record(1), record(2, "session"), record(3, None)
            ),
            f".kimi-code/sessions/{MOSS}/session_1/agents/agent-0/wire.jsonl": lines(record(4)),
        },
        {(MOSS, "session_1"): (400, 200, 80, 120)},
        4 * GPT_COST,
    ),
    Case(
        "impossible values, and folders elsewhere",
        "kimi",
        {
            f"old/sessions/{GROUP}/one/wire.jsonl": lines(
                status("m1", output=-1), status("m2") | {"timestamp": "now"}, status("m3")
            ),
            f"new/sessions/{MOSS}/two/agents/main/wire.jsonl": lines(
                record(1), record(2) | {"usage": []}
            ),
        },
        {(GROUP, "one"): ANSWERED, (MOSS, "two"): ANSWERED},
        K2_5_COST + GPT_COST,
        problems=3,
        environ={"KIMI_SHARE_DIR": "{home}/old", "KIMI_CODE_HOME": "{home}/new"},
    ),
)
