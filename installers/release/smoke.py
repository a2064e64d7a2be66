"""Uses an installed Spendlight the way a user does and reports whether it works.

    python installers/release/smoke.py --terminal spendlight --tray spendlight-tray

It checks the version and a report on `sample-logs`, whose total is known, deletes the logs and
checks the report again. Then it starts the tray twice: the second start must find the first, which
shows its window, and a screenshot is saved. Requires Python 3.10 or later and no packages; on
Linux, a session with a display, such as that of `xvfb-run -a dbus-run-session`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from project import ReleaseError, run_script, version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SAMPLE_LOGS: Final = Path(__file__).resolve().parent / "sample-logs"
TOKENS: Final = 430_115
COST_USD: Final = 1.680_057
"""The cost of the sample logs, calculated by hand in `tests/installers/test_smoke.py`."""

SETTINGS: Final = "# a comment of the user's\nis_private = false\n"
"""Settings that every version understands; a version may add more."""

ANSWER_S: Final = 60.0
"""The time allowed for one command on a machine where nothing is cached yet."""

TRAY_S: Final = 60.0
"""The time allowed for a second start of the tray to find the first."""

_STEP_S: Final = 1.0
_COMPLAINTS: Final = "tray-says.txt"
_MOST_WORDS: Final = 3000
_LOOK_S: Final = 2.0
"""The time given to a window to be drawn; only the screenshot depends on it."""


class Programs(NamedTuple):
    """How the two programs are started."""

    terminal: tuple[str, ...]
    tray: tuple[str, ...]


class Home(NamedTuple):
    """A user's home folder, with Claude Code's logs and the program's own files."""

    folder: Path

    @property
    def logs(self) -> Path:
        """Claude Code's data folder."""
        return self.folder / "claude"

    @property
    def kept(self) -> Path:
        """The folder of the program's ledger and settings."""
        return self.folder / "kept"

    @property
    def settings(self) -> Path:
        """The user's settings file."""
        return self.kept / "settings.toml"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that confine the program to this home."""
        foreign = ("CLAUDE", "CCUSAGE", "SPENDLIGHT", "PYTHON", "QT_")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(foreign)
        }
        return inherited | {
            "CLAUDE_CONFIG_DIR": str(self.logs),
            "SPENDLIGHT_DATA_DIR": str(self.kept),
            "NO_COLOR": "1",
        }


def fill(home: Home) -> None:
    """Write sample logs and settings into a home."""
    shutil.copytree(SAMPLE_LOGS, home.logs)
    home.kept.mkdir(mode=0o700)
    home.settings.write_text(SETTINGS, encoding="utf-8")


def run(command: Sequence[str], home: Home) -> str:
    """Run a program and return its output.

    Raises:
        ReleaseError: If it is missing, fails or does not end.
    """
    words = " ".join(command)
    try:
        ran = subprocess.run(
            command,
            env=home.environ,
            cwd=home.folder,
            capture_output=True,
            timeout=ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{words}: {error}"
        raise ReleaseError(message) from error
    printed, told = (text.decode("utf-8", "replace").strip() for text in (ran.stdout, ran.stderr))
    if ran.returncode:
        message = f"{words} ended with {ran.returncode}: {told or printed}"
        raise ReleaseError(message)
    return printed


def check_version(programs: Programs, home: Home, expected: str) -> str:
    """Check that the program has the expected version; return a sentence about it."""
    printed = run([*programs.terminal, "--version"], home)
    if expected not in printed.split():
        message = f"--version says {printed!r}, and {expected} was expected"
        raise ReleaseError(message)
    return f"--version says {printed}"


def check_report(programs: Programs, home: Home) -> str:
    """Check that a report has the known total; return a sentence about it."""
    command = [*programs.terminal, "daily", "--json", "--offline", "--timezone", "UTC"]
    totals = _totals(run(command, home))
    tokens, cost = totals.get("totalTokens"), totals.get("totalCost")
    if tokens != TOKENS or not isinstance(cost, float) or not math.isclose(cost, COST_USD):
        message = f"the report counts {tokens} tokens for ${cost}, not {TOKENS} for ${COST_USD}"
        raise ReleaseError(message)
    return f"the report counts {tokens:,} tokens for ${cost:.6f}, as it should"


def _totals(printed: str) -> Mapping[str, Any]:
    try:
        totals = json.loads(printed)["totals"]
    except (ValueError, LookupError, TypeError) as error:
        message = f"the report is no report: {printed[:200]!r}"
        raise ReleaseError(message) from error
    return totals if isinstance(totals, dict) else {}


def check_archive(programs: Programs, home: Home) -> str:
    """Check that usage is kept after its logs are deleted; return a sentence about it."""
    shutil.rmtree(home.logs / "projects")
    (home.logs / "projects").mkdir()
    check_report(programs, home)
    return "without the logs it counts the same from its ledger"


def check_settings(home: Home) -> str:
    """Check that all of the user's settings have been kept; return a sentence about it."""
    lines = home.settings.read_text(encoding="utf-8").splitlines()
    lost = [line for line in SETTINGS.splitlines() if line not in lines]
    if lost:
        message = f"settings.toml has lost {lost}"
        raise ReleaseError(message)
    return "the user's settings are still there"


def check_tray(programs: Programs, home: Home, picture: Path | None) -> list[str]:
    """Check that the tray starts; return sentences about it.

    Args:
        programs: How to start it.
        home: The user's home folder.
        picture: Where to save a screenshot.

    Raises:
        ReleaseError: If it ends at once or does not answer a second start.
    """
    said = []
    with _started_twice(programs.tray, home) as tray:
        said.append("the tray runs, and a second start finds it and shows its window")
        if picture is not None:
            time.sleep(_LOOK_S)
            said.append(photograph(picture))
        if tray.poll() is not None:
            message = f"the tray ended by itself with {tray.returncode}: {_complaints(home)}"
            raise ReleaseError(message)
        run([*programs.terminal, "quit"], home)
        if tray.wait(ANSWER_S):
            message = f"the tray ended after 'quit' with {tray.returncode}: {_complaints(home)}"
            raise ReleaseError(message)
        said.append("'quit' ends it cleanly")
    complaints = _complaints(home)
    if "Traceback" in complaints:
        message = f"the tray runs, and says:\n{complaints[-_MOST_WORDS:]}"
        raise ReleaseError(message)
    return said


def _complaints(home: Home) -> str:
    return (home.folder / _COMPLAINTS).read_text(encoding="utf-8", errors="replace")


@contextmanager
def _started_twice(command: Sequence[str], home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """Start the tray twice and provide the one that keeps running."""
    started: list[subprocess.Popen[bytes]] = []
    with (home.folder / _COMPLAINTS).open("wb") as complaints:

        def start() -> subprocess.Popen[bytes]:
            tray = subprocess.Popen(command, env=home.environ, cwd=home.folder, stderr=complaints)
            started.append(tray)
            return tray

        try:
            yield _survivor(start, home)
        except OSError as error:
            message = f"{' '.join(command)}: {error}"
            raise ReleaseError(message) from error
        finally:
            for tray in started:
                if tray.poll() is None:
                    tray.kill()  # it does not end on request, which has been reported already
                tray.wait()


def _survivor(start: Callable[[], subprocess.Popen[bytes]], home: Home) -> subprocess.Popen[bytes]:
    """Return the tray that keeps running after a second start.

    Normally the first, unless it started more slowly than the second; the other exits with 0.
    """
    first = start()
    time.sleep(_STEP_S)
    second = start()
    deadline = time.monotonic() + TRAY_S
    while time.monotonic() < deadline:
        time.sleep(_STEP_S / 10)
        if first.poll() is None and second.poll() is None:
            continue
        ended, left = (second, first) if first.poll() is None else (first, second)
        if left.poll() is not None or (ended is first and ended.returncode):
            code = first.returncode or second.returncode
            message = f"the tray ended at once with {code}: {_complaints(home)}"
            raise ReleaseError(message)
        if ended.returncode == 0:
            return left
        time.sleep(_STEP_S)
        second = start()
    message = f"the tray did not answer a second start within {TRAY_S:.0f} s"
    raise ReleaseError(message)


_WINDOWS_PICTURE: Final = (
    "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
    "$screen = [System.Windows.Forms.SystemInformation]::VirtualScreen;"
    "$bitmap = New-Object System.Drawing.Bitmap $screen.Width, $screen.Height;"
    "$canvas = [System.Drawing.Graphics]::FromImage($bitmap);"
    "$canvas.CopyFromScreen($screen.Location, [System.Drawing.Point]::Empty, $screen.Size);"
    "$bitmap.Save($env:SPENDLIGHT_PICTURE)"
)


def picture_command(picture: Path, platform: str = sys.platform) -> list[str]:
    """Return the command that saves a screenshot on a system."""
    if platform == "win32":
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS_PICTURE]
    if platform == "darwin":
        return ["screencapture", "-x", str(picture)]
    return ["import", "-window", "root", str(picture)]  # from ImageMagick


def photograph(picture: Path) -> str:
    """Save a screenshot and return a sentence about it.

    The screenshot is for people to look at; failing to take one fails no check.
    """
    picture.parent.mkdir(parents=True, exist_ok=True)
    command = picture_command(picture)
    environ = os.environ | {"SPENDLIGHT_PICTURE": str(picture)}
    try:
        subprocess.run(command, env=environ, check=True, timeout=ANSWER_S, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"no picture of the screen could be taken: {error}"
    return f"the screen: {picture}"


def use(programs: Programs, home: Home, expected: str, picture: Path | None) -> Iterator[str]:
    """Use the program; yield a sentence for each check that passed.

    Raises:
        ReleaseError: If a check fails.
    """
    yield check_version(programs, home, expected)
    yield check_report(programs, home)
    yield check_archive(programs, home)
    yield from check_tray(programs, home, picture)
    yield check_settings(home)


def found(program: str) -> str:
    """Return a program's absolute path; links in it are kept because they are tested, too."""
    return os.path.abspath(shutil.which(program) or program)  # noqa: PTH100  # does not resolve links


def main() -> None:
    """Use what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--terminal", required=True, help="the program that prints")
    parser.add_argument("--tray", help="the program that shows the tray; else the same")
    parser.add_argument("--picture", type=Path, help="where a picture of the screen is written")
    parser.add_argument("--expect", default=version(), help="the version it should be of")
    arguments = parser.parse_args()
    terminal = found(arguments.terminal)
    programs = Programs((terminal,), (found(arguments.tray) if arguments.tray else terminal,))
    with tempfile.TemporaryDirectory(prefix="spendlight-") as folder:
        home = Home(Path(folder))
        fill(home)
        for sentence in use(programs, home, arguments.expect, arguments.picture):
            print(f"ok: {sentence}", flush=True)


if __name__ == "__main__":
    run_script(main)
