"""A copy of the checkout in which files can be changed and tests run.

The checkout itself is never touched, so that a killed run leaves no mutation behind.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

_HERE: Final = Path(__file__).resolve().parent
ROOT: Final = _HERE.parents[1]
_MOST_BYTES: Final = 8 << 30


class Ran(NamedTuple):
    """The result of running tests."""

    code: int | None
    """What pytest ended with; None if it took too long."""
    said: str


class Workshop:
    """A copy of the present checkout, including uncommitted changes."""

    def __init__(self, folder: Path) -> None:
        """Make the copy.

        Args:
            folder: Where it and everything else is kept; created if needed.
        """
        self.folder = folder
        self.copy = folder / "copy"
        self.source = self.copy / "src" / "spendlight"
        shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir(parents=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (self.copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.copy / name)
        # Tests of the reader in Python then run beside those of the native one, as for developers.
        subprocess.run([sys.executable, "packaging/build_reader.py"], cwd=self.copy, check=True)
        # A change may keep a file's size and second, so bytecode must depend on its contents.
        subprocess.run(
            [sys.executable, "-m", "compileall", "-q", "--invalidation-mode=checked-hash", "src"],
            cwd=self.copy,
            check=True,
        )

    @contextmanager
    def changed(self, path: str, text: str) -> Iterator[None]:
        """Replace the text of a file of the package temporarily."""
        file = self.source / path
        before = file.read_bytes()
        file.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            file.write_bytes(before)

    def pytest(self, words: Iterable[str], seconds: float | None, **environ: str) -> Ran:
        """Run tests in the copy, in one process, until the first fails.

        Args:
            words: Arguments of pytest in addition to those of all runs.
            seconds: After how long it is ended; None for never.
            environ: Variables of its environment.
        """
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-p", "pytest_reach", "-q", "--tb=line"),
                *("-p", "no:cacheprovider", "--hypothesis-profile=mutants", "-n", "0"),
                *words,
            ],
            cwd=self.copy,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(self.copy / "src"), str(_HERE)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_bounded,  # noqa: PLW1509  # there are no threads
        )
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return Ran(None, "")
        finally:  # anything a test has started and left
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Ran(process.returncode, said)


def _bounded() -> None:
    """Limit memory, so that a runaway test fails before the machine does."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
