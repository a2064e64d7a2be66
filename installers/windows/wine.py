"""A substitute for Windows in which to test installers: Debian's wine, in a separate root folder.

It runs 32-bit and 64-bit programs, as NSIS installers are 32-bit. Entering it requires root. It is
created once, which takes a few minutes, and kept below ``build``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROJECT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = (
    "wine", "wine32:i386", "wine64", "xvfb", "xauth", "xdotool", "imagemagick", "locales",
    "fonts-dejavu-core",
)  # fmt: skip
_READY: Final = Path("root", "ready")
_PREFIX: Final = Path("root", "prefix")
_SWITCH: Final = Path("root", "files")
_TIMEOUT_S: Final = 300

REG_SZ: Final = "REG_SZ"
REG_EXPAND_SZ: Final = "REG_EXPAND_SZ"
REG_DWORD: Final = "REG_DWORD"
REG_BINARY: Final = "REG_BINARY"

_KEY: Final = re.compile(r"^\[(?P<key>.+)\]$")
_VALUE: Final = re.compile(r'^"(?P<name>(?:[^"\\]|\\.)*)"=(?P<value>.*)$')


class Value(NamedTuple):
    """A value of the registry."""

    kind: str
    data: str | int | bytes


def make_root(root: Path) -> None:
    """Create the root folder, unless it exists.

    Raises:
        subprocess.CalledProcessError: If something could not be downloaded or installed.
    """
    if (root / _READY).exists():
        return
    script = PROJECT / "installers" / "clean_debian.py"
    if subprocess.run([sys.executable, script, root], check=False).returncode:
        sys.exit("To try the Windows installer takes a clean Debian for wine")
    print(f"Installing Debian's wine in {root}; this is done once", flush=True)
    environ = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    for command in (
        ["dpkg", "--add-architecture", "i386"],
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *PACKAGES],
        ["localedef", "-i", "de_DE", "-f", "UTF-8", "de_DE.UTF-8"],
        ["apt-get", "clean"],
    ):
        _run_quietly(["chroot", str(root), *environ, *command])
    (root / _SWITCH).mkdir()
    (root / _READY).touch()


def _run_quietly(command: Sequence[str]) -> None:
    """Run a command and show its output only if it fails."""
    ran = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if ran.returncode:
        print(ran.stdout, file=sys.stderr)
    ran.check_returncode()


@contextmanager
def wine_in(root: Path) -> Iterator[Wine]:
    """Provide a fresh Windows and end its programs afterwards."""
    make_root(root)
    # The /dev made by debootstrap is enough; if the machine's own /dev were mounted there, deleting
    # the folder meanwhile would delete it, too.
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    wine = Wine(root)
    try:
        wine.set_up()
        yield wine
    finally:
        wine.end()
        subprocess.run(["umount", "--lazy", root / "proc"], check=False)


class Wine:
    """A Windows of one user."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.environ = {
            "HOME": "/root",
            "USER": "root",
            "LC_ALL": "C.UTF-8",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "WINEPREFIX": f"/{_PREFIX}",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
        }

    def set_up(self) -> None:
        """Create a new, empty Windows 10."""
        shutil.rmtree(self._root / _PREFIX, ignore_errors=True)
        self._chroot("wineboot", "--init")
        self.write_registry(r"HKEY_CURRENT_USER\Software\Wine", "Version", "win10")
        self.wait()

    def end(self) -> None:
        """End all programs that run in it."""
        self._chroot("wineserver", "--kill", is_checked=False)

    def wait(self) -> None:
        """Wait until all programs have ended."""
        self._chroot("wineserver", "--wait")

    def path(self, place: str) -> Path:
        """Return the path on this system of a Windows path, in the case in which it was created.

        Args:
            place: A path on drive C.
        """
        return self._root.joinpath(_PREFIX, "drive_c", *PureWindowsPath(place).parts[1:])

    def take_in(self, file: Path) -> str:
        """Copy a file into it and return its Windows path."""
        shutil.copy2(file, self._root / _SWITCH / file.name)
        return f"Z:\\root\\files\\{file.name}"

    def run(self, program: str, *words: str, **environ: str) -> int:
        """Run a program, wait for it and the programs it starts, and return its exit code."""
        return self._chroot("wine", program, *words, is_checked=False, environ=environ)

    def start(self, program: str, *words: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a program without waiting for it."""
        return subprocess.Popen(
            self._command("wine", program, *words),
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def held(self, place: str) -> Iterator[None]:
        """Prevent a folder from being moved, like a virus scanner that is reading it."""
        path = self.path(place)
        subprocess.run(["mount", "--bind", path, path], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", path], check=True)

    def on_screen(self, script: str, **environ: str) -> None:
        """Run a shell script with a separate display, unknown to programs started earlier."""
        self.wait()
        screen = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 800x600x24"]
        self._chroot(*screen, "bash", "-euc", script, environ=environ)

    def switch(self, name: str) -> Path:
        """Return the path on this system of a file that a script writes to /root/files."""
        return self._root / _SWITCH / name

    def read_registry(self, key: str, name: str) -> Value | None:
        """Return a value of the registry, or None where there is none."""
        return self.read_key(key).get(name)

    def read_key(self, key: str) -> dict[str, Value]:
        """Return the values of a registry key; none if it does not exist."""
        exported = self._root / _SWITCH / "exported.reg"
        exported.unlink(missing_ok=True)
        self._chroot("wine", "regedit", "/E", r"Z:\root\files\exported.reg", key, is_checked=False)
        if not exported.exists():
            return {}
        return values_in(exported.read_text(encoding="utf-16"), key)

    def write_registry(self, key: str, name: str, text: str, kind: str = REG_SZ) -> None:
        """Set a value of the registry."""
        self._chroot("wine", "reg", "add", key, "/v", name, "/t", kind, "/d", text, "/f")

    def delete_registry(self, key: str, name: str) -> None:
        """Delete a value of the registry, if it exists."""
        self._chroot("wine", "reg", "delete", key, "/v", name, "/f", is_checked=False)

    def _command(self, *words: str) -> Sequence[str]:
        return ["chroot", str(self._root), *words]

    def _chroot(
        self, *words: str, is_checked: bool = True, environ: dict[str, str] | None = None
    ) -> int:
        ran = subprocess.run(
            self._command(*words),
            env=self.environ | (environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=is_checked,
        )
        return ran.returncode


def values_in(exported: str, key: str) -> dict[str, Value]:
    """Return the values of a key, without those of its subkeys, from an export by regedit."""
    found: dict[str, Value] = {}
    is_there = False
    for line in exported.replace("\\\n", "").replace("\\\r\n", "").splitlines():
        match = _KEY.match(line)
        if match:
            is_there = match["key"].lower() == key.lower()
        value = _VALUE.match(line)
        if value and is_there:
            found[_unescaped(value["name"])] = _value(value["value"])
    return found


def _value(text: str) -> Value:
    if text.startswith('"'):
        return Value(REG_SZ, _unescaped(text[1:-1]))
    kind, _, data = text.partition(":")
    if kind == "dword":
        return Value(REG_DWORD, int(data, 16))
    raw = bytes(int(pair, 16) for pair in data.replace(" ", "").split(",") if pair)
    if kind == "hex(2)":
        return Value(REG_EXPAND_SZ, raw.decode("utf-16-le").removesuffix("\0"))
    return Value(REG_BINARY, raw)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
