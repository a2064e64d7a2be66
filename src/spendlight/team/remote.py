"""Gets the usage of machines that cannot publish it themselves, over the user's own ssh."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from typing import IO, TYPE_CHECKING, Final

from spendlight.errors import BadArgumentError, UsageError
from spendlight.names import name as shown_name
from spendlight.names import shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CONNECT_S: Final = 15
"""How long to wait for a connection."""

EXPORT_S: Final = 900.0
"""How long an export may take; the first one reads all logs."""

MOST_BYTES: Final = 2 << 30
"""The largest export that is taken: some five million answers."""

EXPORT: Final = (
    "exec sh -c 'PATH=\"$PATH:$HOME/.local/bin:/opt/spendlight\"; exec spendlight export'"
)
"""What runs on the other machine, in any shell: those that are not interactive often lack the
folder of pipx and uv. Entries in JSON are the default of every version."""

_OPTIONS: Final = (
    "BatchMode=yes",  # several hosts cannot ask for passwords at once
    f"ConnectTimeout={CONNECT_S}",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "Compression=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "ControlMaster=no",  # a connection that stays open would keep our pipes open
)

_HOST: Final = re.compile(r"(?:ssh://)?[\w\[][\w.@:%\[\]+-]*", re.ASCII)
_AT_ONCE: Final = 1 << 20
_MOST_SAID: Final = 64 << 10
_SAID_AT_ONCE: Final = 4096
_SSH_FAILED: Final = 255
_NOT_FOUND: Final = frozenset({126, 127})
_WRONG_USAGE: Final = 2


class BadHostError(BadArgumentError):
    """Something that cannot be the name of a host."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{shown_name(host)} is not a host for ssh",
            "Name it as you do for ssh: host, user@host, ssh://user@host:port, or a name in "
            "~/.ssh/config.",
        )


class NoSshError(UsageError):
    """There is no ssh on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "ssh was not found on this machine", "Install OpenSSH's client, and try again."
        )


class HostError(UsageError):
    """The usage of a host could not be taken in.

    Attributes:
        reason: Why.
    """

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"Nothing was taken from {shown_name(host)}: {reason}")
        self.reason = reason


def demand_hosts(hosts: Iterable[str]) -> None:
    """Make sure that each can be the name of a host, and nothing else that ssh understands.

    Raises:
        BadHostError: If one cannot.
    """
    for host in hosts:
        bare = host.rpartition("@")[2]
        if _HOST.fullmatch(host) is None or bare.startswith("-") or not bare:
            raise BadHostError(host)


class Exports:
    """Runs exports on hosts; can be stopped from another thread.

    Args:
        timeout_s: How long each may take.

    Raises:
        NoSshError: If there is no ssh here.
    """

    def __init__(self, timeout_s: float = EXPORT_S) -> None:
        program = shutil.which("ssh")
        if program is None:
            raise NoSshError
        self._program = program
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_stopped = False

    def fetch(self, host: str, target: Path) -> None:
        """Write what a host exports into a file.

        Raises:
            HostError: If that fails.
        """
        options = [part for option in _OPTIONS for part in ("-o", option)]
        process = self._start(host, [self._program, "-T", *options, "--", host, EXPORT])
        is_late = threading.Event()

        def give_up() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(self._timeout_s, give_up)
        timer.daemon = True
        said: list[bytes] = []
        output, errors = process.stdout, process.stderr
        if output is None or errors is None:
            raise HostError(host, "ssh has no output")
        listener = threading.Thread(target=_listen, args=(errors, said), daemon=True)
        try:
            timer.start()
            listener.start()
            is_large = _store(output, target)
            if is_large:
                process.kill()
            code = process.wait()
            listener.join()
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            output.close()
            errors.close()
            with self._lock:
                self._running.discard(process)
        if is_late.is_set():
            raise HostError(host, f"it did not finish within {self._timeout_s:,.0f} seconds")
        if is_large:
            raise HostError(host, f"its export is larger than {MOST_BYTES >> 30} GB")
        if code:
            raise HostError(host, _fault(code, b"".join(said)))

    def stop(self) -> None:
        """End all exports that are running, and let none begin."""
        with self._lock:
            self._is_stopped = True
            for process in self._running:
                process.kill()

    def _start(self, host: str, command: list[str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_stopped:
                raise HostError(host, "it was stopped")
            try:
                process = subprocess.Popen(  # noqa: S603  # the host was checked
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError as error:
                raise HostError(host, f"ssh: {error.strerror or error}") from error
            self._running.add(process)
            return process


def _store(source: IO[bytes], target: Path) -> bool:
    """Write what comes into a file; return whether it is too much."""
    left = MOST_BYTES
    with target.open("wb") as file:
        while part := source.read(_AT_ONCE):
            left -= len(part)
            if left < 0:
                return True
            file.write(part)
    return False


def _listen(source: IO[bytes], said: list[bytes]) -> None:
    """Keep the beginning of what comes, and read the rest."""
    left = _MOST_SAID
    while part := source.read(_SAID_AT_ONCE):
        said.append(part[:left])
        left -= len(said[-1])


def _fault(code: int, said: bytes) -> str:
    """Return why an export failed, from its exit code and what was said."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    last = shortened(shown(next((line for line in reversed(lines) if line), "")), 300)
    last = last.removeprefix("spendlight: ").rstrip(".")
    if code == _SSH_FAILED:
        return f"ssh failed: {last}" if last else "ssh failed"
    if code in _NOT_FOUND:
        return "Spendlight is not installed there, or not where ssh finds it"
    if code == _WRONG_USAGE:
        return f"Spendlight there is too old, or set up differently: {last}"
    return f"its export failed: {last}" if last else f"its export failed (exit code {code})"
