"""A releases feed on this machine with given replies, which records its requests."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

LOOK = """
import sys
from spendlight.updates import feed
feed.FEED_URL = sys.argv[1]
feed.DEADLINE_S = float(sys.argv[2])
from spendlight.__main__ import main
from spendlight.updates.lookout import LOOK
sys.exit(main([LOOK, sys.argv[3]]))
"""
"""The process that the tray starts, with the feed of this machine."""


class Reply(NamedTuple):
    """The server's answer: a body is sent at once, a function sends in its own way."""

    status: int = 200
    body: bytes | Callable[[Callable[[bytes], object]], None] = b""
    headers: tuple[tuple[str, str], ...] = ()


def reply(tag: str = "v1.2.0", notes: str = "- Faster", etag: str = "", **more: object) -> Reply:
    """Return what GitHub answers for a release."""
    release = {
        "tag_name": tag,
        "name": tag,
        "draft": False,
        "prerelease": False,
        "body": notes,
        "html_url": "https://example.org/not-ours",
        "assets": [{"name": "spendlight.deb", "size": 1, "uploader": {"login": "ada"}}],
    }
    headers = (("ETag", etag),) if etag else ()
    return Reply(200, json.dumps(release | more).encode(), headers)


class Feed:
    """The server.

    Attributes:
        url: Where the feed is.
        replies: Its replies, one after the other; the last one is repeated.
        asked: The headers of each request, in small letters, with the path as "path".
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/releases/latest"
        self.replies: list[Reply] = [reply()]
        self.asked: list[dict[str, str]] = []

    def command(self, folder: Path, deadline_s: float = 20) -> list[str]:
        """Return the command that checks for updates, like the tray's."""
        return [sys.executable, "-c", LOOK, self.url, str(deadline_s), str(folder)]


@contextmanager
def serving() -> Iterator[Feed]:
    """Serve a feed as long as the context lasts."""
    feeds: list[Feed] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed = feeds[0]
            headers = {name.lower(): value for name, value in self.headers.items()}
            feed.asked.append(headers | {"path": self.path})
            answer = feed.replies.pop(0) if len(feed.replies) > 1 else feed.replies[0]
            with suppress(OSError):  # the client has closed the connection
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                if callable(answer.body):
                    self.end_headers()
                    answer.body(self.wfile.write)
                else:
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    feeds.append(Feed(server.server_address[1]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield feeds[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
