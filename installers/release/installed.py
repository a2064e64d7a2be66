"""Installs and removes each kind of package on its system, the way a user does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from project import ReleaseError
from smoke import Programs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

APPLICATIONS: Final = Path("/Applications")
APP: Final = "Spendlight.app"

_REMOVAL_S: Final = 60.0
"""The time allowed for an NSIS uninstaller, which starts a copy of itself and ends first."""


class Package(Protocol):
    """A package of one kind."""

    def install(self, file: Path) -> Programs:
        """Install a package, over an older one if there is one, and return how to start it.

        Raises:
            ReleaseError: If the system's installer refuses it.
        """
        ...

    def remove(self) -> None:
        """Remove what was installed.

        Raises:
            ReleaseError: If the system's installer fails.
        """
        ...

    def leftovers(self) -> list[Path]:
        """Return the files of the package that still exist."""
        ...


def package_for(file: Path, place: Path) -> Package:
    """Return how to install a file, judged by its name.

    Args:
        file: A file of a release.
        place: A folder for packages that are only unpacked.

    Raises:
        ReleaseError: If it is not a package.
    """
    makers: dict[str, Callable[[], Package]] = {
        ".deb": lambda: SystemPackage("apt-get install --yes", "apt-get purge --yes"),
        ".rpm": lambda: SystemPackage("dnf install --assumeyes", "dnf remove --assumeyes"),
        ".AppImage": lambda: AppImage(place),
        ".dmg": lambda: DiskImage(place),
        "-setup.exe": Setup,
        ".tar.xz": lambda: Archive(place),
        ".zip": lambda: Archive(place),
        ".whl": lambda: Wheel(place),
    }
    for ending, make in makers.items():
        if file.name.endswith(ending):
            return make()
    message = f"{file.name} is no package that can be installed"
    raise ReleaseError(message)


class SystemPackage:
    """A package that the system's package manager installs, including its dependencies."""

    def __init__(self, install: str, remove: str) -> None:
        self._install = install.split()
        self._remove = remove.split()

    def install(self, file: Path) -> Programs:
        """Install it as root."""
        _as_root([*self._install, str(file.resolve())])
        return Programs(("/usr/bin/spendlight",), ("/opt/spendlight/spendlight-tray",))

    def remove(self) -> None:
        """Remove the package and its configuration, as root."""
        _as_root([*self._remove, "spendlight"])

    def leftovers(self) -> list[Path]:
        """Return the files of the program and its menu entry that still exist."""
        share = Path("/usr/share")
        places = (
            Path("/usr/bin/spendlight"),
            Path("/opt/spendlight"),
            share / "applications" / "spendlight.desktop",
            share / "metainfo" / "io.github.spendlight.Spendlight.metainfo.xml",
            share / "doc" / "spendlight",
        )
        return _still_there(places)


class AppImage:
    """A single file that is both programs."""

    def __init__(self, place: Path) -> None:
        self._file = place / "Spendlight.AppImage"

    def install(self, file: Path) -> Programs:
        """Copy it to a folder of the user's and make it executable."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, self._file)
        self._file.chmod(0o755)
        return Programs((str(self._file),), (str(self._file),))

    def remove(self) -> None:
        """Delete the file."""
        self._file.unlink()

    def leftovers(self) -> list[Path]:
        """Return the file if it still exists."""
        return _still_there([self._file])


class Archive:
    """A folder that is unpacked anywhere, or installs itself for one user."""

    def __init__(self, place: Path) -> None:
        self._place = place / "unpacked"
        self._home = place / "home"

    def install(self, file: Path) -> Programs:
        """Unpack it in place of an older one and run its installation script if it has one."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir(parents=True)
        if file.name.endswith(".zip"):
            with zipfile.ZipFile(file) as archive:
                archive.extractall(self._place)
        else:
            _run(["tar", "--extract", "--file", str(file), "--directory", str(self._place)])
        scripts = list(self._place.glob("*/install.sh"))
        if not scripts:
            return _programs_below(self._place)
        self._home.mkdir(exist_ok=True)
        _run(["sh", str(scripts[0])], HOME=str(self._home), XDG_DATA_HOME="")
        return _programs_below(self._home / ".local" / "bin")

    def remove(self) -> None:
        """Run its removal script if it was installed, and delete the folder."""
        for script in self._home.glob(".local/opt/spendlight/uninstall.sh"):
            _run(["sh", str(script)], HOME=str(self._home), XDG_DATA_HOME="")
        shutil.rmtree(self._place)

    def leftovers(self) -> list[Path]:
        """Return the folder and files in the user's home that still exist."""
        files = [path for path in self._home.rglob("*") if not path.is_dir()]
        return _still_there([self._place]) + files


class DiskImage:
    """An image whose program is dragged into Applications."""

    def __init__(self, place: Path) -> None:
        self._mounted = place / "mounted"
        self._link = place / "bin" / "spendlight"

    def install(self, file: Path) -> Programs:
        """Open the image, copy the program, close the image."""
        self._mounted.mkdir(parents=True, exist_ok=True)
        _run([
            "hdiutil", "attach", "-nobrowse", "-readonly", "-mountpoint", str(self._mounted),
            str(file),
        ])  # fmt: skip
        try:
            shutil.rmtree(APPLICATIONS / APP, ignore_errors=True)
            _run(["ditto", str(self._mounted / APP), str(APPLICATIONS / APP)])
        finally:
            _run(["hdiutil", "detach", str(self._mounted)])
        inside = APPLICATIONS / APP / "Contents" / "MacOS"
        self._link.parent.mkdir(exist_ok=True)
        if not self._link.is_symlink():
            self._link.symlink_to(inside / "spendlight")  # like Homebrew's link on PATH
        return Programs((str(self._link),), (str(inside / "spendlight-tray"),))

    def remove(self) -> None:
        """Delete the program, like dragging it into the bin."""
        self._link.unlink()
        shutil.rmtree(APPLICATIONS / APP)

    def leftovers(self) -> list[Path]:
        """Return the program if it still exists."""
        return _still_there([APPLICATIONS / APP])


class Setup:
    """A Windows installer for one user."""

    def __init__(self) -> None:
        self._place = Path(os.environ.get("LOCALAPPDATA", ""), "Programs", "Spendlight")
        menu = Path("Microsoft", "Windows", "Start Menu", "Programs", "Spendlight.lnk")
        self._link = Path(os.environ.get("APPDATA", "")) / menu

    def install(self, file: Path) -> Programs:
        """Install it silently, over an older one."""
        _run([str(file), "/S"])
        return _programs_below(self._place)

    def remove(self) -> None:
        """Run the uninstaller silently and wait for the copy that it starts."""
        _run([str(self._place / "uninstall.exe"), "/S"])
        deadline = time.monotonic() + _REMOVAL_S
        while self.leftovers() and time.monotonic() < deadline:
            time.sleep(0.25)

    def leftovers(self) -> list[Path]:
        """Return what still exists: the folder, the menu entry and the entry in Windows' list."""
        return _still_there([self._place, self._link]) + _still_listed()


class Wheel:
    """A package for pip, in a separate environment as pipx and uv create it."""

    def __init__(self, place: Path) -> None:
        self._place = place / "environment"

    def install(self, file: Path) -> Programs:
        """Install it with its dependencies."""
        if not self._place.exists():
            _run([sys.executable, "-m", "venv", str(self._place)])
        scripts = self._place / ("Scripts" if sys.platform == "win32" else "bin")
        python = next(scripts.glob("python.exe" if sys.platform == "win32" else "python"))
        _run([
            str(python), "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check",
            "install", "--upgrade", str(file),
        ])  # fmt: skip
        return _programs_below(scripts)

    def remove(self) -> None:
        """Delete the environment."""
        shutil.rmtree(self._place)

    def leftovers(self) -> list[Path]:
        """Return the environment if it still exists."""
        return _still_there([self._place])


def _programs_below(folder: Path) -> Programs:
    suffix = ".exe" if sys.platform == "win32" else ""
    found = []
    for name in ("spendlight", "spendlight-tray"):
        paths = sorted(path for path in folder.rglob(name + suffix) if path.is_file())
        if not paths:
            message = f"there is no {name}{suffix} below {folder}"
            raise ReleaseError(message)
        found.append(min(paths, key=lambda path: len(path.parts)))
    return Programs((str(found[0]),), (str(found[1]),))


def _still_there(places: Sequence[Path]) -> list[Path]:
    return [place for place in places if place.exists() or place.is_symlink()]


if sys.platform == "win32":
    import winreg

    def _still_listed() -> list[Path]:
        """Return the registry key that lists the program as installed, if it exists."""
        key = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Spendlight"
        try:
            winreg.OpenKey(winreg.HKEY_CURRENT_USER, key).Close()
        except FileNotFoundError:
            return []
        return [Path("HKCU", key)]

else:

    def _still_listed() -> list[Path]:
        """Return nothing: elsewhere there is no such list."""
        return []


def _as_root(command: Sequence[str]) -> None:
    is_root = sys.platform != "win32" and os.getuid() == 0
    _run(command if is_root else ["sudo", "--non-interactive", *command])


def _run(command: Sequence[str], **changes: str) -> None:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"} | changes
    try:
        ran = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        message = f"{command[0]}: {error}"
        raise ReleaseError(message) from error
    if ran.returncode:
        told = (ran.stderr or ran.stdout).decode("utf-8", "replace").strip()
        message = f"{' '.join(command)} ended with {ran.returncode}: {told}"
        raise ReleaseError(message)
