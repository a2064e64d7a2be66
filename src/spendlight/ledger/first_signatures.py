"""The step of `ledger.migrations` after which rows are signed."""

from __future__ import annotations

from typing import Final

FIRST_SIGNATURES: Final = """
    -- Signatures: xxh3 of what a row holds (ledger/signing.py), made when it is written and looked
    -- at when it is read. A step in Python makes those of what was there before.
    ALTER TABLE chunks ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE chunk_answers ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE day_sums ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE block_sums ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session_sums ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;

    -- Signatures of rows that are looked up again and again; made by triggers.
    CREATE TABLE signatures (
        of TEXT NOT NULL,
        key NOT NULL,
        signature INTEGER NOT NULL,
        PRIMARY KEY (of, key)
    ) WITHOUT ROWID;

    CREATE TRIGGER roots_insert AFTER INSERT ON roots BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('roots', new.id, sign_row(new.id, new.folder, new.machine, new.parent));
    END;
    CREATE TRIGGER roots_update AFTER UPDATE OF folder, machine, parent ON roots BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('roots', new.id, sign_row(new.id, new.folder, new.machine, new.parent));
    END;
    CREATE TRIGGER roots_delete AFTER DELETE ON roots BEGIN
        DELETE FROM signatures WHERE of = 'roots' AND key = old.id;
    END;
    CREATE TRIGGER sessions_insert AFTER INSERT ON sessions BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('sessions', new.id,
            sign_row(new.id, new.root, new.project, new.project_path, new.session));
    END;
    CREATE TRIGGER sessions_update AFTER UPDATE OF root, project, project_path, session
    ON sessions BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('sessions', new.id,
            sign_row(new.id, new.root, new.project, new.project_path, new.session));
    END;
    CREATE TRIGGER sessions_delete AFTER DELETE ON sessions BEGIN
        DELETE FROM signatures WHERE of = 'sessions' AND key = old.id;
    END;
    CREATE TRIGGER files_insert AFTER INSERT ON files BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('files', new.id, sign_row(new.id, new.root, new.session, new.path));
    END;
    CREATE TRIGGER files_update AFTER UPDATE OF root, session, path ON files BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('files', new.id, sign_row(new.id, new.root, new.session, new.path));
    END;
    CREATE TRIGGER files_delete AFTER DELETE ON files BEGIN
        DELETE FROM signatures WHERE of = 'files' AND key = old.id;
    END;
    CREATE TRIGGER variants_insert AFTER INSERT ON variants BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('variants', new.id,
            sign_row(new.id, new.name, new.is_fast, new.geo, new.role));
    END;
    CREATE TRIGGER variants_update AFTER UPDATE OF name, is_fast, geo, role ON variants BEGIN
        INSERT OR REPLACE INTO signatures
        VALUES ('variants', new.id,
            sign_row(new.id, new.name, new.is_fast, new.geo, new.role));
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

    -- Answers that were damaged and stand nowhere else.
    CREATE TABLE losses (
        path TEXT NOT NULL,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        found_ms INTEGER NOT NULL,
        PRIMARY KEY (path, first_ms)
    ) WITHOUT ROWID;
    """
