"""Asks a server on the internet: once, within one deadline and one size, whatever it does."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import httpx  # 190 ms, so only the asking imports it

    Client: TypeAlias = httpx.Client
    """How to ask, where that is not left to `fetch`."""

TIMEOUT_S = 10.0
"""For connecting and for each part of the answer, as ccusage has it."""

_OK = 200
_NOT_MODIFIED = 304


class FetchError(Exception):
    """Why nothing was fetched, in words.

    Attributes:
        status: The HTTP status that was not the one hoped for, or None where it was not that.
        is_unanswered: Whether the server was not even reached.
    """

    def __init__(
        self, host: str, problem: str, *, status: int | None = None, is_unanswered: bool = False
    ) -> None:
        super().__init__(f"{host} {problem}")
        self.status = status
        self.is_unanswered = is_unanswered


class Question(NamedTuple):
    """What is asked of whom, and what is put up with.

    Attributes:
        host: What the server is called in sentences.
        what: What it is asked for, in a sentence: "a price list".
        most_bytes: A longer answer is none.
        deadline_s: For all of it, from the look-up of the name to the last byte.
        headers: What is sent besides.
        redirects: So many times the server may name another place of its own.
    """

    url: str
    host: str
    what: str
    most_bytes: int
    deadline_s: float
    headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"),)
    redirects: int = 0


class Answer(NamedTuple):
    """What the server answered; no body where that is what we have."""

    etag: str
    body: bytes | None


def fetch(question: Question, etag: str = "", client: httpx.Client | None = None) -> Answer:
    """Ask, and return what came within the deadline.

    No limit of httpx's holds for the whole: a server that sends its headers byte by byte, or a
    resolver that never answers, would be waited for. So a thread of its own asks, and is left
    alone at the deadline; it does not keep the program from ending.

    Args:
        question: What to ask.
        etag: What the server called the answer that is known; empty where none is.
        client: How to ask; by default a client of its own.

    Raises:
        FetchError: There is no answer, or none that could be what was asked for.
    """
    outcome: list[Answer | BaseException] = []
    is_late = threading.Event()

    def ask() -> None:
        try:
            outcome.append(_exchange(client, question, etag, is_late.is_set))
        except BaseException as error:  # noqa: BLE001  # raised again where somebody waits for it
            outcome.append(error)

    thread = threading.Thread(target=ask, name="fetch", daemon=True)
    thread.start()
    thread.join(question.deadline_s)
    is_late.set()
    if not outcome:
        raise FetchError(question.host, "took too long")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _exchange(
    client: httpx.Client | None, question: Question, etag: str, is_late: Callable[[], bool]
) -> Answer:
    import httpx

    host = question.host
    try:
        with nullcontext(client) if client else httpx.Client(timeout=TIMEOUT_S) as session:
            place = httpx.URL(question.url)
            for _ in range(question.redirects + 1):
                found = _ask(session, question, place, etag, is_late)
                if isinstance(found, Answer):
                    return found
                place = found
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
    question: Question,
    place: httpx.URL,
    etag: str,
    is_late: Callable[[], bool],
) -> Answer | httpx.URL:
    """Return what a place answers, or the other place of the same server that it names.

    Raises:
        FetchError: It answers something else.
        httpx.HTTPError: It does not answer.
    """
    host = question.host
    headers = {"Accept-Encoding": "gzip", **dict(question.headers)}
    if etag:
        headers["If-None-Match"] = etag
    with session.stream("GET", place, headers=headers, follow_redirects=False) as response:
        if response.next_request is not None and question.redirects:
            other = response.next_request.url
            if (other.scheme, other.host, other.port) != (place.scheme, place.host, place.port):
                raise FetchError(host, "redirects to another server")
            return other
        if response.status_code == _NOT_MODIFIED and etag:
            return Answer(etag, None)
        if response.status_code != _OK:
            status = response.status_code
            raise FetchError(host, f"answered {status}", status=status)
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > question.most_bytes:
                raise FetchError(host, f"sent more than {question.what}")
            if is_late():
                raise FetchError(host, "took too long")
        return Answer(response.headers.get("ETag", ""), bytes(body))
