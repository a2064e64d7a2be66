"""A team's folder on a server with SSH: reached as the user's own ssh would, known hosts only."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import Any, Final

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

WAIT_S: Final = 20
"""How long to wait for a server that does not answer."""

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # it prints what it raises, too

TYPE: Final = "type"
FILE: Final = "file"

_USER_CONFIG: Final = "~/.ssh/config"
_USER_HOSTS: Final = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
_ALL_HOSTS: Final = "/etc/ssh/ssh_known_hosts"


class UnknownHostError(OSError):
    """The server's host key is not among the known hosts."""


class _DemandKnown(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # it has no types
    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        del client, key
        message = f"the host key of {hostname} is not known; connect to it once with ssh"
        raise UnknownHostError(message)


class SftpFolder(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Files on a server.

    fsspec's own accepts any host key, reads no configuration, waits for ever, and does not tell
    pipes from files.
    """

    protocol = ("sftp", "ssh")
    cachable = False

    @classmethod
    def at(cls, url: str) -> tuple[SftpFolder, str]:
        """Return the files of a server, and the path on it that a URL names."""
        return cls(**cls._get_kwargs_from_urls(url)), cls._strip_protocol(url)

    def _connect(self) -> None:
        config = paramiko.SSHConfig()
        if (path := Path(_USER_CONFIG).expanduser()).is_file():
            config = paramiko.SSHConfig.from_path(str(path))
        found = config.lookup(self.host)
        self.client = paramiko.SSHClient()
        hosts = found.get("userknownhostsfile", _USER_HOSTS), _ALL_HOSTS
        for name in " ".join(hosts).split():
            if (known := Path(name).expanduser()).is_file():
                self.client.load_system_host_keys(str(known))
        self.client.set_missing_host_key_policy(_DemandKnown())
        wanted = self.ssh_kwargs
        self.client.connect(
            found.get("hostname", self.host),
            port=wanted.get("port") or int(found.get("port", paramiko.config.SSH_PORT)),
            username=wanted.get("username") or found.get("user"),
            key_filename=found.get("identityfile"),
            timeout=WAIT_S,
            banner_timeout=WAIT_S,
            auth_timeout=WAIT_S,
        )
        self.ftp = self.client.open_sftp()
        channel = self.ftp.get_channel()
        if channel is not None:
            channel.settimeout(WAIT_S)

    def ls(self, path: str, detail: bool = False, **options: Any) -> list[Any]:  # noqa: ANN401, FBT001, FBT002  # fsspec's
        """Return what is in a folder; if it may not be read, the error names it."""
        try:
            found: list[Any] = super().ls(path, detail=detail, **options)
        except PermissionError as error:
            error.filename = path
            raise
        return found

    @staticmethod
    def _decode_stat(stat_: Any, parent_path: str | None = None) -> dict[str, Any]:  # noqa: ANN401  # paramiko's
        told: dict[str, Any] = SFTPFileSystem._decode_stat(stat_, parent_path)  # noqa: SLF001  # its hook
        if told[TYPE] == FILE and not stat.S_ISREG(stat_.st_mode):
            told[TYPE] = "other"
        return told
