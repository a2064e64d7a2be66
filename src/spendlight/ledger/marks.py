"""How the ledger stores the marks of files: how far each was read, and the parser's state there."""

from __future__ import annotations

from typing import Any, Final

from spendlight.ledger.batches import FileMark

MARK_COLUMNS: Final = (
    "f.id, f.size, f.mtime_ns, f.inode, f.read_to, f.fingerprint, f.first_name, f.state"
)
"""The columns of ``files f`` that `mark_of` takes, in order."""


def mark_of(*columns: Any) -> FileMark:  # noqa: ANN401  # values from SQLite
    """Return the mark of a file.

    If the state is damaged, the mark says that the file must be read from its beginning.
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
    """Return a mark's state as it is stored: with a signature that is valid for this mark only."""
    if mark.state is None:
        return None
    from spendlight.ledger.signing import sealed  # as above

    return sealed(mark.state, mark.fingerprint)
