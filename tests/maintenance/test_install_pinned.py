from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "maintenance" / "install_pinned.py"


def test_nothing_is_installed_but_what_is_pinned_by_its_hash() -> None:
    packages, program = runpy.run_path(str(SCRIPT))["commands"]("build", "python3")

    assert "--require-hashes" in packages
    assert Path(packages[-1]).is_file()
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(program)
