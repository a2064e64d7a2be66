"""Cases of Amp, Droid and Goose."""

from __future__ import annotations

import json
from typing import Final

from tests.agents.kit import GPT, Case, Database, Text, document, insert
from tests.makers import OPUS

AMP: Final = ".local/share/amp/threads"
DROID: Final = ".factory/sessions/-home-ada-moss"
GOOSE: Final = ".local/share/goose/sessions/sessions.db"

ENV: Final = {"initial": {"trees": [{"uri": "file:///home/ada/moss%20garden"}]}}
EVENT: Final = {
    "id": "e1",
    "timestamp": "2026-03-01T10:00:01.000Z",
    "model": OPUS,
    "credits": 1.5,
    "tokens": {"input": 100, "output": 50},
    "toMessageId": 2,
}
USAGE: Final = {
    "cacheCreationInputTokens": 20,
    "cacheReadInputTokens": 30,
    "inputTokens": 9,
    "outputTokens": 9,
}
SETTINGS: Final = {
    "model": OPUS,
    "providerLock": "anthropic",
    "providerLockTimestamp": "2026-03-01T10:00:01.000Z",
    "tokenUsage": {
        "inputTokens": 100,
        "outputTokens": 50,
        "cacheCreationTokens": 20,
        "cacheReadTokens": 30,
        "thinkingTokens": 5,
    },
}

GOOSE_TABLE: Final = (
    "CREATE TABLE sessions (id text PRIMARY KEY, model_config_json, provider_name, created_at,"
    " updated_at, total_tokens, input_tokens, output_tokens, accumulated_total_tokens,"
    " accumulated_input_tokens, accumulated_output_tokens, working_dir, description)"
)
OLD_GOOSE_TABLE: Final = (
    "CREATE TABLE sessions (id text PRIMARY KEY, model_config_json, created_at,"
    " total_tokens, input_tokens, output_tokens)"
)
NEW_GOOSE_TABLE: Final = (
    "CREATE TABLE sessions (id text PRIMARY KEY, model_config_json, created_at,"
    " accumulated_total_tokens, accumulated_input_tokens, accumulated_output_tokens,"
    " accumulated_cache_read_tokens, accumulated_cache_write_tokens, accumulated_cost,"
    " total_tokens, input_tokens, output_tokens)"
)


def goose(key: str, *counts: int | None, model: str = GPT, minute: int = 0) -> str:
    """Return the statement that adds a session, or changes it."""
    config = json.dumps({"model_name": model}) if model else None
    created = "2026-03-01 10:00:00"
    changed = f"2026-03-01 10:{minute:02}:00"
    place = ("/home/ada/moss", "Water the moss")
    return insert("sessions", key, config, "x", created, changed, *counts, *place)


OPUS_CONFIG: Final = json.dumps({"model_name": OPUS})
CONFIG: Final = json.dumps({"model_name": GPT})

CASES: Final = (
    Case(
        "threads",
        "amp",
        {
            f"{AMP}/T-1.json": document(
                {
                    "id": "T-1",
                    "title": "Moss",
                    "env": ENV,
                    "messages": [{"role": "assistant", "messageId": 2, "usage": USAGE}],
                    "usageLedger": {"events": [EVENT, EVENT | {"id": "e2", "tokens": "?"}]},
                }
            ),
            f"{AMP}/T-2.json": document(
                {
                    "id": "T-2",
                    "created": 1_772_359_200_000,
                    "messages": [
                        {"role": "user", "messageId": 0},
                        {"role": "assistant", "messageId": 1, "usage": USAGE | {"model": OPUS}},
                    ],
                }
            ),
            f"{AMP}/T-3.json": document({"id": "T-3", "messages": []}),
        },
        {
            ("-home-ada-moss-garden", "T-1"): (100, 50, 20, 30),
            ("Unknown Project", "T-2"): (9, 9, 20, 30),
        },
        (109 * 5 + 59 * 25 + 40 * 6.25 + 60 * 0.5) / 1e6,
        problems=1,
    ),
    Case(
        "sums of sessions",
        "droid",
        {
            f"{DROID}/a.settings.json": document(SETTINGS),
            f"{DROID}/a.jsonl": Text(
                b'{"type":"session_start","title":"Moss","cwd":"/home/ada/moss"}\n{}\n'
            ),
            f"{DROID}/b.settings.json": document(
                SETTINGS | {"model": f"custom:{OPUS.title()}-[Anthropic]-3"}
            ),
            f"{DROID}/c.settings.json": document({"model": OPUS}),
            f"{DROID}/d.settings.json": document(SETTINGS | {"tokenUsage": {"inputTokens": 1.5}}),
        },
        {
            ("-home-ada-moss", "a"): (100, 55, 20, 30),
            ("-home-ada-moss", "b"): (100, 55, 20, 30),
        },
        2 * (100 * 5 + 55 * 25 + 20 * 6.25 + 30 * 0.5) / 1e6,
        problems=1,
        reasoning=10,
    ),
    Case(
        "sums that grow, and rows without a model",
        "goose",
        {
            GOOSE: Database(
                (
                    GOOSE_TABLE,
                    goose("1", 160, 100, 50, 160, 100, 50),
                    goose("2", 1, 1, 0, 1, 1, 0, model=""),
                    goose("1", 30, 20, 10, 1600, 1000, 500, minute=1),
                    goose("3", 30, 20, 10, None, None, None, minute=1),
                )
            )
        },
        {("-home-ada-moss", "1"): (1000, 600, 0, 0), ("-home-ada-moss", "3"): (20, 10, 0, 0)},
        (1020 * 2 + 610 * 16) / 1e6,
        reasoning=100,
    ),
    Case(
        "a database of an old version",
        "goose",
        {
            GOOSE: Database(
                (
                    OLD_GOOSE_TABLE,
                    insert("sessions", "1", CONFIG, "2026-03-01 10:00:00", 30, 20, 10),
                    insert("sessions", "2", "{", "2026-03-01 10:00:00", 30, 20, 10),
                    insert("sessions", "3", CONFIG, "soon", 30, 20, 10),
                )
            )
        },
        {("Unknown Project", "1"): (20, 10, 0, 0)},
        (20 * 2 + 10 * 16) / 1e6,
        problems=2,
    ),
    Case(
        "caches and a cost, in a folder that is named",
        "goose",
        {
            "own/data/sessions/sessions.db": Database(
                (
                    NEW_GOOSE_TABLE,
                    insert(
                        "sessions", "within", OPUS_CONFIG, "2026-03-01 10:00:00",
                        150, 100, 50, 60, 10, 0.25, None, None, None,
                    ),
                    insert(
                        "sessions", "beside", OPUS_CONFIG, "2026-03-01 10:00:00",
                        220, 100, 50, 60, 10, None, None, None, None,
                    ),
                )
            )
        },
        {
            ("Unknown Project", "within"): (30, 50, 10, 60),
            ("Unknown Project", "beside"): (100, 50, 10, 60),
        },
        0.25 + (100 * 5 + 50 * 25 + 10 * 6.25 + 60 * 0.5) / 1e6,
        environ={"GOOSE_PATH_ROOT": "{home}/own"},
    ),
)  # fmt: skip
