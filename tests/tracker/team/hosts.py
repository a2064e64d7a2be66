"""Makers of hosts that ssh reaches: a real sshd on loopback, with keys of its own."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from tests.tracker.machines import Computer
from tests.tracker.team.sshd import end_server, start_server
from tests.tracker.worlds import World

_SERVER = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""

_CLIENT = """
Host unknown
    HostKeyAlias of-nobody
Host closed
    Port 9
Host *
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/%n
    IdentitiesOnly yes
    HostKeyAlias of-all
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
"""

_LOGIN = """#!/bin/sh
export PATH={folder}/bin:/usr/bin:/bin HOME={folder}
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
"""
"""What a host runs for whoever comes with its key, in an environment of its own."""

_PROGRAM = """#!/bin/sh
export CLAUDE_CONFIG_DIR={root} SPENDLIGHT_DATA_DIR={data} SPENDLIGHT_MACHINE={name}
exec {python} -m spendlight "$@" --offline
"""


class Hosts:
    """Hosts behind one sshd, which tells them apart by the keys that users come with.

    Attributes:
        path: A folder with an `ssh` that uses only the configuration of these tests.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ssh"
        self.path.mkdir(parents=True)
        self._key("host_key")
        public = (self.path / "host_key.pub").read_text()
        (self.path / "known_hosts").write_text(f"of-all {public}")
        (self.path / "authorized_keys").touch()
        for name in ("unknown", "closed", "stranger"):
            self._key(name)
        self._server, port = start_server(self.path, _SERVER)
        config = _CLIENT.format(port=port, user=getpass.getuser(), folder=self.path)
        (self.path / "config").write_text(config)
        real = shutil.which("ssh")
        script(self.path / "ssh", f'#!/bin/sh\nexec {real} -F {self.path}/config "$@"\n')

    def add(self, name: str, program: str | None) -> None:
        """Add a host; *program* is its `spendlight`, None if it has none."""
        folder = self.path / f"home-{name}"
        (folder / "bin").mkdir(parents=True)
        script(folder / "login", _LOGIN.format(folder=folder))
        if program is not None:
            script(folder / "bin" / "spendlight", program)
        self._key(name)
        public = (self.path / f"{name}.pub").read_text()
        with (self.path / "authorized_keys").open("a") as keys:
            keys.write(f'command="{folder}/login" {public}')

    def add_computer(self, world: World, name: str) -> Computer:
        """Add a host with logs and a ledger."""
        computer = Computer(world, name)
        data = world.place / f"data-{name}"
        self.add(
            name,
            _PROGRAM.format(
                root=quote(str(computer.roots[0])),
                data=quote(str(data)),
                name=quote(name),
                python=quote(sys.executable),
            ),
        )
        return computer

    def end(self) -> None:
        """End the server."""
        end_server(self._server)

    def _key(self, name: str) -> None:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]
        subprocess.run([*command, str(self.path / name)], check=True)


@contextmanager
def serving(folder: Path) -> Iterator[Hosts]:
    """Start a server without hosts; end it afterwards."""
    hosts = Hosts(folder)
    try:
        yield hosts
    finally:
        hosts.end()


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.write_text(text)
    path.chmod(0o755)
