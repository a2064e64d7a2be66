"""How far files were read, as the ledger keeps it; what goes with that stands or falls with it."""

from __future__ import annotations

from typing import Any, Final

from spendlight.ledger.batches import FileMark

MARK_COLUMNS: Final = (
    "f.id, f.size, f.mtime_ns, f.inode, f.read_to, f.fingerprint, f.first_name, f.state"
)
"""The columns of ``files f`` that `mark_of` wants, in their order."""


def mark_of(*columns: Any) -> FileMark:  # noqa: ANN401  # as SQLite has them
    """Return how far a file was read.

    Where the state is not as it was written, the file is to be read from its beginning.
    """
    mark = FileMark(*columns)
    if mark.state is None:
        return mark
    from spendlight.ledger.signing import unsealed  # few agents need any

    state = unsealed(mark.state, mark.fingerprint)
    if state is None:
        return mark._replace(size=-1, read_to=0, state=None)
    return mark._replace(state=state)


def state_column(mark: FileMark) -> bytes | None:
    """Return a mark's state as the ledger keeps it: with a signature that fits its mark alone."""
    if mark.state is None:
        return None
    from spendlight.ledger.signing import sealed  # as above

    return sealed(mark.state, mark.fingerprint)
