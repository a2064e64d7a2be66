"""Starts processes that load no modules of the working directory, which may be anybody's."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLE: Final = "PYTHONSAFEPATH"


@contextmanager
def safe_start() -> Iterator[None]:
    """Keep an interpreter that is started meanwhile from looking for modules where it stands.

    Python looks there first when it starts a process of its own, as for `multiprocessing`.
    """
    former = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = "1"
    try:
        yield
    finally:
        if former is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = former
