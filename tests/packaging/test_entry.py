"""The entry point of frozen executables, run by Python with a simulated boot loader."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ENTRY = Path(__file__).parents[2] / "packaging" / "entry.py"
SHOW = "import os; print({name: os.environ.get(name) for name in ('LD_LIBRARY_PATH', '_PYI_FILE')})"


def run_entry(*words: str, **environ: str) -> str:
    ran = subprocess.run(
        [sys.executable, ENTRY, *words],
        input="{}",
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_it_is_the_program() -> None:
    assert run_entry("--version").startswith("spendlight ")


@pytest.mark.skipif(sys.platform != "linux", reason="the variable is Linux's")
@pytest.mark.parametrize(
    ("left", "given"),
    [
        ({"LD_LIBRARY_PATH": "/bundle"}, None),
        ({"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": ""}, None),
        ({"LD_LIBRARY_PATH": "/bundle:/own", "LD_LIBRARY_PATH_ORIG": "/own"}, "/own"),
    ],
)
def test_other_programs_get_their_own_libraries(left: dict[str, str], given: str | None) -> None:
    then = shlex.join([sys.executable, "-c", SHOW])

    told = run_entry("statusline", "--then", then, _PYI_FILE="/bundle/spendlight", **left)

    assert told.strip() == str({"LD_LIBRARY_PATH": given, "_PYI_FILE": None})


def test_it_runs_a_probe_from_inside(tmp_path: Path) -> None:
    script = tmp_path / "probe.py"
    script.write_text("def tell(*words): print('told', *words)")

    assert run_entry("__probe", str(script), "tell", "a", "b c") == "told a b c\n"
