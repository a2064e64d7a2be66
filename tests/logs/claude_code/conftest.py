from __future__ import annotations

import pytest

from spendlight.logs.claude_code.native import NATIVE

READERS = ("native", "python") if NATIVE.instructions else ("python",)


@pytest.fixture(autouse=True, params=READERS)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Use each of the readers in turn."""
    if request.param == "python":
        monkeypatch.setattr(NATIVE, "take", lambda: None)
    return str(request.param)
