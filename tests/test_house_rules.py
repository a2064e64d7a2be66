"""Rules of this code base that no linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 400
FOLDERS = (".ci", "benchmarks", "installers", "maintenance", "packaging", "src", "tests")
KINDS = ("*.py", "*.sh", "*.nsi", "*.nsh", "*.c", "*.h")
OF_OTHERS = "vendor"
VAGUE = re.compile(r"(?:^|_)(?:places?|PLACES?)(?:_|$)|Places?(?![a-z])")
"""A part of a name that says too little: say index, position, offset, path, folder, location, data
point or geometry."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_too_long(folder: str) -> None:
    found = [path for kind in KINDS for path in (ROOT / folder).rglob(kind)]
    files = [path for path in found if OF_OTHERS not in path.parts]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert lines
    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}


def is_a_sleep(node: ast.Call) -> bool:
    """Return whether a call sleeps for a fixed time."""
    if not isinstance(node.func, ast.Attribute):
        return False
    name, owner = node.func.attr, ast.unparse(node.func.value)
    return (name, owner) in {("sleep", "time"), ("qWait", "QTest")} or (
        name == "wait" and owner.endswith("qtbot")
    )


def test_no_test_sleeps_until_something_has_happened() -> None:
    """If nothing can be waited for, a comment on the line says why."""
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


def names_in(tree: ast.AST) -> list[tuple[str, int]]:
    """Return the names that the code defines, and their lines."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                found.append((node.name, node.lineno))
            case ast.arg():
                found.append((node.arg, node.lineno))
            case ast.Name(ctx=ast.Store()):
                found.append((node.id, node.lineno))
            case ast.Attribute(ctx=ast.Store()):
                found.append((node.attr, node.lineno))
    return found


def test_no_name_says_place() -> None:
    vague = []
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if VAGUE.search(path.stem):
            vague.append(str(path.relative_to(ROOT)))
        if "place" in text.lower():
            vague += [
                f"{path.relative_to(ROOT)}:{line}: {name}"
                for name, line in names_in(ast.parse(text))
                if VAGUE.search(name)
            ]

    assert vague == []


@pytest.mark.parametrize(
    "code",
    [
        "place = 0",
        "def f(places): ...",
        "self.first_place = 0",
        "class Place: ...",
        "class WindowPlaces: ...",
        "_PLACE_BITS = 32",
        "for _place in (): ...",
    ],
)
def test_every_name_that_says_place_is_noticed(code: str) -> None:
    names = [name for name, _ in names_in(ast.parse(code))]

    assert any(VAGUE.search(name) for name in names)


@pytest.mark.parametrize("name", ["replace", "placeholder", "Placeholder", "replaced"])
def test_other_words_are_not_taken_for_place(name: str) -> None:
    assert not VAGUE.search(name)
