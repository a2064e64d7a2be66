"""The tables of what is known of the circumstances of answers; loaded only to make or migrate."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
-- Names of circumstances, each once; 0 stands for no name.
CREATE TABLE attribution_names (
    text TEXT PRIMARY KEY,
    id INTEGER NOT NULL
) WITHOUT ROWID;

-- number: as in the columns of chunks, a hash of the names (metering/attribution.py), so that each
-- row proves itself. The others: numbers of names.
CREATE TABLE attributions (
    number INTEGER PRIMARY KEY,
    folder INTEGER NOT NULL,
    branch INTEGER NOT NULL,
    agent INTEGER NOT NULL,
    skill INTEGER NOT NULL,
    plugin INTEGER NOT NULL,
    mcp_server INTEGER NOT NULL,
    mcp_tool INTEGER NOT NULL,
    effort INTEGER NOT NULL,
    entry_point INTEGER NOT NULL,
    version INTEGER NOT NULL,
    service_tier INTEGER NOT NULL
);

-- The tools that an answer called; number: likewise. names: a JSON array.
CREATE TABLE tool_sets (
    number INTEGER PRIMARY KEY,
    names TEXT NOT NULL
);
"""

_FIRST_TYPES: Final = """
-- To which repository a folder belongs, and of which type a subagent is: all numbers of names.
CREATE TABLE repositories (
    folder INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL
);
CREATE TABLE agent_types (
    agent INTEGER PRIMARY KEY,
    type INTEGER NOT NULL
);
"""

_UNATTRIBUTED: Final = """
-- Logs from which the circumstances of answers are still to be read that were recorded before
-- these were kept. tried_day: when that failed last, in days since 1970-01-01.
CREATE TABLE unattributed (
    file INTEGER PRIMARY KEY,
    tried_day INTEGER NOT NULL
);
"""

ADD_ATTRIBUTIONS: Final = f"""{_NAMES}{_FIRST_TYPES}{_UNATTRIBUTED}
INSERT INTO unattributed SELECT DISTINCT file, 0 FROM chunks;
"""  # noqa: S608  # our own text
"""The migration that adds them."""

_TYPES: Final = """
-- Of which type a subagent is: numbers of names. signature: of both names, as in repositories.
CREATE TABLE agent_types (
    agent INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,
    signature INTEGER NOT NULL
);

-- To which repository a folder of this machine belongs; 0 if that is not known. tried_day: when it
-- was looked for last, in days since 1970-01-01; 0 if never.
CREATE TABLE repositories (
    folder INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL,
    tried_day INTEGER NOT NULL,
    signature INTEGER NOT NULL
);

-- Calls of subagents of which only one is known yet, the type or the agent: numbers of names.
-- call: a hash of the call's id.
CREATE TABLE agent_calls (
    call INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,
    agent INTEGER NOT NULL
);
"""

ADD_TYPES: Final = f"""
DROP TABLE agent_types;
DROP TABLE repositories;
{_TYPES}
ALTER TABLE session_titles ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pull_requests ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
INSERT OR IGNORE INTO unattributed SELECT id, 0 FROM files;
"""  # noqa: S608  # our own text
"""The migration that lets rows prove themselves, and reads the types of subagents from logs."""

ATTRIBUTION_TABLES: Final = f"{_NAMES}{_TYPES}{_UNATTRIBUTED}"
