"""Provides a minimal Debian to install packages into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from building import ROOT
from checking import CHECKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

USER: Final = "ada"
USER_ID: Final = 1000
HOME: Final = f"/home/{USER}"

_MOUNT: Final = """\
mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
mkdir -p "$0/var/cache/apt/archives" && mount --bind "$1" "$0/var/cache/apt/archives" &&
echo mounted && exec cat
"""
"""Mounts what a root needs in a mount namespace, which it keeps until its input ends. So nothing
stays mounted, whatever happens, and everything that runs in the root sees the same files."""

_PASSED_ON: Final = ("http_proxy", "https_proxy", "no_proxy")


class Listing(NamedTuple):
    """What is installed in a root."""

    packages: frozenset[str]
    files: frozenset[str]
    """Outside homes, and without the databases of package managers."""


class CleanRoot:
    """A Debian in a folder, with an ordinary user."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._holder: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """The user's home, as seen from outside."""
        return self.path / HOME.lstrip("/")

    def command(
        self,
        words: Sequence[str],
        *,
        as_user: bool = True,
        environ: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Return the command that runs another one inside.

        Args:
            words: The command.
            as_user: Whether the user runs it, and not root.
            environ: Additional variables.
        """
        usual = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": HOME if as_user else "/root",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        settings = [
            f"{name}={value}" for name, value in (usual | passed_on | dict(environ or {})).items()
        ]
        who = [f"--userspec={USER_ID}:{USER_ID}"] if as_user else []
        return [
            *self.enter(), "chroot", *who, str(self.path), "env", "-i", *settings, *words,
        ]  # fmt: skip

    def enter(self) -> list[str]:
        """Return the prefix of a command that runs with what the root needs mounted.

        Raises:
            RuntimeError: If it cannot be mounted.
        """
        if self._holder is None:
            self._holder = subprocess.Popen(
                [
                    "unshare", "--mount", "--propagation", "slave", "sh", "-c", _MOUNT,
                    str(self.path), str(_archives()),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )  # fmt: skip
            if self._holder.stdout is None or not self._holder.stdout.readline():
                reason = f"Nothing can be mounted below {self.path}"
                raise RuntimeError(reason)
        return ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt"]

    def leave(self) -> None:
        """Unmount what was mounted for it."""
        if self._holder is not None:
            self._holder.communicate()
            self._holder = None

    def run(
        self,
        *words: str,
        as_user: bool = True,
        environ: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> str:
        """Run a command inside, and return its output.

        Raises:
            RuntimeError: If it fails, and that is not allowed.
        """
        done = subprocess.run(
            self.command(words, as_user=as_user, environ=environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if check and done.returncode:
            reason = f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}"
            raise RuntimeError(reason)
        return done.stdout

    def install(self, *packages: str) -> str:
        """Install Debian packages, or package files inside, with their dependencies."""
        return self.run(
            "apt-get", "install", "--yes", "-q", "--no-install-recommends", "--allow-downgrades",
            "-o", "APT::Keep-Downloaded-Packages=true", *packages,
            as_user=False, environ={"DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip

    def listing(self) -> Listing:
        """Return what is installed."""
        shown = self.run("dpkg-query", "--show", "--showformat", "${Package}\n", as_user=False)
        skipped = tuple(
            f"{self.path}/{place}"
            for place in (
                "home", "proc", "dev", "sys", "run", "tmp", "var/cache", "var/log", "var/lib/apt",
                "var/lib/dpkg", "var/lib/rpm", "var/tmp",
            )
        )  # fmt: skip
        files = []
        for folder, names, plain in os.walk(self.path):
            names[:] = [name for name in names if f"{folder}/{name}" not in skipped]
            files += [f"{folder}/{name}".removeprefix(str(self.path)) for name in [*names, *plain]]
        return Listing(frozenset(shown.split()), frozenset(files))

    def remove(self) -> None:
        """Remove the root and all that is in it."""
        self.leave()
        shutil.rmtree(self.path, ignore_errors=True)


def bare_root(name: str) -> CleanRoot:
    """Return a plain Debian, copied from one that is kept for the next time.

    Raises:
        SystemExit: If this is not root.
    """
    base = CHECKS / "roots" / "bare"
    if not base.is_dir():
        _bootstrap(base)
    return _copied(base, name)


def furnished_root(name: str, packages: Sequence[str]) -> CleanRoot:
    """Return a Debian with packages, copied from one that is kept for the next time."""
    base = CHECKS / "roots" / "furnished"
    stamp = CHECKS / "roots" / "furnished-with"
    wanted = " ".join(packages)
    if not base.is_dir() or not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        furnished = bare_root(base.name)
        furnished.install(*packages)
        furnished.leave()
        stamp.write_text(wanted, encoding="utf-8")
    return _copied(base, name)


def demand_root() -> None:
    """Make sure that clean roots can be made.

    Raises:
        SystemExit: If they cannot.
    """
    if os.geteuid() != 0:
        sys.exit(
            "Packages are installed into clean systems, which only root may make: run it as root."
        )
    missing = [name for name in ("debootstrap", "nsenter", "unshare") if shutil.which(name) is None]
    if missing:
        sys.exit(
            f"{', '.join(missing)} is missing: maintenance/debian_packages.sh package-check"
            " installs it."
        )


def _bootstrap(base: Path) -> None:
    demand_root()
    unfinished = CleanRoot(base.with_name(f"{base.name}.unfinished"))
    unfinished.leave()
    script = ROOT / "installers" / "clean_debian.py"
    if subprocess.run([sys.executable, script, unfinished.path], check=False).returncode:
        sys.exit("Without a clean Debian no package can be installed into it")
    unfinished.run("apt-get", "update", "-q", as_user=False)
    unfinished.run("useradd", "--create-home", f"--uid={USER_ID}", USER, as_user=False)
    unfinished.leave()
    unfinished.path.rename(base)


def _copied(base: Path, name: str) -> CleanRoot:
    root = CleanRoot(CHECKS / "roots" / name)
    root.remove()
    subprocess.run(["cp", "--archive", "--reflink=auto", base, root.path], check=True)
    return root


def _archives() -> Path:
    """Return where downloaded packages are kept, as apt wants it."""
    kept = CHECKS / "archives"
    (kept / "partial").mkdir(parents=True, exist_ok=True)
    return kept
