"""Requests the latest release from GitHub, without any data about the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from spendlight import online
from spendlight.build import REPOSITORY
from spendlight.online import FetchError, Response
from spendlight.updates.notes import plain
from spendlight.updates.releases import read_release

if TYPE_CHECKING:
    from spendlight.updates.releases import Release

FEED_URL = REPOSITORY.replace("https://github.com", "https://api.github.com/repos") + (
    "/releases/latest"
)
"""The latest release that is neither a draft nor a pre-release; some 20 kB."""

HOST: Final = "api.github.com"

DEADLINE_S = 20.0

_MOST_BYTES: Final = 2 << 20
"""Notes may have 125,000 characters, and each file of a release is described in 2 kB."""

_REDIRECTS: Final = 3
"""A renamed repository is found by its number, on the same server."""

_NOT_FOUND: Final = 404

_HEADERS: Final = (
    ("Accept", "application/vnd.github+json"),
    ("X-GitHub-Api-Version", "2022-11-28"),
    ("User-Agent", "Spendlight"),  # GitHub requires one
)


class _Latest(msgspec.Struct):
    """The relevant fields of a response."""

    tag_name: str
    draft: bool
    prerelease: bool
    body: str | None = None


def ask(etag: str, client: online.Client | None = None) -> Response:
    """Request the latest release.

    Args:
        etag: The server's tag of the known response; empty if there is none.
        client: The client; by default a new one.

    Raises:
        FetchError: If there is no valid response.
    """
    request = online.Request(
        FEED_URL, HOST, "a release", _MOST_BYTES, DEADLINE_S, _HEADERS, _REDIRECTS
    )
    try:
        return online.fetch(request, etag, client)
    except FetchError as error:
        if error.status == _NOT_FOUND:  # there is no release yet
            return Response("", b"null")
        raise


def release_in(body: bytes) -> Release | None:
    """Return the release in a response, or None if it is not to be announced.

    Raises:
        FetchError: If the response is invalid.
    """
    try:
        latest = msgspec.json.decode(body, type=_Latest | None)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise FetchError(HOST, f"sent no release: {error}") from error
    if latest is None or latest.draft or latest.prerelease:
        return None
    release = read_release(latest.tag_name, "")
    return release and release._replace(notes=plain(latest.body or "", release.version))
