from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "maintenance" / "install_pinned.py"


def test_only_requirements_with_hashes_are_installed() -> None:
    packages, program = runpy.run_path(str(SCRIPT))["commands"]("build", "python3")

    assert "--require-hashes" in packages
    assert Path(packages[-1]).is_file()
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(program)
