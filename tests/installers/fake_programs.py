"""Fake versions of Spendlight and `gh`, to test the scripts that use them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PYTHON = os.path.realpath(sys.executable)
"""The interpreter itself: the path of an environment may have a blank, which ends a #! line."""

_SPENDLIGHT = """#!{python} -SE
import os, pathlib, signal, sys, time
kept = pathlib.Path(os.environ["SPENDLIGHT_DATA_DIR"])
flag, end = kept / "runs", kept / "end"
words = sys.argv[1:]
def took(flag):
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
if words == ["--version"]:
    print("spendlight {version}")
elif words[:1] == ["daily"]:
    (kept / "ledger.sqlite3").touch()
    print('{{"totals": {{"totalTokens": {tokens}, "totalCost": 1.680057}}}}')
elif words == ["quit"]:
    end.touch()
elif not took(flag):
    sys.exit({second})
else:
    {tray}
    deadline = time.monotonic() + 30
    while not end.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
"""


def write_program(  # each can be wrong separately
    path: Path,
    *,
    version: str,
    tokens: int = 430_115,
    second: int = 0,
    tray: str = "pass",
) -> Path:
    """Write a program that does what `smoke.py` expects of Spendlight.

    Args:
        path: Where.
        version: The version it claims to be.
        tokens: The tokens it reports, whatever the logs contain.
        second: The exit code of a second start.
        tray: What the first start does in addition.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        _SPENDLIGHT.format(
            python=_PYTHON,
            version=version,
            tokens=tokens,
            second=second,
            tray=tray,
        )
    )
    path.chmod(0o755)
    return path


_GH = """#!{python} -SE
import json, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "asked.jsonl").open("a") as asked:
    print(json.dumps(sys.argv[1:]), file=asked)
words = sys.argv[1:]
if words[:2] == ["release", "list"]:
    print({releases!r})
elif words[:2] == ["release", "download"]:
    pathlib.Path(words[words.index("--dir") + 1], "asset-of-" + words[2]).touch()
elif {fails!r}:
    sys.exit("HTTP 403: not allowed")
"""


def write_gh(folder: Path, releases: str, *, fails: bool = False) -> Path:
    """Write a `gh` that knows some releases, and return the file that lists its calls."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "gh"
    program.write_text(
        _GH.format(python=_PYTHON, folder=str(folder), releases=releases, fails=fails)
    )
    program.chmod(0o755)
    return folder / "asked.jsonl"
