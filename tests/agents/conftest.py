from __future__ import annotations

from pathlib import Path

import pytest
from tests.agents.cases import CASES
from tests.agents.kit import AgentHome


@pytest.fixture(params=CASES, ids=lambda case: f"{case.agent}: {case.name}")
def there(request: pytest.FixtureRequest, tmp_path: Path) -> AgentHome:
    """A home directory of each case in turn; its files are not written yet."""
    return AgentHome(tmp_path, request.param)
