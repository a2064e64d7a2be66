"""Puts the rows of segments in order, and says by which context sizes their sums are separated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.team.settling import QUARTER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.team.engine import Connection

CLAUDE: Final = "claude"
EVERYDAY_THRESHOLDS: Final = (100_000, 200_000)
THRESHOLDS: Final = (32_000, 100_000, 128_000, 200_000, 256_000, 272_000, 512_000)
"""The context sizes by which sums of Claude's models, and of others, are separated, in tokens: all
at which any price list changes a price. Readers with others add up the rows themselves."""

LOG: Final = ("vm", "agent", "root", "path", "project", "project_path", "session")
VARIANT: Final = ("model", "is_fast", "geo", "role")

ORDER: Final = (
    'is_withdrawn, log_number, variant_number, quarter, passed, is_recorded, "offset", at_ms,'
    " recorded_cost, answer, request, copy"
)
"""The order of the rows of a segment with an index."""

VARIANTS: Final = 1 << 12
"""A log's number in its segment is multiplied by this to make room for the variant's."""

_CONTEXT: Final = "(input + cache_write_5m + cache_write_1h + cache_read)"


def make_ordered(
    connection: Connection,
    source: str,
    parameters: Sequence[object] = (),
    thresholds: Sequence[int] | None = None,
) -> None:
    """Make the table ``ordered``: rows with what their order and their index depend on.

    Args:
        connection: The database.
        source: The rows, in SQL: the columns of segments and, in ``number`` and ``row_number``,
            each row's segment and its number there. It is read once.
        parameters: Of that SQL.
        thresholds: The context sizes by which sums are separated; by default `THRESHOLDS`.
    """
    run = connection.execute
    log, variant = ", ".join(LOG), ", ".join(VARIANT)
    run(
        f"CREATE OR REPLACE TEMP TABLE unordered AS SELECT *, hash({log}) AS log_hash,"
        f" hash({variant}) AS variant_hash FROM {source}",
        parameters,
    )
    for table, key, names in (
        ("ordered_logs", "log_hash", LOG),
        ("ordered_variants", "variant_hash", VARIANT),
    ):
        run(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT ROW_NUMBER() OVER (PARTITION BY number"
            f" ORDER BY {', '.join(names)}) - 1 AS named, * FROM (SELECT number, {key},"
            f" {', '.join(f'ANY_VALUE({name}) AS {name}' for name in names)}"
            " FROM unordered WHERE NOT is_withdrawn GROUP BY ALL)"
        )
    if thresholds is None:
        passed = (
            f"CASE WHEN starts_with(model, '{CLAUDE}') THEN {_passed(EVERYDAY_THRESHOLDS)}"
            f" ELSE {_passed(THRESHOLDS)} END"
        )
    else:
        passed = _passed(thresholds)
    run(
        "CREATE OR REPLACE TEMP TABLE ordered AS SELECT u.*, COALESCE(l.named, 0) AS log_number,"
        " COALESCE(v.named, 0) AS variant_number, CASE WHEN is_withdrawn THEN 0 ELSE"
        f" at_ms // {QUARTER_MS} END AS quarter, {passed} AS passed,"
        " (recorded_cost IS NOT NULL)::INTEGER AS is_recorded FROM unordered u"
        " LEFT JOIN (SELECT number, log_hash, named FROM ordered_logs) l USING (number, log_hash)"
        " LEFT JOIN (SELECT number, variant_hash, named FROM ordered_variants) v"
        " USING (number, variant_hash)"
    )
    run("DROP TABLE unordered")


def _passed(thresholds: Sequence[int]) -> str:
    return " + ".join(f"({_CONTEXT} > {size:d})::INTEGER" for size in thresholds) or "0"
