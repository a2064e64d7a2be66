"""The tables of a new ledger, made in one go instead of by all steps of `ledger.migrations`."""

from __future__ import annotations

from typing import Final

from spendlight.ledger.attribution_tables import ATTRIBUTION_TABLES

TABLES_SCHEMA: Final = 24
"""The schema of `TABLES`; later steps are taken after it."""

TABLES: Final = (
    """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A data folder of an agent, on this machine or imported from another.
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    folder TEXT NOT NULL,
    machine TEXT NOT NULL,
    parent TEXT NOT NULL,
    agent TEXT NOT NULL,
    UNIQUE (folder, agent)
);

-- signature: see ledger/signing.py; whoever adds a row signs it, as a trigger would take as long
-- as the row itself. Likewise in files.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL REFERENCES roots,
    project TEXT NOT NULL,
    project_path TEXT NOT NULL,
    session TEXT NOT NULL,
    signature INTEGER NOT NULL DEFAULT 0,
    UNIQUE (root, project_path, session)
);

-- state: what a reader must remember to read on, followed by its xxh3; NULL if nothing.
-- first_name: the log's own name when it was first read, if it has been renamed since.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL REFERENCES roots,
    session INTEGER NOT NULL REFERENCES sessions,
    path TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    read_to INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    first_name TEXT NOT NULL DEFAULT '',
    state BLOB,
    signature INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX files_by_session ON files (session);

CREATE TABLE variants (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    is_fast INTEGER NOT NULL,
    geo TEXT NOT NULL,
    role INTEGER NOT NULL
);

-- A set of roots. A copy that does not count because of one in another root has one.
CREATE TABLE shadows (
    id INTEGER PRIMARY KEY,
    roots TEXT NOT NULL UNIQUE
);

-- The archive, never dropped. columns: entries packed column by column (metering/packed.py).
-- shadows: that of each entry, four bytes, the least significant first; NULL if none has one.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    columns BLOB NOT NULL,
    shadows BLOB,
    signature INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX chunks_by_file ON chunks (file);
CREATE INDEX chunks_by_last ON chunks (last_ms);

-- The answers of a chunk, eight bytes each, the least significant first. Apart from the chunk,
-- as all of them are searched for copies of a new answer.
CREATE TABLE chunk_answers (
    chunk INTEGER PRIMARY KEY REFERENCES chunks,
    answers BLOB NOT NULL,
    signature INTEGER NOT NULL DEFAULT 0
);

-- Sums of the entries. price_class: twice the number of context thresholds passed, plus 1 if the
-- cost was recorded.
CREATE TABLE buckets (
    slot INTEGER NOT NULL,
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
    reasoning INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (slot, session, variant, price_class, shadow)
) WITHOUT ROWID;

CREATE TABLE problems (
    file INTEGER NOT NULL REFERENCES files,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    is_counted INTEGER NOT NULL,
    PRIMARY KEY (file, offset, reason)
) WITHOUT ROWID;

CREATE TABLE price_lists (
    fingerprint TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    in_force_since_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- The keys of alerts already given; numbered, so that the oldest can be removed.
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

-- Until when the user has muted alerts, and what was known at the last look; JSON.
CREATE TABLE alert_state (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Sums of five-hour blocks of all roots together, as far as they have blocks, packed
-- (ledger/sums/packing.py), in the order of time. first_hour: see ledger/sums/on_demand.py.
CREATE TABLE block_sums (
    first_hour INTEGER PRIMARY KEY,
    sums BLOB NOT NULL,
    signature INTEGER NOT NULL DEFAULT 0
);

-- Blocks as session-block files describe them. cost: in dollars, if the file has one.
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

-- The sessions that a file names itself, from an offset on; '' is the one of its path, which is
-- also that of all answers in files without a row.
CREATE TABLE named_sessions (
    file INTEGER NOT NULL REFERENCES files,
    offset INTEGER NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (file, offset)
) WITHOUT ROWID;
CREATE INDEX named_sessions_by_session ON named_sessions (session);

-- Answers of which a file has a copy that does not count, as one in another session's log does.
CREATE TABLE lost_copies (
    file INTEGER NOT NULL REFERENCES files,
    answer INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (file, answer)
) WITHOUT ROWID;

-- Signatures (ledger/signing.py) of the rows of small tables, made by triggers.
CREATE TABLE signatures (
    of TEXT NOT NULL,
    key NOT NULL,
    signature INTEGER NOT NULL,
    PRIMARY KEY (of, key)
) WITHOUT ROWID;

-- Answers that were damaged and exist nowhere else.
CREATE TABLE losses (
    path TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    found_ms INTEGER NOT NULL,
    PRIMARY KEY (path, first_ms)
) WITHOUT ROWID;

-- Which chunks may contain an answer (ledger/answer_index.py), made when it is needed. places: of
-- each answer four bytes, a byte of its hash and the number of its chunk; ascending.
CREATE TABLE answer_index (
    page INTEGER PRIMARY KEY,
    places BLOB NOT NULL,
    signature INTEGER NOT NULL
);

-- Sums of local days of all roots together, for some offsets from UTC, packed, in the order of
-- the logs. day: its number since 1970-01-01.
CREATE TABLE day_sums (
    offset_ms INTEGER NOT NULL,
    day INTEGER NOT NULL,
    sums BLOB NOT NULL,
    signature INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (offset_ms, day)
);

-- Sums of sessions, without copies that have a shadow, packed; and the slots of their buckets.
CREATE TABLE session_sums (
    session INTEGER PRIMARY KEY REFERENCES sessions,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    slots BLOB NOT NULL,
    sums BLOB NOT NULL,
    signature INTEGER NOT NULL
);

-- What this machine has published to its team (ledger/publishing.py). copies: of each copy its
-- answer and its id, eight bytes each, the least significant first. A negative chunk is what a
-- publication that did not end may have published of the chunk with the opposite number.
CREATE TABLE published (
    chunk INTEGER PRIMARY KEY,
    file INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    copies BLOB NOT NULL
);

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
CREATE TRIGGER variants_insert AFTER INSERT ON variants BEGIN
    INSERT OR REPLACE INTO signatures
    VALUES ('variants', new.id, sign_row(new.id, new.name, new.is_fast, new.geo, new.role));
END;
CREATE TRIGGER variants_update AFTER UPDATE OF name, is_fast, geo, role ON variants BEGIN
    INSERT OR REPLACE INTO signatures
    VALUES ('variants', new.id, sign_row(new.id, new.name, new.is_fast, new.geo, new.role));
END;
CREATE TRIGGER variants_delete AFTER DELETE ON variants BEGIN
    DELETE FROM signatures WHERE of = 'variants' AND key = old.id;
END;
CREATE TRIGGER shadows_insert AFTER INSERT ON shadows BEGIN
    INSERT OR REPLACE INTO signatures
    VALUES ('shadows', new.id, sign_row(new.id, new.roots));
END;
CREATE TRIGGER shadows_update AFTER UPDATE OF roots ON shadows BEGIN
    INSERT OR REPLACE INTO signatures
    VALUES ('shadows', new.id, sign_row(new.id, new.roots));
END;
CREATE TRIGGER shadows_delete AFTER DELETE ON shadows BEGIN
    DELETE FROM signatures WHERE of = 'shadows' AND key = old.id;
END;
CREATE TRIGGER meta_insert AFTER INSERT ON meta BEGIN
    INSERT OR REPLACE INTO signatures
    VALUES ('meta', new.key, sign_row(new.key, new.value));
END;
CREATE TRIGGER meta_update AFTER UPDATE OF value ON meta BEGIN
    INSERT OR REPLACE INTO signatures
    VALUES ('meta', new.key, sign_row(new.key, new.value));
END;
CREATE TRIGGER meta_delete AFTER DELETE ON meta BEGIN
    DELETE FROM signatures WHERE of = 'meta' AND key = old.key;
END;
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

INSERT INTO shadows VALUES (0, '');
"""  # noqa: S608  # our own text
    + ATTRIBUTION_TABLES
)
"""What the first steps lead to; a test compares them. Whoever adds a step may leave this as it is,
or add the change here, too, and increase its schema."""
