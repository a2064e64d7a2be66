"""Measures which tests reach which lines, once for each state of the code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from coverage import CoverageData
from workshop import Workshop

_NOTES: Final = "reach.json"
_FORM: Final = 2
_IMPORT: Final = ""
"""What stands for the import of a module, beside the tests that run a line."""


class Reach(NamedTuple):
    """What was measured."""

    lines: dict[str, dict[int, frozenset[str]]]
    """By file, below the folder of the package, and line: the tests that run it."""
    seconds: dict[str, float]
    """How long each test takes while it is measured, which makes it slower."""
    failed: frozenset[str]
    """Tests that fail without any mutation, at least while they are measured."""

    def tests_for(
        self, path: str, first_line: int, last_line: int, *, is_call_time: bool
    ) -> list[str]:
        """Return the tests that may notice a change, the most likely and fastest ones first.

        Args:
            path: The file that is changed.
            first_line: Where the change begins.
            last_line: Where it ends.
            is_call_time: Whether it runs when a function is called. What runs while the module is
                imported may be noticed by every test that runs any of the file.
        """
        lines = self.lines.get(path, {})
        chosen = range(first_line, last_line + 1)
        found = {test for line in chosen for test in lines.get(line, ())}
        own = _own_tests(path)
        if not is_call_time or _IMPORT in found:
            found = {test for tests in lines.values() for test in tests}
            is_call_time = False
        found.discard(_IMPORT)
        if not is_call_time or not found:
            found |= {test for test in self.seconds if test.startswith(own)}
        module = f"test_{Path(path).stem}"

        def promise(test: str) -> tuple[bool, float]:
            near = 10.0 if module in test else 3.0 if test.startswith(own) else 1.0
            return self.seconds.get(test, 0.0) > 5, self.seconds.get(test, 0.0) / near

        return sorted(found - self.failed, key=promise)


def measure(shop: Workshop, tests: Iterable[str], packages: Iterable[str]) -> Reach:
    """Return which tests reach which lines, cached if nothing has changed since.

    Args:
        shop: Where the tests are run.
        tests: Files and folders of tests.
        packages: The packages whose lines matter.

    Raises:
        RuntimeError: If the tests cannot be run.
    """
    state = _state_of(shop, [*tests, *packages])
    notes = shop.folder / _NOTES
    kept = json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else {}
    if kept.get("state") != state:
        kept = {"state": state, **_measured(shop, tests, packages)}
        notes.write_text(json.dumps(kept), encoding="utf-8")
    names = kept["tests"]
    return Reach(
        {
            path: {int(line): frozenset(names[at] for at in ats) for line, ats in lines.items()}
            for path, lines in kept["lines"].items()
        },
        kept["seconds"],
        frozenset(kept["failed"]),
    )


def _measured(shop: Workshop, tests: Iterable[str], packages: Iterable[str]) -> dict[str, object]:
    data_file = shop.folder / "coverage"
    data_file.unlink(missing_ok=True)
    notes = shop.folder / "notes.json"
    notes.unlink(missing_ok=True)
    ran = shop.pytest(
        [
            "--cov-context=test",
            "--cov-report=",
            *(f"--cov=spendlight.{package}" for package in packages),
            *("-m", "not display", "--timeout=600"),
            *tests,
        ],
        seconds=None,
        COVERAGE_FILE=str(data_file),
        REACH_NOTES=str(notes),
    )
    if not notes.exists() or not data_file.exists():
        message = f"the tests could not be run:\n{ran.said}"
        raise RuntimeError(message)
    said = json.loads(notes.read_text(encoding="utf-8"))
    names = sorted([_IMPORT, *said["seconds"]])
    numbers = {name: at for at, name in enumerate(names)}
    data = CoverageData(str(data_file))
    data.read()
    lines: dict[str, dict[int, list[int]]] = {}
    for file in sorted(data.measured_files()):
        path = Path(file).relative_to(shop.source).as_posix()
        lines[path] = {
            line: sorted({numbers[name] for name in map(_test_of, contexts) if name in numbers})
            for line, contexts in data.contexts_by_lineno(file).items()
        }
    return {"tests": names, "lines": lines, **said}


def _test_of(context: str) -> str:
    return context.rpartition("|")[0]


def _own_tests(path: str) -> str:
    """Return the prefix of the names of a package's own tests."""
    return f"tests/{path.partition('/')[0]}/"


def _state_of(shop: Workshop, asked: list[str]) -> str:
    """Return a hash of everything that the measurement depends on."""
    digest = hashlib.sha256(f"{_FORM} {asked}".encode())
    for path in _files(shop.copy):
        digest.update(f"{path.relative_to(shop.copy)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(copy: Path) -> Iterator[Path]:
    for folder in ("src", "tests", "resources"):
        yield from sorted(
            path
            for path in (copy / folder).rglob("*")
            if path.suffix in {".py", ".json", ".c", ".h"}
        )
