"""The sessions that answers name in their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def sessions_by_offset(
    offsets: Sequence[int], named: Sequence[str | None], own: str, *, is_whole: bool
) -> list[tuple[int, str]]:
    """Return from which offset on answers name which session; "" means that of the path.

    This is nearly always the session of the path; the result is then empty for a log that was read
    from its beginning.

    Args:
        offsets: Where the line of each answer starts; in any order.
        named: The session that it names, if any.
        own: The session's id from the path.
        is_whole: Whether the log was read from its beginning.
    """
    names = set(named)
    if names <= {own, None}:
        return [] if is_whole else [(min(offsets), "")]
    found: list[tuple[int, str]] = []
    for offset, name in sorted(zip(offsets, named, strict=True), key=lambda pair: pair[0]):
        session = "" if name in {own, None} else name or ""
        if session != (found[-1][1] if found else None):
            found.append((offset, session))
    return found
