"""Has Python search for garbage less often while much is written."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_THRESHOLDS: Final = gc.get_threshold()
_MANY_OBJECTS: Final = 100_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have Python search for garbage less often.

    A first scan makes some objects for each log, and an import some for each sum, which stay until
    they are written, and no cycles: going through them again and again took a fifth of the time.
    """
    gc.set_threshold(_MANY_OBJECTS, *_THRESHOLDS[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_THRESHOLDS)
