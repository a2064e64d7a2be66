"""A Windows with a user, in which the checks run installers and look at their effects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from wine import Value, Wine

USER: Final = "C:\\users\\Zoë Groß Müller"
"""A user's folder with spaces and non-ASCII letters."""

LOCAL: Final = f"{USER}\\AppData\\Local"
PROGRAM: Final = f"{LOCAL}\\Programs\\Spendlight"
TRAY: Final = f"{PROGRAM}\\spendlight-tray.exe"
LEDGER: Final = f"{LOCAL}\\spendlight\\ledger.sqlite3"
MENU: Final = f"{USER}\\Menu\\Programs"
LINK: Final = f"{MENU}\\Spendlight.lnk"
NOTES: Final = "C:\\notes.txt"

HKCU: Final = "HKEY_CURRENT_USER"
FOLDERS: Final = (
    rf"{HKCU}\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders",
    rf"{HKCU}\Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders",
)
ENVIRONMENT: Final = rf"{HKCU}\Environment"
UNINSTALL: Final = rf"{HKCU}\Software\Microsoft\Windows\CurrentVersion\Uninstall\Spendlight"

WITHIN_S: Final = 20.0
_STEP_S: Final = 0.1


class Registry:
    """The registry of a wine, with the interface that `RunKey` requires."""

    def __init__(self, wine: Wine) -> None:
        self._wine = wine

    def read(self, key: str, name: str) -> object:
        """Return a value, or None if there is none."""
        found = self._wine.read_registry(f"{HKCU}\\{key}", name)
        return None if found is None else found.data

    def write(self, key: str, name: str, value: str) -> None:
        """Set a value to a string."""
        self._wine.write_registry(f"{HKCU}\\{key}", name, value)

    def delete(self, key: str, name: str) -> None:
        """Delete a value."""
        self._wine.delete_registry(f"{HKCU}\\{key}", name)


class Setups(NamedTuple):
    """The paths of installers of two versions inside wine."""

    older: str
    newer: str


class Trial:
    """A Windows, the installers to test in it, and the results so far."""

    def __init__(self, wine: Wine, setups: Setups, pictures: Path) -> None:
        self.wine = wine
        self.setups = setups
        self.pictures = pictures
        self.failed: list[str] = []

    def check(self, words: str, *, is_so: bool) -> None:
        """Report whether a check passed."""
        print(f"{'ok' if is_so else 'FAILED':<8}{words}", flush=True)
        if not is_so:
            self.failed.append(words)

    def install(self, setup: str = "", *words: str) -> int:
        """Run an installer silently, by default the newer one, and return its exit code."""
        return self.wine.run(setup or self.setups.newer, "/S", *words, STUB_NOTES=NOTES)

    def uninstall(self, *words: str) -> int:
        """Run the uninstaller silently and return its exit code.

        Normally it starts a copy of itself and ends before the copy does. If it is called with
        the option for its folder, as the copy is, it does the work itself.
        """
        copy = self.wine.take_in(self.path(f"{PROGRAM}\\uninstall.exe"))
        return self.wine.run(copy, "/S", *words, "_?=C:\\users", STUB_NOTES=NOTES)

    def path(self, place: str) -> Path:
        """Return the path on this system of a Windows path."""
        return self.wine.path(place)

    def files(self) -> set[str]:
        """Return the paths of the installed files."""
        place = self.path(PROGRAM)
        return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}

    def notes(self) -> list[str]:
        """Return and clear the record of calls of the stub."""
        file = self.path(NOTES)
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def start_tray(self) -> subprocess.Popen[bytes]:
        """Start the installed tray and wait until it is running."""
        tray = self.wine.start(TRAY, STUB_NOTES=NOTES)
        self.wait_for(lambda: "tray started" in self.noted())
        return tray

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Wait for something that another process does; return whether it happened in time."""
        deadline = time.monotonic() + WITHIN_S
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(_STEP_S)
        return True

    def on_path(self) -> Value | None:
        """Return the user's PATH."""
        return self.wine.read_registry(ENVIRONMENT, "Path")

    def noted(self) -> str:
        """Return the record of calls of the stub."""
        file = self.path(NOTES)
        return file.read_text() if file.exists() else ""
