"""Sends one request to a server, with a limit for the total time and size."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import httpx  # 190 ms, so imported only to send a request

    Client: TypeAlias = httpx.Client
    """The client, if not `fetch`'s own."""

TIMEOUT_S = 10.0
"""For connecting and for each part of the response, like ccusage."""

_OK = 200
_NOT_MODIFIED = 304


class FetchError(Exception):
    """Nothing was fetched; the text says why.

    Attributes:
        status: The unexpected HTTP status, or None if there was none.
        is_unanswered: Whether the server was not reached.
    """

    def __init__(
        self, host: str, problem: str, *, status: int | None = None, is_unanswered: bool = False
    ) -> None:
        super().__init__(f"{host} {problem}")
        self.status = status
        self.is_unanswered = is_unanswered


class Request(NamedTuple):
    """A request, with its limits.

    Attributes:
        host: The server's name in messages.
        what: What is requested, in messages: "a price list".
        most_bytes: A longer response is rejected.
        deadline_s: For everything, from the name lookup to the last byte.
        headers: Additional headers.
        redirects: How often the server may redirect to another path of its own.
    """

    url: str
    host: str
    what: str
    most_bytes: int
    deadline_s: float
    headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"),)
    redirects: int = 0


class Response(NamedTuple):
    """The server's response; without a body if ours is up to date."""

    etag: str
    body: bytes | None


def fetch(request: Request, etag: str = "", client: httpx.Client | None = None) -> Response:
    """Send a request, and return the response within the deadline.

    httpx has no limit for the total time: it would wait for a server that sends its headers byte by
    byte, or a resolver that never answers. So a separate thread sends the request, and is abandoned
    at the deadline; it does not keep the program from ending.

    Args:
        request: What to request.
        etag: The server's tag of the known response; empty if there is none.
        client: The client; by default a new one.

    Raises:
        FetchError: If there is no response, or an invalid one.
    """
    outcome: list[Response | BaseException] = []
    is_late = threading.Event()

    def ask() -> None:
        try:
            outcome.append(_send(client, request, etag, is_late.is_set))
        except BaseException as error:  # noqa: BLE001  # raised again in the waiting thread
            outcome.append(error)

    thread = threading.Thread(target=ask, name="fetch", daemon=True)
    thread.start()
    thread.join(request.deadline_s)
    is_late.set()
    if not outcome:
        raise FetchError(request.host, "took too long")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _send(
    client: httpx.Client | None, request: Request, etag: str, is_late: Callable[[], bool]
) -> Response:
    import httpx

    host = request.host
    try:
        with nullcontext(client) if client else httpx.Client(timeout=TIMEOUT_S) as session:
            url = httpx.URL(request.url)
            for _ in range(request.redirects + 1):
                found = _ask(session, request, url, etag, is_late)
                if isinstance(found, Response):
                    return found
                url = found
            raise FetchError(host, "redirects too often")
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        problem = f"cannot be reached: {str(error) or type(error).__name__}"
        raise FetchError(host, problem, is_unanswered=True) from error
    except httpx.TimeoutException as error:
        raise FetchError(host, "took too long") from error
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, ValueError) as error:
        raise FetchError(host, f"cannot be reached: {error}") from error


def _ask(
    session: httpx.Client,
    request: Request,
    url: httpx.URL,
    etag: str,
    is_late: Callable[[], bool],
) -> Response | httpx.URL:
    """Return the response of a URL, or the URL on the same server that it redirects to.

    Raises:
        FetchError: If it answers something else.
        httpx.HTTPError: If it does not answer.
    """
    host = request.host
    headers = {"Accept-Encoding": "gzip", **dict(request.headers)}
    if etag:
        headers["If-None-Match"] = etag
    with session.stream("GET", url, headers=headers, follow_redirects=False) as response:
        if response.next_request is not None and request.redirects:
            other = response.next_request.url
            if (other.scheme, other.host, other.port) != (url.scheme, url.host, url.port):
                raise FetchError(host, "redirects to another server")
            return other
        if response.status_code == _NOT_MODIFIED and etag:
            return Response(etag, None)
        if response.status_code != _OK:
            status = response.status_code
            raise FetchError(host, f"answered {status}", status=status)
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > request.most_bytes:
                raise FetchError(host, f"sent more than {request.what}")
            if is_late():
                raise FetchError(host, "took too long")
        return Response(response.headers.get("ETag", ""), bytes(body))
