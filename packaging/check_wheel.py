"""Installs and uses the wheel like its users: with pipx and uv, in folders with spaces.

    python packaging/check_wheel.py [WHEEL]

WHEEL is the one in dist by default. Everything is in a temporary folder, except downloads and their
cache. Run it with the Python of the environment that holds
requirements/build.txt (`make wheel-check`).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hatch_build import PLACES

from spendlight import __version__

if TYPE_CHECKING:
    from collections.abc import Collection

ROOT: Final = Path(__file__).resolve().parents[1]

TOKENS: Final = 150
"""The tokens in the log of the report."""

_LOG: Final = {
    "timestamp": "2026-03-01T10:00:00.000Z",
    "requestId": "req_1",
    "message": {
        "id": "msg_1",
        "model": "claude-opus-4-5-20251101",
        "usage": {"input_tokens": 100, "output_tokens": 50},
    },
}


class Installer(NamedTuple):
    """A program that installs programs, each in its own environment.

    Attributes:
        name: Its name.
        install: The command that installs a wheel, whose path is appended.
        again: The command that upgrades it.
        uninstall: The command that removes it.
        environ: Variables that keep everything below a folder.
        documents: The files that it installs for man and shells.
    """

    name: str
    install: tuple[str, ...]
    again: tuple[str, ...]
    uninstall: tuple[str, ...]
    environ: dict[str, str]
    documents: Collection[str]


def installers(place: Path) -> list[Installer]:
    """Return pipx and uv, with everything below a folder."""
    bin_dir = str(place / ".local" / "bin")
    return [
        Installer(
            "pipx",
            ("pipx", "install", "--python", sys.executable),
            ("pipx", "reinstall", "--python", sys.executable, "spendlight"),
            ("pipx", "uninstall", "spendlight"),
            {
                "PIPX_HOME": str(place / "pipx home"),
                "PIPX_BIN_DIR": bin_dir,
                "PIPX_MAN_DIR": str(place / ".local" / "share" / "man"),
                "PIPX_COMPLETION_DIR": str(place / ".local" / "share"),
            },
            PLACES.values(),
        ),
        Installer(
            "uv",
            ("uv", "tool", "install", "--python", sys.executable),
            ("uv", "tool", "upgrade", "--reinstall-package", "spendlight", "spendlight"),
            ("uv", "tool", "uninstall", "spendlight"),
            {"UV_TOOL_DIR": str(place / "uv tools"), "UV_TOOL_BIN_DIR": bin_dir},
            (),
        ),
    ]


def check(installer: Installer, place: Path, wheel: Path) -> None:
    """Install, use, upgrade and remove the program.

    Args:
        installer: The installer.
        place: The home folder of its user.
        wheel: The wheel.

    Raises:
        subprocess.CalledProcessError: If a command fails, which has printed why.
        AssertionError: If a check fails.
    """
    environ = {**os.environ, **installer.environ}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "XDG_BIN_HOME"):
        environ.pop(name, None)
    links = place / ".local" / "bin"

    def run_installer(*words: str | Path) -> None:
        command = [sys.executable, "-m", *map(str, words)]
        subprocess.run(command, env=environ, check=True, capture_output=True, text=True)

    run_installer(*installer.install, wheel)
    documents = [place / ".local" / name for name in installer.documents]
    missing = [path for path in documents if not path.is_file()]
    _demand(not missing, f"what man and the shells find: {missing} missing")
    user = _User(place, links)
    _demand(user.run("--version") == f"spendlight {__version__}\n", "the version")
    report = json.loads(user.run("daily", "--json", "--offline"))
    _demand(report["totals"]["totalTokens"] == TOKENS, f"the total: {report['totals']}")
    reader = json.loads(user.run("doctor", "--json"))["reader"]
    is_native = not wheel.name.endswith("-any.whl")
    _demand(reader["isNative"] == is_native, f"what reads: {reader}")
    _demand("complete -F" in user.run("completion", "bash"), "the completion")
    entry = user.desktop("install", "--autostart")["menu"]
    tray = str(links / "spendlight-tray")
    _demand(entry["command"] == [tray], f"what the menu starts: {entry}")
    _demand(len(entry["icons"]) > 1, "the icons")
    run_installer(*installer.again)
    told = user.desktop("status")
    _demand(told["menu"]["startsThis"] and told["menu"]["isThere"], "the menu after an upgrade")
    _demand(told["login"] == {"startsThis": True, "state": "on"}, "the login after an upgrade")
    made = [Path(told["menu"]["place"]), *map(Path, told["menu"]["icons"])]
    _demand(all(path.is_file() for path in made), "the files of the menu")
    user.desktop("uninstall")
    _demand(not any(path.exists() for path in made), "what is left in the menu")
    run_installer(*installer.uninstall)
    left = [path for path in (*links.iterdir(), *documents) if path.is_file()]
    _demand(not left, f"what is left: {left}")


class _User:
    """A user with a home folder, logs, and the program's links on the path."""

    def __init__(self, place: Path, links: Path) -> None:
        logs = place / ".claude" / "projects" / "-home-ada-app"
        logs.mkdir(parents=True)
        (logs / "s1.jsonl").write_text(json.dumps(_LOG) + "\n", encoding="utf-8")
        self._program = links / "spendlight"
        self._environ = {"HOME": str(place), "PATH": f"{links}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def run(self, *words: str) -> str:
        """Return the output of a command."""
        return subprocess.run(
            [self._program, *words],
            env=self._environ,
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout

    def desktop(self, *words: str) -> Any:  # noqa: ANN401  # any JSON
        """Return the state of the menu entry."""
        return json.loads(self.run("desktop", *words, "--json"))


def _demand(is_so: bool, what: str) -> None:  # noqa: FBT001  # an assertion
    if not is_so:
        msg = f"It is not as it should be: {what}"
        raise AssertionError(msg)


def _wheel_here(folder: Path) -> Path | None:
    """Return the wheel in a folder for this machine: the one with a native reader, if there is."""
    system = {"darwin": "macosx", "win32": "win"}.get(sys.platform, "manylinux")
    begin, machine = f"spendlight-{__version__}-py3-none-", platform.machine().lower()
    found = [*folder.glob(f"{begin}{system}_*{machine}.whl"), *folder.glob(f"{begin}any.whl")]
    return next(iter(found), None)


def main() -> None:
    """Check the wheel that the command line names, and print what was done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path, nargs="?", help="the one in dist for this machine")
    wheel = parser.parse_args().wheel or _wheel_here(ROOT / "dist")
    if wheel is None or not wheel.is_file():
        sys.exit(f"{wheel or 'A wheel for this machine'} is not there; 'make wheel' builds it")
    wheel = wheel.resolve()
    with tempfile.TemporaryDirectory(prefix="spendlight wheel ") as folder:
        for name in ("pipx", "uv"):
            place = Path(folder, f"home of {name}")
            (installer,) = (one for one in installers(place) if one.name == name)
            began = time.monotonic()
            try:
                check(installer, place, wheel)
            except subprocess.CalledProcessError as error:
                sys.exit(f"{name}: {error}\n{error.stdout}{error.stderr}")
            except AssertionError as error:
                sys.exit(f"{name}: {error}")
            took_s = time.monotonic() - began
            print(f"{name}: installed, used, renewed, removed; {took_s:.0f} s")


if __name__ == "__main__":
    main()
