"""The schema of the ledger: its number, and which columns are signed."""

from __future__ import annotations

from typing import Final

FOLLOWS_PATHS: Final = 6
"""The step after which logs must be assigned to the sessions that their paths name."""

BOUNDS_COUNTS: Final = 9
"""The step after which impossible answers must be removed from the archive."""

ORDERS_BY_OFFSET: Final = 11
"""The step after which all sums must be rebuilt from the entries."""

SIGNS: Final = 12
"""The step after which existing rows must be signed, which SQL alone cannot do."""

KNOWS_AGENTS: Final = 14
"""The step that stores the agent of each data folder."""

KNOWS_SLOTS: Final = 17
"""The step after which the sums of sessions must be rebuilt; SQL alone cannot do this."""

KNOWS_SESSION_DAYS: Final = 19
"""The step after which the days of sessions must be summed up, which SQL alone cannot do."""

KNOWS_ATTRIBUTIONS: Final = 21
"""The step from which on chunks contain what is known of the circumstances of answers."""

SIGNS_NOTES: Final = 22
"""The step after which existing titles must be signed, which SQL alone cannot do, and from which on
the types of subagents and the repositories of folders are stored."""

JOINS_TABLES: Final = 23
"""The step that joins the small tables of what is known of circumstances and sessions."""

KNOWS_REASONING: Final = 24
"""The step that adds tokens of reasoning to the sums."""

SIGNED_ROWS: Final = {
    "roots": "id, folder, machine, parent, agent",
    "sessions": "id, root, project, project_path, session",
    "files": "id, root, session, path",
    "variants": "id, name, is_fast, geo, role",
    "shadows": "id, roots",
    "meta": "key, value",
}
"""The tables whose rows are signed one by one: the key, then the other signed columns."""

WITH_OWN_SIGNATURE: Final = frozenset({"sessions", "files"})
"""Those of them with signatures in the rows themselves, as each log adds rows; the signatures of
the others are in ``signatures``."""

SCHEMA_KEY: Final = "schema"
"""The key in ``meta`` of a second copy, to distinguish a newer version from a flipped bit."""

SCHEMA: Final = 24
"""The schema that this version writes: the number of steps in `ledger.migrations`. Stored as
SQLite's ``user_version``."""
