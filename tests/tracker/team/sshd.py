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
        self._server, self.port = start_server(folder, _CONFIG)

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
        end_server(self._server)


def start_server(folder: Path, template: str) -> tuple[subprocess.Popen[str], int]:
    """Start sshd; return it, and the port where it listens.

    Args:
        folder: Where its configuration is written.
        template: The configuration, with ``{port}`` and ``{folder}``.
    """
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it gives up its privileges
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    config = folder / "sshd_config"
    config.write_text(template.format(port=port, folder=folder))
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert program is not None, "sshd is not installed (make test installs it on Debian)"
    server = subprocess.Popen(
        [program, "-D", "-e", "-f", str(config)], stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if "listening" in line:
            return server, port
    raise AssertionError("".join(said))


def end_server(server: subprocess.Popen[str]) -> None:
    """End what `start_server` started."""
    server.kill()
    server.wait()
    if server.stderr is not None:
        server.stderr.close()


@contextmanager
def serving(folder: Path) -> Iterator[SshServer]:
    """Start a server; end it afterwards."""
    server = SshServer(folder)
    try:
        yield server
    finally:
        server.end()
