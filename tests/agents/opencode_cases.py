"""Cases of OpenCode and Kilo."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.agents.kit import GPT, Case, Database, document, insert
from tests.makers import OPUS

SHARE: Final = ".local/share/opencode"
AT_MS: Final = 1_772_359_200_000


def message(key: str, session: str = "ses_1", **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any value
    """Return an assistant's message: 100 + 60 + 20 + 30 tokens, of which 10 are of reasoning."""
    return {
        "id": key,
        "sessionID": session,
        "role": "assistant",
        "modelID": OPUS,
        "providerID": "anthropic",
        "time": {"created": AT_MS, "completed": AT_MS + 5_000},
        "path": {"cwd": "/home/ada/moss", "root": "/home/ada/moss"},
        "tokens": {
            "input": 100,
            "output": 50,
            "reasoning": 10,
            "cache": {"read": 30, "write": 20},
        },
        "cost": 0,
    } | changes


ANSWERED: Final = (100, 60, 20, 30)
ANSWER_COST: Final = (100 * 5 + 60 * 25 + 20 * 6.25 + 30 * 0.5) / 1e6
USER: Final = message("msg_0", role="user", tokens=None)
MOSS: Final = "-home-ada-moss"

SESSION_TABLE: Final = (
    "CREATE TABLE session (id text PRIMARY KEY, project_id, parent_id, directory, title, version,"
    " time_created integer, time_updated integer)"
)
MESSAGE_TABLE: Final = (
    "CREATE TABLE message (id text PRIMARY KEY, session_id, time_created integer,"
    " time_updated integer, data text)"
)
TABLES: Final = (SESSION_TABLE, MESSAGE_TABLE)


def add_session(
    key: str, title: str = "New session", parent: str = "", changed_ms: int = AT_MS
) -> str:
    """Return the statement that adds a session, or changes it."""
    values = (key, "p", parent or None, "/home/ada/moss", title, "1.2.26", AT_MS, changed_ms)
    return insert("session", *values)


def add_message(told: dict[str, Any], changed_ms: int = AT_MS) -> str:
    """Return the statement that adds a message, or changes it."""
    data = {key: value for key, value in told.items() if key not in {"id", "sessionID"}}
    values = (told["id"], told["sessionID"], AT_MS, changed_ms, json.dumps(data))
    return (
        f"{insert('message', *values)} ON CONFLICT (id)"
        " DO UPDATE SET data = excluded.data, time_updated = excluded.time_updated"
    ).replace("OR REPLACE ", "")


def begun(told: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it is when the model has not answered yet."""
    nothing = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    return told | {"tokens": nothing}


GPT_TOKENS: Final = {
    "total": 1_000, "input": 300, "output": 200, "reasoning": 150, "cache": {"read": 500},
}  # fmt: skip

CASES: Final = (
    Case(
        "documents",
        "opencode",
        {
            f"{SHARE}/storage/message/ses_1/msg_0.json": document(USER),
            f"{SHARE}/storage/message/ses_1/msg_1.json": document(message("msg_1")),
            f"{SHARE}/storage/message/ses_1/msg_2.json": document(message("msg_2", cost=1.5)),
            f"{SHARE}/storage/message/ses_2/msg_3.json": document(
                message("msg_3", "ses_2", modelID=GPT, providerID="openai", tokens=GPT_TOKENS)
            ),
            f"{SHARE}/storage/session/p/ses_1.json": document(
                {"id": "ses_1", "directory": "/home/ada/moss", "title": "Water the moss"}
            ),
        },
        {(MOSS, "ses_1"): (200, 120, 40, 60), (MOSS, "ses_2"): (300, 200, 0, 500)},
        ANSWER_COST + 1.5 + (300 * 2 + 200 * 16 + 500 * 0.2) / 1e6,
        reasoning=20,
    ),
    Case(
        "a total that is higher than the kinds",
        "opencode",
        {
            f"{SHARE}/storage/message/ses_1/msg_1.json": document(
                message("msg_1", tokens=message("")["tokens"] | {"total": 500})
            )
        },
        {(MOSS, "ses_1"): (100, 350, 20, 30)},
        (100 * 5 + 350 * 25 + 20 * 6.25 + 30 * 0.5) / 1e6,
        reasoning=300,
    ),
    Case(
        "messages without usage, and those that cannot be",
        "opencode",
        {
            f"{SHARE}/storage/message/ses_1/msg_1.json": document(message("msg_1")),
            f"{SHARE}/storage/message/ses_1/msg_2.json": document(begun(message("msg_2"))),
            f"{SHARE}/storage/message/ses_1/msg_3.json": document(
                message("msg_3", providerID=None)
            ),
            f"{SHARE}/storage/message/ses_1/msg_4.json": document(
                message("msg_4", tokens={"input": -1})
            ),
            f"{SHARE}/storage/message/ses_1/msg_5.json": document(
                message("msg_5", time={"created": "yesterday"})
            ),
            f"{SHARE}/storage/message/ses_1/msg_6.json": document(["no", "message"]),
        },
        {(MOSS, "ses_1"): ANSWERED},
        ANSWER_COST,
        problems=3,
        reasoning=10,
    ),
    Case(
        "a database and the documents it was made of",
        "opencode",
        {
            f"{SHARE}/opencode.db": Database(
                (
                    *TABLES,
                    add_session("ses_1"),
                    add_message(begun(message("msg_1"))),
                    add_message(message("msg_1"), AT_MS + 1),
                    add_session("ses_2", parent="ses_1"),
                    add_session("ses_1", "Water the moss", changed_ms=AT_MS + 2),
                    add_message(USER | {"id": "msg_0"}),
                    add_message(
                        message("msg_2", "ses_2", modelID=GPT, tokens=GPT_TOKENS), AT_MS + 100_000
                    ),
                )
            ),
            f"{SHARE}/storage/message/ses_1/msg_1.json": document(
                message("msg_1", tokens={"input": 999, "output": 50})
            ),
            f"{SHARE}/storage/message/ses_1/msg_9.json": document(message("msg_9")),
        },
        {(MOSS, "ses_1"): (200, 120, 40, 60), (MOSS, "ses_2"): (300, 200, 0, 500)},
        2 * ANSWER_COST + (300 * 2 + 200 * 16 + 500 * 0.2) / 1e6,
        reasoning=20,
    ),
    Case(
        "a database without times and sessions, in a folder that is named",
        "opencode",
        {
            "data/opencode-beta.db": Database(
                (
                    "CREATE TABLE message (id text PRIMARY KEY, session_id text, data text)",
                    insert("message", "m1", "s/1", json.dumps(message("m1"))),
                    insert("message", "m2", "s/1", "{"),
                    insert("message", "m3", "s/1", '{"role":"assistant"'),
                )
            )
        },
        {(MOSS, "s/1"): ANSWERED},
        ANSWER_COST,
        problems=1,
        environ={"OPENCODE_DATA_DIR": "{home}/none, {home}/data"},
        reasoning=10,
    ),
    Case(
        "a database of Kilo's",
        "kilo",
        {
            ".local/share/kilo/kilo.db": Database(
                (*TABLES, add_session("ses_1"), add_message(message("msg_1")))
            )
        },
        {(MOSS, "ses_1"): ANSWERED},
        ANSWER_COST,
        reasoning=10,
    ),
)
