"""A bucket on loopback: moto's S3 server, behind a proxy that fails as it is told."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

_REFUSED = b"<Error><Code>%s</Code><Message>%s</Message></Error>"


class Refusal(NamedTuple):
    """What a server answers in place of the bucket.

    Attributes:
        code: S3's name of it.
    """

    status: HTTPStatus
    code: str


FORBIDDEN = Refusal(HTTPStatus.FORBIDDEN, "AccessDenied")
NO_SUCH_KEY = Refusal(HTTPStatus.NOT_FOUND, "NoSuchKey")
BAD_REQUEST = Refusal(HTTPStatus.BAD_REQUEST, "InvalidRequest")


class Bucket:
    """A bucket that is reached over a proxy.

    Attributes:
        address: The proxy's.
        url: The URL of a team in it.
        fault: Decides by method and path whether a request is refused; may wait.
    """

    def __init__(self, behind: tuple[str, int]) -> None:
        self.fault: Callable[[str, str], Refusal | None] = lambda _method, _path: None
        self.name = f"usage-{os.urandom(4).hex()}"  # moto keeps all buckets of a process
        self.url = f"s3://{self.name}/team"
        bucket = self

        class Proxy(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                refusal = bucket.fault(self.command, unquote(urlsplit(self.path).path))
                if refusal is not None:
                    code = refusal.code.encode()
                    self._answer(refusal.status, {}, _REFUSED % (code, code))
                    return
                connection = HTTPConnection(*behind)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                self._answer(answer.status, dict(answer.getheaders()), answer.read())
                connection.close()

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on  # noqa: N815  # its names

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                        self.send_header(name, value)
                length = headers.get("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", length or str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:  # nobody waits for the answer any more
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def end(self) -> None:
        """End the proxy."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Start an empty bucket, and have the usual variables lead to it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    bucket = Bucket(server.get_host_and_port())
    for name, value in {
        "AWS_ENDPOINT_URL": bucket.address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket=bucket.name)
    try:
        yield bucket
    finally:
        bucket.end()
        server.stop()
