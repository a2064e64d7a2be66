from __future__ import annotations

from pathlib import Path

import pytest
from tests.agents.cases import CASES
from tests.agents.kit import AgentHome, name_of


@pytest.fixture(params=CASES, ids=name_of)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> AgentHome:
    """A home directory of each case in turn; its files are not written yet."""
    return AgentHome(tmp_path, request.param)
