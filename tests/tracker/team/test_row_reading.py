"""Rows that are read ahead need not be wanted in the end."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from spendlight.team.row_reading import RowReading

PATIENCE_S = 10


def test_a_reading_that_is_not_wanted_leaves_no_thread() -> None:
    wanted = {name: np.zeros(0, "i8") for name in ("file", "row_number", "answer")}
    before = set(threading.enumerate())

    reading = RowReading([], wanted, ())

    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    with pytest.raises(Exception, match="file"):
        reading.result()
