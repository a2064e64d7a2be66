"""Where a team's files lie: a folder, a server or a bucket, by any URL that fsspec knows."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from spendlight.errors import BadArgumentError, UsageError
from spendlight.names import name as shown_name
from spendlight.team.engine import TeamMissingError
from spendlight.team.listing import Listed, Listing, Unreadable, listed_locally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARKER: Final = "team.json"
"""The file that tells a team's folder from an empty one: a disk that is not mounted looks so."""

MACHINE_FILE: Final = "machine.json"
VERSION: Final = 1
MOST_SMALL_BYTES: Final = 64 << 10

SMALL_S: Final = 30.0
"""How long a bucket may take for a small file; its libraries would try for six minutes."""

LIST_S: Final = 120.0
"""How long a bucket may take to list all of its files."""

SLOWEST_BYTES_PER_S: Final = 64 << 10
"""A slower connection is taken for one that is lost."""

_LOCAL: Final = frozenset({"", "file", "local"})
_NEEDED: Final = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
}
"""The schemes that are supported, and the package that each needs."""

_RENAMING: Final = frozenset({"sftp", "ssh"})
"""Where a file is visible before it is complete; object stores show it only afterwards."""


class SharedFolderError(UsageError):
    """The team's folder cannot be reached or used."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The team's folder {shown_name(url)} cannot be used: {reason}",
            "Nothing is lost: what is new will be published as soon as it can be used again.",
        )
        self.reason = reason


class CannotJoinError(SharedFolderError):
    """A team cannot be joined or created there."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        UsageError.__init__(self, self.title, "Nothing was changed.")


class BadUrlError(BadArgumentError):
    """A URL at which no team can be."""

    def __init__(self, url: str) -> None:
        known = ", ".join(f"{one}://" for one in ("file", "sftp", "s3", "gs", "abfs"))
        super().__init__(
            f"No team can be at {shown_name(url)}", f"Name a folder, or a URL with {known}."
        )


class PasswordInUrlError(BadArgumentError):
    """A URL that contains a password."""

    def __init__(self) -> None:
        super().__init__(
            "A team's URL must not contain a password",
            "Spendlight stores the URL and no credentials. Use an SSH key, or the usual "
            "environment variables or configuration files of the library for this service.",
        )


class LibraryMissingError(BadArgumentError):
    """A library for a kind of URL is not installed."""

    def __init__(self, scheme: str) -> None:
        package = _NEEDED[scheme]
        super().__init__(
            f"{scheme}:// needs {package}, which is not installed",
            f"Install it with: pip install {package}.",
        )


class SharedFolder:
    """The folder or bucket of a team.

    Args:
        url: A path or a URL.

    Attributes:
        is_local: Whether its files are, for this machine, in a folder.

    Raises:
        BadUrlError: If no team can be there.
        TeamMissingError: If fsspec is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        scheme = scheme_of(url)
        self.is_local = scheme in _LOCAL
        self._renames = scheme in _RENAMING
        if self.is_local:
            path = urlsplit(url).path if scheme else url
            self._base = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  # text
            return
        try:
            import fsspec
        except ImportError:
            raise TeamMissingError from None
        try:
            if self._renames:
                from spendlight.team.sftp import SftpFolder

                self._files, self._base = SftpFolder.at(url)
            else:
                self._files, self._base = fsspec.core.url_to_fs(
                    url, use_listings_cache=False, skip_instance_cache=True
                )
        except ImportError as error:
            raise LibraryMissingError(scheme) from error
        except Exception as error:  # each library has its own
            raise SharedFolderError(url, _reason(error)) from error

    def create(self) -> None:
        """Make it a team's folder, unless it is one.

        Raises:
            SharedFolderError: If that is impossible.
        """
        with self._told():
            if self.is_local:
                Path(self._base).mkdir(parents=True, exist_ok=True)
            elif self._renames:
                self._files.makedirs(self._base, exist_ok=True)
            if self._read(MARKER) is None:
                content = json.dumps({"spendlight": "team", "version": VERSION})
                self._write(MARKER, content.encode())
        self.demand_team()

    def demand_team(self) -> None:
        """Make sure that a team is there, and that this version understands its files.

        Raises:
            SharedFolderError: If not.
        """
        with self._told():
            content = self._read(MARKER)
        if content is None:
            raise SharedFolderError(self.url, "it contains no team; is it connected or mounted?")
        try:
            version = json.loads(content)["version"]
        except (ValueError, LookupError, TypeError, RecursionError):
            version = None
        if not isinstance(version, int):
            raise SharedFolderError(self.url, f"its {MARKER} is damaged")
        if version > VERSION:
            raise SharedFolderError(self.url, "it needs a newer version of Spendlight")

    def list(self, folder: str = "", *, without: str = "") -> Listing:
        """Return what lies in it, or in one of its folders, which may be missing.

        Args:
            folder: The folder, or "".
            without: Leave out files whose names end so, if given; a large folder takes less time.

        Raises:
            SharedFolderError: If it cannot be listed.
        """
        with self._told():
            try:
                if self.is_local:
                    return listed_locally(self._base, folder, without)
                return self._listed_remotely(folder, without)
            except FileNotFoundError:
                if not folder:
                    raise
                return Listing([], [])

    def _listed_remotely(self, folder: str, without: str) -> Listing:
        top = self._full(folder) if folder else self._base
        start = len(self._base.rstrip("/")) + 1
        unreadable: list[Unreadable] = []

        def note(error: OSError) -> None:
            if isinstance(error, FileNotFoundError):  # it is gone again
                return
            path = str(error.filename or "").rstrip("/")
            if not isinstance(error, PermissionError) or len(path) <= len(top.rstrip("/")):
                raise error  # it is the connection, or the whole folder
            unreadable.append(Unreadable(f"{path[start:]}/", _reason(error)))

        errors = {"on_error": note} if self._renames else {}  # fsspec hides any error
        found: Mapping[str, Any] = self._files.find(
            top, detail=True, **errors, **self._limit(LIST_S)
        )
        files = sorted(
            Listed(path[start:], int(info.get("size") or 0), _modified(info))
            for path, info in found.items()
            if info.get("type", "file") == "file" and not (without and path.endswith(without))
        )
        return Listing(files, sorted(unreadable))

    def local_path(self, path: str) -> Path | None:
        """Return the path of a file if it is on this machine."""
        return Path(self._base, *PurePosixPath(path).parts) if self.is_local else None

    def fetch(self, path: str, target: Path, size: int = 0) -> None:
        """Download a file.

        Args:
            path: Its path in the team's folder.
            target: Where to put it.
            size: In bytes: a larger one may take longer.

        Raises:
            SharedFolderError: If that fails.
            FileNotFoundError: If it is no longer there.
        """
        with self._told(may_be_missing=True):
            limit = self._limit(SMALL_S + size / SLOWEST_BYTES_PER_S)
            self._files.get_file(self._full(path), str(target), **limit)

    def publish(self, source: Path, path: str) -> None:
        """Upload a file, which appears only once it is complete.

        Raises:
            SharedFolderError: If that fails.
        """
        with self._told():
            self._write(path, source.read_bytes())

    def delete(self, path: str) -> None:
        """Delete a file, which may be missing.

        Raises:
            SharedFolderError: If that fails.
        """
        with self._told():
            local = self.local_path(path)
            try:
                if local is not None:
                    local.unlink()
                else:
                    self._files.rm_file(self._full(path))
            except FileNotFoundError:
                pass

    def read_small(self, path: str) -> bytes | None:
        """Return the content of a small file, or None if there is none.

        Raises:
            SharedFolderError: If it cannot be read.
        """
        with self._told():
            return self._read(path)

    def write_small(self, path: str, content: bytes) -> None:
        """Write a small file.

        Raises:
            SharedFolderError: If that fails.
        """
        with self._told():
            self._write(path, content)

    def _full(self, path: str) -> str:
        return f"{self._base.rstrip('/')}/{path}"

    def _read(self, path: str) -> bytes | None:
        local = self.local_path(path)
        try:
            if local is not None:
                from spendlight.regular_files import read_regular

                return read_regular(local, MOST_SMALL_BYTES)
            content: bytes = self._files.cat_file(
                self._full(path), start=0, end=MOST_SMALL_BYTES, **self._limit(SMALL_S)
            )
        except FileNotFoundError:
            return None
        return content

    def _write(self, path: str, content: bytes) -> None:
        local = self.local_path(path)
        mark = f".{os.getpid()}-{os.urandom(4).hex()}.part"
        if local is not None:
            for folder in _folders_of(path):  # but not the team's, which may be a disk
                Path(self._base, folder).mkdir(exist_ok=True)
            part = local.with_name(f"{local.name}{mark}")
            try:
                with part.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(local)
            finally:
                part.unlink(missing_ok=True)
            return
        target = self._full(path)
        if not self._renames:  # and it has no folders; a bucket is not ours to create
            limit = self._limit(SMALL_S + len(content) / SLOWEST_BYTES_PER_S)
            self._files.pipe_file(target, content, **limit)
            return
        for folder in _folders_of(path):
            with suppress(FileExistsError):
                self._files.mkdir(self._full(folder), create_parents=False)
        self._files.pipe_file(f"{target}{mark}", content)
        self._files.mv(f"{target}{mark}", target)

    def _limit(self, seconds: float) -> dict[str, float]:
        """Return the option that limits how long a call may take; a server's are shorter."""
        return {"timeout": seconds} if getattr(self._files, "async_impl", False) else {}

    @contextmanager
    def _told(self, *, may_be_missing: bool = False) -> Iterator[None]:
        """Turn errors of any library into words."""
        try:
            yield
        except UsageError:
            raise
        except FileNotFoundError as error:
            if may_be_missing:
                raise
            raise SharedFolderError(self.url, _reason(error)) from error
        except Exception as error:  # each library has its own
            raise SharedFolderError(self.url, _reason(error)) from error


def scheme_of(url: str) -> str:
    """Return the scheme of a team's URL; "" for a path.

    Raises:
        BadUrlError: If no team can be there, or if it contains a password.
    """
    scheme, joint, _ = url.partition("://")
    if not joint:
        return ""
    scheme = scheme.lower()
    if scheme not in _LOCAL and scheme not in _NEEDED:
        raise BadUrlError(url)
    if urlsplit(url).password:
        raise PasswordInUrlError
    return scheme


def absolute_url(url: str) -> str:
    """Return a URL that means the same in every working directory.

    Raises:
        BadUrlError: If no team can be there.
    """
    if scheme_of(url):
        return url
    return os.path.abspath(os.path.expanduser(url))  # noqa: PTH100, PTH111  # without resolving links


def _folders_of(path: str) -> list[str]:
    """Return the folders that a file is in, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _modified(info: Mapping[str, Any]) -> str:
    """Return when a file was modified, under whatever name its library says so."""
    names = ("LastModified", "last_modified", "mtime", "updated", "ETag")
    return str(next((info[name] for name in names if name in info), ""))


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    if isinstance(error, TimeoutError):
        reason = "it did not respond in time"
    reason = reason or type(error).__name__
    return " ".join(str(reason).split())[:300].rstrip(".")
