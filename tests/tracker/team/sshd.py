"""A server with SSH on loopback, with keys of its own, for whoever has a home."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
Subsystem sftp internal-sftp
"""


class SshServer:
    """A server that knows one key.

    Attributes:
        folder: Where its keys are; also a folder that it may serve.
        port: Where it listens.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("host_key", "key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        (folder / "config").write_text(_CONFIG.format(port=self.port, folder=folder))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where it gives up its privileges
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        assert program is not None, "sshd is not installed (make test installs it on Debian)"
        self._server = subprocess.Popen(
            [program, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.PIPE, text=True
        )
        assert self._server.stderr is not None
        assert any("listening" in line for line in self._server.stderr)

    def url(self, path: Path) -> str:
        """Return the URL of a folder on it."""
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{path}"

    def introduce(self, home: Path) -> None:
        """Make it known to a user, and the user to it."""
        path = home / ".ssh"
        path.mkdir(exist_ok=True)
        shutil.copy(self.folder / "key", path / "id_ed25519")
        key = " ".join((self.folder / "host_key.pub").read_text().split()[:2])
        (path / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}\n")

    def end(self) -> None:
        """End it."""
        self._server.kill()
        self._server.wait()
        if self._server.stderr is not None:
            self._server.stderr.close()


@contextmanager
def serving(folder: Path) -> Iterator[SshServer]:
    """Start a server; end it afterwards."""
    server = SshServer(folder)
    try:
        yield server
    finally:
        server.end()
