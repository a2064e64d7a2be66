"""The tables of what is known of the circumstances of answers; loaded only to make or migrate."""

from __future__ import annotations

from typing import Final

ATTRIBUTION_TABLES: Final = """
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

-- To which repository a folder belongs, and of which type a subagent is: all numbers of names.
CREATE TABLE repositories (
    folder INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL
);
CREATE TABLE agent_types (
    agent INTEGER PRIMARY KEY,
    type INTEGER NOT NULL
);

-- Logs from which the circumstances of answers are still to be read that were recorded before
-- these were kept. tried_day: when that failed last, in days since 1970-01-01.
CREATE TABLE unattributed (
    file INTEGER PRIMARY KEY,
    tried_day INTEGER NOT NULL
);
"""

ADD_ATTRIBUTIONS: Final = f"""{ATTRIBUTION_TABLES}
INSERT INTO unattributed SELECT DISTINCT file, 0 FROM chunks;
"""  # noqa: S608  # our own text
"""The migration that adds them."""
