"""The form of the ledger's tables: its number, and what is signed of them."""

from __future__ import annotations

from typing import Final

PACKS_SESSIONS: Final = 4
"""The step after which the sums of sessions must be made anew, which SQL alone cannot do."""

FOLLOWS_PATHS: Final = 6
"""The step after which logs must be given to the sessions that their paths name."""

BOUNDS_COUNTS: Final = 9
"""The step after which what cannot be must be taken out of the archive."""

ORDERS_BY_PLACE: Final = 11
"""The step after which all sums must be made anew from the entries."""

SIGNS: Final = 12
"""The step after which all that was there before must be signed, which SQL alone cannot do."""

KNOWS_AGENTS: Final = 14
"""The step that says of each data folder whose it is."""

SIGNED_ROWS: Final = {
    "roots": "id, folder, machine, parent, agent",
    "sessions": "id, root, project, project_path, session",
    "files": "id, root, session, path",
    "variants": "id, name, is_fast, geo, role",
    "shadows": "id, roots",
    "meta": "key, value",
}
"""The tables whose rows are signed one by one: the key, and all else that is signed."""

SCHEMA_KEY: Final = "schema"
"""Where ``meta`` keeps it once more, to tell a newer version from a flipped bit."""

SCHEMA: Final = 15
"""The form of the tables that this version writes: how many steps `ledger.migrations` has. Kept as
SQLite's ``user_version``."""
