"""The ledger's first schema; the steps in `ledger.migrations` lead from it to the current one."""

from __future__ import annotations

from typing import Final

FIRST_TABLES: Final = """
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE roots (
        id INTEGER PRIMARY KEY,
        folder TEXT NOT NULL UNIQUE,
        machine TEXT NOT NULL,
        parent TEXT NOT NULL
    );

    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        root INTEGER NOT NULL REFERENCES roots,
        project TEXT NOT NULL,
        project_path TEXT NOT NULL,
        session TEXT NOT NULL,
        UNIQUE (root, project_path, session)
    );

    CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        root INTEGER NOT NULL REFERENCES roots,
        session INTEGER NOT NULL REFERENCES sessions,
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        read_to INTEGER NOT NULL,
        fingerprint INTEGER NOT NULL
    );
    CREATE INDEX files_by_session ON files (session);

    CREATE TABLE variants (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        is_fast INTEGER NOT NULL,
        geo TEXT NOT NULL,
        is_advisor INTEGER NOT NULL
    );

    -- A set of roots; a copy that lost against one in another root counts only where that other
    -- root is not looked at.
    CREATE TABLE shadows (
        id INTEGER PRIMARY KEY,
        roots TEXT NOT NULL UNIQUE
    );
    INSERT INTO shadows VALUES (0, '');

    -- The archive: for each root, the one copy that stands for each answer. Never dropped.
    -- Packed, as half a million rows would take ten times as long to write (metering/packed.py).
    -- shadows: of each entry, four bytes, the least significant first; NULL where none has one.
    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY,
        file INTEGER NOT NULL REFERENCES files,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        columns BLOB NOT NULL,
        shadows BLOB
    );
    CREATE INDEX chunks_by_file ON chunks (file);
    CREATE INDEX chunks_by_first ON chunks (first_ms);
    CREATE INDEX chunks_by_last ON chunks (last_ms);

    -- Which answers a chunk holds, eight bytes each, the least significant first. By itself, as
    -- all of them are looked through when copies of a new answer are sought.
    CREATE TABLE chunk_answers (
        chunk INTEGER PRIMARY KEY REFERENCES chunks,
        answers BLOB NOT NULL
    );

    -- Sums of the entries; whenever one of them changes, those it is in are made anew from them.
    -- price_class: twice the number of context cuts passed, plus 1 where the cost was recorded.
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
"""
