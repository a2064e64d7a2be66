"""Downloads from a misbehaving server; a real one, on this machine."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import httpx
import pytest

from spendlight.pricelist import fetching
from spendlight.pricelist.fetching import FetchError, Response, fetch

HEAD = b"HTTP/1.1 200 OK\r\n"
BODY = b'{"claude": 1}'

Serve = Callable[[socket.socket], None]
Start = Callable[[Serve], None]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server for the list; it ends with the test."""
    is_over = threading.Event()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def start(serve: Serve) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        monkeypatch.setattr(fetching, "PRICES_URL", f"http://127.0.0.1:{port}/prices")

        def accept() -> None:
            with closing(listener), suppress(OSError):
                connection, _ = listener.accept()
                with closing(connection):
                    connection.recv(65536)
                    serve(connection)
                    is_over.wait(10)

        threading.Thread(target=accept, daemon=True).start()

    yield start
    is_over.set()


def drip(connection: socket.socket, head: bytes, drop: bytes) -> None:
    """Send a byte at intervals, as long as the client listens."""
    with suppress(OSError):
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.01)  # it is slow


def answer_whole(connection: socket.socket) -> None:
    packed = gzip.compress(BODY)
    fields = f'ETag: "7"\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n'
    connection.sendall(HEAD + fields.encode() + packed)


def answer_nothing(_: socket.socket) -> None:
    """Send nothing and keep the connection open."""


def drip_headers(connection: socket.socket) -> None:
    drip(connection, HEAD + b"X-Long: ", b"x")


def drip_body(connection: socket.socket) -> None:
    drip(connection, HEAD + b"Content-Length: 1000000\r\n\r\n", b" ")


def test_a_download_returns_the_servers_answer(start: Start) -> None:
    start(answer_whole)

    assert fetch("") == Response('"7"', BODY)


@pytest.mark.parametrize("serve", [answer_nothing, drip_headers, drip_body])
def test_a_download_ends_at_the_deadline_whatever_the_server_does(
    start: Start, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "DEADLINE_S", 0.2)
    start(serve)

    began = time.monotonic()
    with pytest.raises(FetchError, match=r"^raw\.githubusercontent\.com took too long$"):
        fetch("")
    assert time.monotonic() - began < 5


def test_a_download_uses_a_separate_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetching, "PRICES_URL", "http://127.0.0.1:1/nobody-listens")

    with pytest.raises(FetchError, match="cannot be reached"):
        fetch("")


def test_a_download_that_is_too_long_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)

    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 100

    answer = httpx.Response(200, content=endless())
    transport = httpx.MockTransport(lambda _: answer)
    with (
        httpx.Client(transport=transport) as client,
        pytest.raises(FetchError, match="sent more than a price list"),
    ):
        fetch("", client)
