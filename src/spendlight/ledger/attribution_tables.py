"""The tables of what is known of the circumstances of answers; loaded only to make or migrate."""

from __future__ import annotations

from typing import Final

PULL_REQUEST: Final = -1
"""The kind of a pull request in ``session_notes``; the others are `TitleKind`."""

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
"""

_TOOL_SETS: Final = """
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

ADD_ATTRIBUTIONS: Final = f"""{_NAMES}{_TOOL_SETS}{_FIRST_TYPES}{_UNATTRIBUTED}
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

_FACTS: Final = """
-- What is known beside attributions, in one table, as each has a page at least. of: what the row
-- is about.
--   tools: the tools that an answer called. number: as in the columns of chunks, a hash of them,
--     so that the row proves itself. value: a JSON array of their names.
--   agent: of which type a subagent is: both numbers of names. signature: of both names.
--   folder: to which repository a folder of this machine belongs, likewise; 0 if that is not
--     known. other: when it was looked for last, in days since 1970-01-01; 0 if never.
--   call: the call of a subagent of which only one is known yet, the type (value) or the agent
--     (other): numbers of names. number: a hash of the call's id.
--   log: a log from which circumstances are still to be read, as it was recorded before these were
--     kept. number: the file. value: when that failed last, in days since 1970-01-01.
CREATE TABLE attribution_facts (
    of TEXT NOT NULL,
    number INTEGER NOT NULL,
    value NOT NULL,
    other INTEGER,
    signature INTEGER,
    PRIMARY KEY (of, number)
) WITHOUT ROWID;
"""

_NOTES: Final = """
-- What logs say about sessions (metering/session_notes.py): of each kind of title the newest, and
-- the pull requests. session: '' is the session of the file.
-- key: the line that a summary leads up to, or a pull request's address. text: the title, or the
-- pull request's repository; number: the pull request's, NULL if unknown.
CREATE TABLE session_notes (
    file INTEGER NOT NULL REFERENCES files,
    session TEXT NOT NULL,
    kind INTEGER NOT NULL,
    key TEXT NOT NULL,
    offset INTEGER NOT NULL,
    text TEXT NOT NULL,
    number INTEGER,
    signature INTEGER NOT NULL,
    PRIMARY KEY (file, session, kind, key)
) WITHOUT ROWID;
"""

_SESSION_DAYS: Final = """
-- Sums of the local days of sessions that have several, for some offsets from UTC; packed, in the
-- order of the logs.
CREATE TABLE session_day_sums (
    offset_ms INTEGER NOT NULL,
    session INTEGER NOT NULL REFERENCES sessions,
    day INTEGER NOT NULL,
    sums BLOB NOT NULL,
    signature INTEGER NOT NULL,
    PRIMARY KEY (offset_ms, session, day)
) WITHOUT ROWID;
"""

JOIN_TABLES: Final = f"""
{_FACTS}
INSERT INTO attribution_facts SELECT 'tools', number, names, NULL, NULL FROM tool_sets;
INSERT INTO attribution_facts SELECT 'agent', agent, type, NULL, signature FROM agent_types;
INSERT INTO attribution_facts
SELECT 'folder', folder, repository, tried_day, signature FROM repositories;
INSERT INTO attribution_facts SELECT 'call', call, type, agent, NULL FROM agent_calls;
INSERT INTO attribution_facts SELECT 'log', file, tried_day, NULL, NULL FROM unattributed;
DROP TABLE tool_sets;
DROP TABLE agent_types;
DROP TABLE repositories;
DROP TABLE agent_calls;
DROP TABLE unattributed;
{_NOTES}
INSERT INTO session_notes
SELECT file, session, kind, leaf, offset, title, NULL, signature FROM session_titles;
INSERT INTO session_notes
SELECT file, session, {PULL_REQUEST}, url, offset, repository, number, signature
FROM pull_requests;
DROP TABLE session_titles;
DROP TABLE pull_requests;
ALTER TABLE session_day_sums RENAME TO old_session_day_sums;
{_SESSION_DAYS}
INSERT INTO session_day_sums SELECT * FROM old_session_day_sums;
DROP TABLE old_session_day_sums;
-- The first and the last moment follow from the buckets.
DROP INDEX chunks_by_first;
"""  # noqa: S608  # our own text
"""The migration that joins small tables: the smallest ledger needs less room for each answer."""

ATTRIBUTION_TABLES: Final = f"{_NAMES}{_FACTS}{_NOTES}{_SESSION_DAYS}"
