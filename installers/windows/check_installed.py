"""Tests the real installer on a real Windows, in the points that wine cannot show.

    python installers/windows/check_installed.py dist/Spendlight-0.1.0-setup.exe

It installs and removes Spendlight for the current user, so use it on disposable machines only; it
refuses to run where Spendlight is installed. Everything else is tested by check_nsis.py.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shortcuts import app_id_of

from spendlight import __version__
from spendlight.autostart.run_key import RUN_KEY, RunKey, WindowsRegistry
from spendlight.autostart.start_menu import APP_ID

if TYPE_CHECKING:
    from collections.abc import Callable

UNINSTALL_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Spendlight"
WITHIN_S: Final = 60.0
_STEP_S: Final = 0.25

ASK_WINDOWS: Final = (
    "(New-Object -ComObject Shell.Application).NameSpace($env:LINK_FOLDER)"
    ".ParseName('Spendlight.lnk').ExtendedProperty('System.AppUserModel.ID')"
)


class Machine:
    """The parts of this Windows that an installer changes."""

    def __init__(self) -> None:
        self.local = Path(os.environ["LOCALAPPDATA"])
        self.program = self.local / "Programs" / "Spendlight"
        self.tray = self.program / "spendlight-tray.exe"
        self.terminal = self.program / "spendlight.exe"
        self.menu = Path(os.environ["APPDATA"], "Microsoft", "Windows", "Start Menu", "Programs")
        self.link = self.menu / "Spendlight.lnk"
        self.registry = WindowsRegistry()

    def path(self) -> object:
        """Return the user's PATH."""
        return self.registry.read("Environment", "Path")

    def listed(self, name: str) -> object:
        """Return a value of the program's entry in Windows' list of apps."""
        return self.registry.read(UNINSTALL_KEY, name)

    def is_running(self) -> bool:
        """Return whether the tray is running: its file cannot be written to then."""
        try:
            with self.tray.open("r+b"):
                return False
        except OSError:
            return self.tray.exists()


def check(words: str, *, is_so: bool) -> None:
    """Report that a check passed, or exit because it failed."""
    if not is_so:
        sys.exit(f"FAILED  {words}")
    print(f"ok      {words}", flush=True)


def wait_for(condition: Callable[[], bool]) -> bool:
    """Wait for something that another process does; return whether it happened in time."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_S)
    return True


def try_install(machine: Machine, setup: Path, path_before: object) -> None:
    """Install it and check what Windows shows of it."""
    code = subprocess.run([setup, "/S", "/AUTOSTART=1"], check=False).returncode
    check("it installs in silence", is_so=code == 0)
    asked = subprocess.run(
        ["powershell", "-NoProfile", "-NonInteractive", "-Command", ASK_WINDOWS],
        env=os.environ | {"LINK_FOLDER": str(machine.menu)},
        capture_output=True,
        text=True,
        check=True,
    )
    check(
        f"Windows knows the shortcut as {APP_ID}",
        is_so=asked.stdout.strip() == app_id_of(machine.link.read_bytes()) == APP_ID,
    )
    check(
        "the program's own settings call start at login 'on'",
        is_so=RunKey(machine.registry, [str(machine.tray)]).state() == "on",
    )
    before = path_before.rstrip(";") if isinstance(path_before, str) else ""
    wanted = f"{before};{machine.program}" if before else str(machine.program)
    check("PATH is kept, and names it last", is_so=machine.path() == wanted)
    check(f"Windows lists {__version__}", is_so=machine.listed("DisplayVersion") == __version__)


def try_upgrade(machine: Machine, setup: Path) -> None:
    """Install it over itself while the program is running."""
    with subprocess.Popen([machine.tray]) as tray:
        check("the tray runs", is_so=wait_for(machine.is_running) and tray.poll() is None)
        code = subprocess.run([setup, "/S"], check=False).returncode
        check("it installs over a tray that runs, which ends", is_so=code == 0 and tray.wait() == 0)
    check("and starts it again", is_so=wait_for(machine.is_running))


def try_remove(machine: Machine, path_before: object) -> None:
    """Remove it while the program is running and is Claude Code's status line."""
    with tempfile.TemporaryDirectory(prefix="spendlight-") as folder:
        settings = Path(folder, "settings.json")
        Path(folder, "projects").mkdir()
        before = json.dumps({"cleanupPeriodDays": 30})
        settings.write_text(before, encoding="utf-8")
        environ = os.environ | {"CLAUDE_CONFIG_DIR": folder}
        hook = [str(machine.terminal), "statusline", "--install", "--yes"]
        subprocess.run(hook, env=environ, check=True, stdout=subprocess.DEVNULL)
        check("it is the status line", is_so="statusline" in settings.read_text(encoding="utf-8"))
        subprocess.run([machine.program / "uninstall.exe", "/S"], env=environ, check=True)
        gone = wait_for(lambda: not machine.program.exists() and not machine.listed("DisplayName"))
        check("it is removed in silence while the tray runs", is_so=gone)
        check("the status line is as before", is_so=settings.read_text(encoding="utf-8") == before)
    check(
        "shortcut and start at login are gone, PATH is what it was",
        is_so=not machine.link.exists()
        and machine.registry.read(RUN_KEY, "Spendlight") is None
        and _without_end(machine.path()) == _without_end(path_before),
    )
    ledger = machine.local / "spendlight"
    check("the ledger is kept", is_so=ledger.is_dir() and any(ledger.glob("ledger*")))


def _without_end(path: object) -> str:
    return path.rstrip(";") if isinstance(path, str) else ""


def try_installer(setup: Path) -> None:
    """Test an installer; stop at the first failure."""
    machine = Machine()
    if machine.program.exists():
        sys.exit(f"Spendlight is installed here already, in {machine.program}: remove it first")
    path_before = machine.path()
    try_install(machine, setup.resolve(), path_before)
    try_upgrade(machine, setup.resolve())
    try_remove(machine, path_before)


def main() -> None:
    """Test the installer named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("setup", type=Path, metavar="SETUP")
    setup = parser.parse_args().setup
    if os.name != "nt":
        sys.exit("The real installer can only be tried on Windows; elsewhere, see check_nsis.py")
    try_installer(setup)


if __name__ == "__main__":
    main()
