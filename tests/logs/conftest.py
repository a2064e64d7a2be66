from __future__ import annotations

import pytest
from tests.logs.listers import list_in_python


@pytest.fixture(params=["native", "python"])
def lister(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """List folders in each of the two ways in turn; where there is only one, in that."""
    if request.param == "python":
        list_in_python(monkeypatch)
    return str(request.param)
