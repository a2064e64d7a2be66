"""What every test of the desktop may ask for."""

from __future__ import annotations

import pytest
from tests.desktop.makers import FakeTracker


@pytest.fixture
def tracker() -> FakeTracker:
    """A tracker in whose world a block is active."""
    return FakeTracker()
