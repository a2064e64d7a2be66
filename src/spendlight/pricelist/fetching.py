"""The exchange with LiteLLM's server: once, within one deadline, whatever the server does."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from spendlight.pricelist.files import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx  # 190 ms, so only the fetching imports it


PRICES_URL = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
"""LiteLLM's list, which ccusage reads too; some 3 MB."""

HOST = PRICES_URL.split("/")[2]

TIMEOUT_S = 10.0
"""For connecting and for each part of the answer, as ccusage has it."""

DEADLINE_S = 40.0
"""For all of it, from the look-up of the name to the last byte; 10 Mbit/s needs 3."""


class FetchError(Exception):
    """Why no list could be fetched, in words."""

    def __init__(self, host: str, problem: str) -> None:
        super().__init__(f"{host} {problem}")


class Answer(NamedTuple):
    """What LiteLLM answered; no body where the list is the one we have."""

    etag: str
    body: bytes | None


def fetch(etag: str, client: httpx.Client | None = None) -> Answer:
    """Ask for the list, and return what came within `DEADLINE_S`.

    No limit of httpx's holds for the whole: a server that sends its headers byte by byte, or a
    resolver that never answers, would be waited for. So a thread of its own asks, and is left
    alone at the deadline; it does not keep the program from ending.

    Args:
        etag: What the server called the list that is known; empty where none is.
        client: How to ask; by default a client of its own.

    Raises:
        FetchError: There is no answer, or none that could be a list.
    """
    outcome: list[Answer | BaseException] = []
    is_late = threading.Event()

    def ask() -> None:
        try:
            outcome.append(_exchange(client, etag, is_late.is_set))
        except BaseException as error:  # noqa: BLE001  # raised again where somebody waits for it
            outcome.append(error)

    thread = threading.Thread(target=ask, name="price fetch", daemon=True)
    thread.start()
    thread.join(DEADLINE_S)
    is_late.set()
    if not outcome:
        raise FetchError(HOST, "took too long")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _exchange(client: httpx.Client | None, etag: str, is_late: Callable[[], bool]) -> Answer:
    import httpx

    headers = {"Accept-Encoding": "gzip", "Accept": "application/json"}
    if etag:
        headers["If-None-Match"] = etag
    try:
        with (
            nullcontext(client) if client else httpx.Client(timeout=TIMEOUT_S) as session,
            session.stream("GET", PRICES_URL, headers=headers) as response,
        ):
            if response.status_code == httpx.codes.NOT_MODIFIED and etag:
                return Answer(etag, None)
            if response.status_code != httpx.codes.OK:
                raise FetchError(HOST, f"answered {response.status_code}")
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise FetchError(HOST, "sent more than a price list")
                if is_late():
                    raise FetchError(HOST, "took too long")
            return Answer(response.headers.get("ETag", ""), bytes(body))
    except httpx.TimeoutException as error:
        raise FetchError(HOST, "took too long") from error
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, ValueError) as error:
        raise FetchError(HOST, f"cannot be reached: {error}") from error
