"""The steps from every earlier schema of the ledger to the current one; loaded only to migrate."""

from __future__ import annotations

from typing import Final

from spendlight.ledger.attribution_tables import ADD_ATTRIBUTIONS, ADD_TYPES, JOIN_TABLES
from spendlight.ledger.first_signatures import FIRST_SIGNATURES
from spendlight.ledger.first_tables import FIRST_TABLES

MIGRATIONS: Final = (
    FIRST_TABLES,
    """
    -- What was told or need not be told any more; numbered, so that the oldest can go.
    CREATE TABLE delivered_alerts (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE
    );

    -- alert: JSON (metering/budgets.py).
    CREATE TABLE alert_log (
        id INTEGER PRIMARY KEY,
        fate TEXT NOT NULL,
        alert TEXT NOT NULL
    );

    -- Until when the user has muted them, and what was known at the last look; JSON.
    CREATE TABLE alert_state (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    -- Sums of the buckets by hour, whatever the session: made anew from them when they change.
    -- hour: twice the hour's number, plus 1 for what comes after its first millisecond.
    -- met: what of it stands first in the logs, as text that sorts by path, moment and place.
    CREATE TABLE hours (
        hour INTEGER NOT NULL,
        variant INTEGER NOT NULL REFERENCES variants,
        price_class INTEGER NOT NULL,
        shadow INTEGER NOT NULL REFERENCES shadows,
        input INTEGER NOT NULL,
        output INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        recorded_cost REAL NOT NULL,
        web_searches INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        limit_reset_ms INTEGER,
        first_offset INTEGER NOT NULL,
        met TEXT NOT NULL,
        PRIMARY KEY (hour, variant, price_class, shadow)
    ) WITHOUT ROWID;
    INSERT INTO hours
    SELECT
        b.slot / 8 * 2 + (b.slot % 8 > 0), b.variant, b.price_class, b.shadow,
        CAST(MIN(TOTAL(b.input), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(b.output), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(b.cache_write_5m), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(b.cache_write_1h), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(b.cache_read), 9.2e18) AS INTEGER),
        SUM(b.recorded_cost), CAST(MIN(TOTAL(b.web_searches), 9.2e18) AS INTEGER),
        SUM(b.answers), MIN(b.first_ms), MAX(b.last_ms), MAX(b.limit_reset_ms),
        MIN(b.first_offset),
        MIN(s.project_path || '/' || s.session || '.jsonl' || CHAR(1)
            || PRINTF('%020d%020d', b.first_ms, b.first_offset))
    FROM buckets b JOIN sessions s ON s.id = b.session
    GROUP BY 1, 2, 3, 4;

    -- Sums of the buckets by session, whatever the moment: made anew from them when they change.
    CREATE TABLE session_sums (
        session INTEGER NOT NULL REFERENCES sessions,
        variant INTEGER NOT NULL REFERENCES variants,
        price_class INTEGER NOT NULL,
        shadow INTEGER NOT NULL REFERENCES shadows,
        input INTEGER NOT NULL,
        output INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        recorded_cost REAL NOT NULL,
        web_searches INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        limit_reset_ms INTEGER,
        first_offset INTEGER NOT NULL,
        PRIMARY KEY (session, variant, price_class, shadow)
    ) WITHOUT ROWID;
    INSERT INTO session_sums
    SELECT
        session, variant, price_class, shadow,
        CAST(MIN(TOTAL(input), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(output), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(cache_write_5m), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(cache_write_1h), 9.2e18) AS INTEGER),
        CAST(MIN(TOTAL(cache_read), 9.2e18) AS INTEGER),
        SUM(recorded_cost), CAST(MIN(TOTAL(web_searches), 9.2e18) AS INTEGER),
        SUM(answers), MIN(first_ms), MAX(last_ms), MAX(limit_reset_ms), MIN(first_offset)
    FROM buckets
    GROUP BY 1, 2, 3, 4;
    """,
    """
    -- Sums of local days of all roots together, for some offsets from UTC: made anew from the hours
    -- when they change. day: its number since 1970-01-01.
    -- sums: packed (ledger/sums/packing.py), in the order of the logs.
    CREATE TABLE day_sums (
        offset_ms INTEGER NOT NULL,
        day INTEGER NOT NULL,
        sums BLOB NOT NULL,
        PRIMARY KEY (offset_ms, day)
    ) WITHOUT ROWID;

    -- Sums of blocks of five hours of all roots together, where they are kept: made anew from the
    -- hours when they change. first_hour: as hours have it. sums: packed, in the order of time.
    CREATE TABLE block_sums (
        first_hour INTEGER PRIMARY KEY,
        sums BLOB NOT NULL
    );

    -- Sums of the buckets by session, whatever the moment, of what lost against no other root: made
    -- anew from them when they change, and after this step. sums: packed, too.
    DROP TABLE session_sums;
    CREATE TABLE session_sums (
        session INTEGER PRIMARY KEY REFERENCES sessions,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        sums BLOB NOT NULL
    );
    """,
    """
    -- Blocks as session-block files describe them; cost: in dollars, where the file names one.
    CREATE TABLE described_blocks (
        root INTEGER NOT NULL REFERENCES roots,
        start_ms INTEGER NOT NULL,
        file INTEGER NOT NULL REFERENCES files,
        end_ms INTEGER NOT NULL,
        input INTEGER NOT NULL,
        output INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cost REAL,
        PRIMARY KEY (root, start_ms)
    ) WITHOUT ROWID;
    """,
    """
    -- Logs follow today's rule of whose they are (ledger/renaming.py), after this step.
    """,
    """
    -- What a model was asked for, as `metering.entry.Role` numbers it; 1 is an advisor, as before.
    ALTER TABLE variants RENAME COLUMN is_advisor TO role;

    -- Refusals, attempts and compactions are billed by other rules now: all logs that are still
    -- there are read once more. No file has this size, so none is passed over.
    UPDATE files SET size = -1, read_to = 0;
    """,
    """
    -- Whose the answers in a file are by their own word, from some place in it on; '' is the
    -- session of the path, of which all are where there is nothing of a file.
    CREATE TABLE named_sessions (
        file INTEGER NOT NULL REFERENCES files,
        offset INTEGER NOT NULL,
        session TEXT NOT NULL,
        PRIMARY KEY (file, offset)
    ) WITHOUT ROWID;
    CREATE INDEX named_sessions_by_session ON named_sessions (session);

    -- Answers that a file holds a copy of which lost against one in the log of another session.
    CREATE TABLE lost_copies (
        file INTEGER NOT NULL REFERENCES files,
        answer INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        PRIMARY KEY (file, answer)
    ) WITHOUT ROWID;
    -- Both are learned of what was read already, as far as it matters, by reading it again.
    UPDATE files SET size = -1, read_to = 0, fingerprint = 0 WHERE path LIKE '%.jsonl'
    AND (path LIKE '%agent-%' OR id NOT IN (SELECT file FROM chunks));
    """,
    """
    -- The buckets of a session are found however many others share their slots.
    CREATE INDEX IF NOT EXISTS buckets_by_session ON buckets (session);

    -- Impossible counts become line problems (ledger/impossible.py), after this step.
    """,
    """
    -- What a log's file itself was called when it was first read, where it has been renamed since.
    ALTER TABLE files ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
    """,
    """
    -- first_offset says where in the logs of its session something stands first, no longer where
    -- in its own log (metering/session_names.py); and hours sort by that. All sums are made anew.
    """,
    FIRST_SIGNATURES,
    """
    -- Which chunks may hold an answer (ledger/answer_index.py); made when it is needed.
    -- places: of each answer four bytes, a byte of its hash and the number of its chunk; ascending.
    CREATE TABLE answer_index (
        page INTEGER PRIMARY KEY,
        places BLOB NOT NULL,
        signature INTEGER NOT NULL
    );
    """,
    """
    -- A data folder is a coding agent's; all that there were are Claude Code's. A step in Python
    -- signs them anew.
    CREATE TABLE roots_of_agents (
        id INTEGER PRIMARY KEY,
        folder TEXT NOT NULL,
        machine TEXT NOT NULL,
        parent TEXT NOT NULL,
        agent TEXT NOT NULL,
        UNIQUE (folder, agent)
    );
    INSERT INTO roots_of_agents SELECT id, folder, machine, parent, 'claude-code' FROM roots;
    DROP TABLE roots;
    ALTER TABLE roots_of_agents RENAME TO roots;
    CREATE TRIGGER roots_insert AFTER INSERT ON roots BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('roots', new.id, sign_row(new.id, new.folder, new.machine, new.parent, new.agent));
    END;
    CREATE TRIGGER roots_update AFTER UPDATE OF folder, machine, parent, agent ON roots BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('roots', new.id, sign_row(new.id, new.folder, new.machine, new.parent, new.agent));
    END;
    CREATE TRIGGER roots_delete AFTER DELETE ON roots BEGIN
        DELETE FROM signatures WHERE of = 'roots' AND key = old.id;
    END;

    -- What whoever reads on in a file must remember of what stands before, with its xxh3 behind it
    -- (ledger/signing.py); NULL where nothing.
    ALTER TABLE files ADD COLUMN state BLOB;
    """,
    """
    -- Days and blocks are kept in every ledger, made from the buckets; nothing needs hours now.
    DROP TABLE hours;

    -- Values of a kilobyte leave half of each page empty in a table without a rowid.
    ALTER TABLE day_sums RENAME TO old_day_sums;
    CREATE TABLE day_sums (
        offset_ms INTEGER NOT NULL,
        day INTEGER NOT NULL,
        sums BLOB NOT NULL,
        signature INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (offset_ms, day)
    );
    INSERT INTO day_sums SELECT offset_ms, day, sums, signature FROM old_day_sums;
    DROP TABLE old_day_sums;
    """,
    """
    -- Sessions and files hold their signatures themselves: a row fewer for each of them. Whoever
    -- adds one signs it, as a trigger would take as long as the row.
    ALTER TABLE sessions ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE files ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
    UPDATE sessions SET signature = COALESCE(
        (SELECT signature FROM signatures WHERE of = 'sessions' AND key = +id), 0);
    UPDATE files SET signature = COALESCE(
        (SELECT signature FROM signatures WHERE of = 'files' AND key = +id), 0);
    DELETE FROM signatures WHERE of IN ('sessions', 'files');
    DROP TRIGGER IF EXISTS sessions_insert;
    DROP TRIGGER IF EXISTS sessions_update;
    DROP TRIGGER IF EXISTS sessions_delete;
    DROP TRIGGER IF EXISTS files_insert;
    DROP TRIGGER IF EXISTS files_update;
    DROP TRIGGER IF EXISTS files_delete;
    CREATE TRIGGER sessions_update AFTER UPDATE OF root, project, project_path, session
    ON sessions BEGIN
        UPDATE sessions SET signature =
            sign_row(new.id, new.root, new.project, new.project_path, new.session)
        WHERE id = new.id;
    END;
    CREATE TRIGGER files_update AFTER UPDATE OF root, session, path ON files BEGIN
        UPDATE files SET signature = sign_row(new.id, new.root, new.session, new.path)
        WHERE id = new.id;
    END;
    """,
    """
    -- The sums of a session say in which slots its buckets are (ledger/sums/packing.py); an index
    -- of these would take ten times the room. They are made after this step, and signed with both.
    DROP INDEX buckets_by_session;
    DROP TABLE session_sums;
    CREATE TABLE session_sums (
        session INTEGER PRIMARY KEY REFERENCES sessions,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        slots BLOB NOT NULL,
        sums BLOB NOT NULL,
        signature INTEGER NOT NULL
    );
    """,
    """
    -- What this machine has published to its team (ledger/publishing.py).
    -- copies: of each copy its answer and its id, eight bytes each, the least significant first.
    CREATE TABLE published (
        chunk INTEGER PRIMARY KEY, file INTEGER NOT NULL, first_ms INTEGER NOT NULL,
        state INTEGER NOT NULL, copies BLOB NOT NULL
    );
    """,
    """
    -- Sums of the local days of sessions that have several, for some offsets from UTC; packed, in
    -- the order of the logs. They are made after this step.
    CREATE TABLE session_day_sums (
        offset_ms INTEGER NOT NULL,
        session INTEGER NOT NULL REFERENCES sessions,
        day INTEGER NOT NULL,
        sums BLOB NOT NULL,
        signature INTEGER NOT NULL,
        PRIMARY KEY (offset_ms, session, day)
    );
    """,
    """
    -- The titles that logs give to sessions (metering/session_notes.py), the newest of each kind.
    -- session: the session's id, '' is that of the file. leaf: the line that a summary leads up to.
    CREATE TABLE session_titles (
        file INTEGER NOT NULL REFERENCES files, session TEXT NOT NULL, kind INTEGER NOT NULL,
        leaf TEXT NOT NULL, offset INTEGER NOT NULL, title TEXT NOT NULL,
        PRIMARY KEY (file, session, kind, leaf)
    ) WITHOUT ROWID;

    -- The pull requests that logs link to sessions, likewise; number: NULL if unknown.
    CREATE TABLE pull_requests (
        file INTEGER NOT NULL REFERENCES files, session TEXT NOT NULL, url TEXT NOT NULL,
        offset INTEGER NOT NULL, number INTEGER, repository TEXT NOT NULL,
        PRIMARY KEY (file, session, url)
    ) WITHOUT ROWID;
    """,
    ADD_ATTRIBUTIONS,
    ADD_TYPES,
    JOIN_TABLES,
    """
    -- Tokens of reasoning, which are contained in the output. Nothing before this step has any.
    ALTER TABLE buckets ADD COLUMN reasoning INTEGER NOT NULL DEFAULT 0;
    """,
)
"""Each step forward, in order. A step that was released is never changed again."""
