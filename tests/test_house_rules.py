"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 400
FOLDERS = (".ci", "benchmarks", "installers", "maintenance", "packaging", "src", "tests")
KINDS = ("*.py", "*.sh", "*.nsi", "*.nsh", "*.c", "*.h")
OF_OTHERS = "vendor"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_longer_than_one_can_keep_in_mind(folder: str) -> None:
    found = [path for kind in KINDS for path in (ROOT / folder).rglob(kind)]
    files = [path for path in found if OF_OTHERS not in path.parts]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert lines
    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}


def is_a_sleep(node: ast.Call) -> bool:
    """Whether it lets time pass, whatever happens meanwhile."""
    if not isinstance(node.func, ast.Attribute):
        return False
    name, owner = node.func.attr, ast.unparse(node.func.value)
    return (name, owner) in {("sleep", "time"), ("qWait", "QTest")} or (
        name == "wait" and owner.endswith("qtbot")
    )


def test_no_test_sleeps_until_something_has_happened() -> None:
    """Where nothing can be waited for, a comment on the line says why."""
    silent = []
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "sleep" not in text and "ait(" not in text:
            continue
        lines = text.splitlines()
        silent += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call) and is_a_sleep(node) and "#" not in lines[node.lineno - 1]
        ]

    assert silent == []
