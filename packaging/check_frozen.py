"""Tests a frozen program: everything that may differ from the source.

    python packaging/check_frozen.py [FOLDER]

FOLDER is dist/spendlight by default. It stops at the first failure. Run with the Python of the
environment in which the program was frozen, it also checks everything that can be imported there.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from spendlight import __version__
from spendlight.autostart.xdg import arguments_of

ROOT: Final = Path(__file__).resolve().parents[1]
PROBE: Final = ROOT / "packaging" / "probe.py"
SUFFIX: Final = ".exe" if sys.platform == "win32" else ""

LOGS: Final = 200
TOKENS: Final = LOGS * 1_000_000
DOLLARS: Final = LOGS * (600_000 * 5 + 400_000 * 25) / 1e6


class WrongError(Exception):
    """A check has failed."""


class Frozen:
    """A frozen program, with its own home folder.

    Args:
        folder: Where its executables are.
        home: An empty folder.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.program = (folder / f"spendlight{SUFFIX}").resolve()
        self.tray = (folder / f"spendlight-tray{SUFFIX}").resolve()
        self.home = home
        foreign = ("CLAUDE", "XDG_", "SPENDLIGHT", "PYTHON", "LD_LIBRARY_PATH", "NO_COLOR")
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith(foreign)
        }
        self.environ |= {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "APPDATA": str(home / "AppData" / "Roaming"),
            "LOCALAPPDATA": str(home / "AppData" / "Local"),
            "TZ": "UTC",
        }

    def run(
        self, *words: str, said: str = "", more: Mapping[str, str] | None = None, code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run it.

        Raises:
            WrongError: If it ends with another code.
        """
        ran = subprocess.run(
            [self.program, *words],
            input=said,
            env=self.environ | dict(more or {}),
            cwd=self.home,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )
        if ran.returncode != code:
            told = f"{ran.stdout}{ran.stderr}"
            reason = f"'spendlight {' '.join(words)[:200]}' ends with {ran.returncode}:\n{told}"
            raise WrongError(reason)
        return ran

    def probe(self, function: str, *values: str) -> list[str]:
        """Return the command that makes it run a function of `probe.py`; see `entry.py`."""
        return [str(self.program), "__probe", str(PROBE), function, *values]

    def run_probe(self, function: str, *values: str) -> subprocess.CompletedProcess[str]:
        """Make it run that function."""
        return self.run(*self.probe(function, *values)[1:])


def demand(is_right: bool, wrong: str) -> None:  # noqa: FBT001  # like `assert`
    """Raise an error if something is wrong.

    Raises:
        WrongError: If it is.
    """
    if not is_right:
        raise WrongError(wrong)


def check_version(frozen: Frozen) -> str:
    """It prints its version, and nothing on stderr."""
    ran = frozen.run("--version")
    demand(ran.stdout == f"spendlight {__version__}\n", f"--version says {ran.stdout!r}")
    demand(not ran.stderr, f"--version says on stderr: {ran.stderr}")
    demand(frozen.tray.is_file(), f"there is no {frozen.tray}")
    return ran.stdout.strip()


def check_licences(frozen: Frozen) -> str:
    """It prints the licences of its contents."""
    text = frozen.run("--licenses").stdout
    for words in (
        "MIT License",
        "xxHash Library",
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "PYTHON SOFTWARE FOUNDATION",
    ):
        demand(words in text, f"--licenses lacks {words!r}")
    return f"{len(text.splitlines()):,} lines of licences"


def check_imports(frozen: Frozen) -> str:
    """Everything that the source imports can be imported, and what it needs in addition."""
    names = sorted(_imported())
    frozen.run_probe("look", *names)
    return f"{len(names)} modules, certificates, time zones, platforms, charts"


def check_report(frozen: Frozen) -> str:
    """It counts and prices logs."""
    _demand_totals(frozen.run("daily", "--json", "--offline").stdout, TOKENS, DOLLARS)
    return f"{TOKENS:,} tokens, ${DOLLARS:,.2f}"


def check_reader(frozen: Frozen) -> str:
    """The native reader works, and has the same results as the one in Python."""
    reader = json.loads(frozen.run("doctor", "--json").stdout)["reader"]
    demand(reader["isNative"], f"logs are read in Python: {reader['reason']}")
    with tempfile.TemporaryDirectory() as data:
        more = {"SPENDLIGHT_DATA_DIR": data, "SPENDLIGHT_READER": "python"}
        report = frozen.run("daily", "--json", "--offline", more=more).stdout
    _demand_totals(report, TOKENS, DOLLARS)
    return f"native, {reader['instructions']}"


def check_children(frozen: Frozen) -> str:
    """Child processes load the system's libraries and not its own, unless they are itself."""
    if sys.platform != "linux":
        return "nothing to give back on this system"
    for former, expected in ({}, None), ({"LD_LIBRARY_PATH": "/a:/b"}, "/a:/b"):
        told = frozen.run("statusline", "--then", "env", said="{}", more=former).stdout
        environ = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        given = environ.get("LD_LIBRARY_PATH")
        demand(given == expected, f"another program gets LD_LIBRARY_PATH={given}, not {expected}")
    again = shlex.join(frozen.probe("libraries_loaded"))
    loaded = frozen.run("statusline", "--then", again, said="{}").stdout.splitlines()
    strange = [path for path in loaded if not Path(path).is_relative_to(frozen.program.parent)]
    demand(loaded != [] and not strange, f"it loads {loaded} when it is started by itself")
    return "LD_LIBRARY_PATH given back"


def check_autostart(frozen: Frozen) -> str:
    """The entry at login starts the tray from where it is installed."""
    if sys.platform != "linux":
        return "for Linux only"
    frozen.run_probe("start_at_login")
    entry = frozen.home / ".config" / "autostart" / "spendlight.desktop"
    lines = entry.read_text(encoding="utf-8").splitlines()
    command = next(line.removeprefix("Exec=") for line in lines if line.startswith("Exec="))
    started = arguments_of(command)
    demand(started == [str(frozen.tray)], f"the entry for login starts {started}")
    entry.unlink()
    return command


def check_statusline(frozen: Frozen) -> str:
    """The status line that it sets up works when run like Claude Code does."""
    frozen.run("statusline", "--install", "--yes")
    settings = json.loads((frozen.home / ".claude" / "settings.json").read_bytes())
    command = str(settings["statusLine"]["command"])
    demand(str(frozen.program) in command.replace("\\\\", "\\"), f"it is set up as {command}")
    ran = subprocess.run(  # noqa: S602  # like Claude Code
        command,
        shell=True,
        input="{}",
        env=frozen.environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    demand(ran.returncode == 0 and "$" in ran.stdout, f"{command} says {ran.stdout}{ran.stderr}")
    frozen.run("statusline", "--undo", "--yes")
    return command


def check_libraries(frozen: Frozen) -> str:
    """It needs only its own libraries and those of any system."""
    if sys.platform != "linux":
        return "for Linux only"
    script = ROOT / "packaging" / "libraries.py"
    ran = subprocess.run(
        [sys.executable, script, frozen.program.parent], capture_output=True, text=True, check=False
    )
    demand(ran.returncode == 0, ran.stderr)
    return f"{len(ran.stdout.splitlines())} of the system's"


def _demand_totals(report: str, tokens: int, dollars: float) -> None:
    totals: Mapping[str, Any] = json.loads(report)["totals"]
    found = totals["totalTokens"], totals["totalCost"]
    is_right = found[0] == tokens and math.isclose(found[1], dollars, abs_tol=1e-6)
    demand(is_right, f"totals are {found}, not {(tokens, dollars)}")


def _imported() -> set[str]:
    """Return the name of each module that the source imports and this Python can import, too."""
    found: set[str] = set()
    left_out: set[str] = set()
    for path in sorted((ROOT / "src" / "spendlight").rglob("*.py")):
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        tree = ast.parse(path.read_bytes())
        is_whole = all(map(_is_here, filter(_is_foreign, _names_in(tree.body))))
        (found if is_whole else left_out).add(".".join(parts).removesuffix(".__init__"))
        found.update(filter(_is_here, _names_in(ast.walk(tree))))
    return found - left_out


def _names_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _is_foreign(name: str) -> bool:
    return name.partition(".")[0] != "spendlight"


def _is_here(name: str) -> bool:
    with suppress(ImportError, ValueError):
        return find_spec(name) is not None
    return False


def _write_logs(folder: Path) -> None:
    """Write logs like Claude Code: one answer in each of many sessions."""
    folder.mkdir(parents=True)
    for number in range(LOGS):
        usage = {"input_tokens": 600_000, "output_tokens": 400_000}
        said = {
            "type": "assistant",
            "timestamp": f"2026-03-01T{number % 24:02}:00:00.000Z",
            "requestId": f"r{number}",
            "message": {"id": f"m{number}", "model": "claude-opus-4-5-20251101", "usage": usage},
        }
        (folder / f"{number:03}.jsonl").write_text(json.dumps(said) + "\n", encoding="utf-8")


CHECKS: Final = (
    check_version,
    check_libraries,
    check_licences,
    check_imports,
    check_report,
    check_reader,
    check_children,
    check_autostart,
    check_statusline,
)


def main() -> None:
    """Test the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist" / "spendlight")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        frozen = Frozen(arguments.folder, Path(place))
        _write_logs(Path(place, ".claude", "projects", "p"))
        try:
            for check in CHECKS:
                print(f"{check.__name__.removeprefix('check_'):12}{check(frozen)}", flush=True)
        except WrongError as error:
            sys.exit(f"{arguments.folder}: {error}")


if __name__ == "__main__":
    main()
