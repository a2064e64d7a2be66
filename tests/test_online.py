from __future__ import annotations

import httpx
import pytest

from spendlight.online import FetchError, Request, Response, fetch

URL = "https://feed.test/list"
REQUEST = Request(URL, "feed.test", "a list", 1000, 10, redirects=2)


def ask(answers: dict[str, httpx.Response | Exception], asked: Request = REQUEST) -> Response:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[str(request.url)]
        if isinstance(found, Exception):
            raise found
        return found

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return fetch(asked, "", client)


def to(place: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"Location": place})


def test_another_place_of_the_same_server_is_asked() -> None:
    answers: dict[str, httpx.Response | Exception] = {
        URL: to("/a", 301),
        "https://feed.test/a": to("https://feed.test/b", 307),
        "https://feed.test/b": httpx.Response(200, content=b"{}"),
    }

    assert ask(answers) == Response("", b"{}")


@pytest.mark.parametrize(
    "place",
    [
        "https://other.test/list",
        "http://feed.test/list",
        "https://feed.test:8443/list",
        "https://feed.test@other.test/list",
        "file:///etc/passwd",
        "//other.test/list",
    ],
)
def test_no_other_server_is_asked(place: str) -> None:
    with pytest.raises(FetchError, match=r"^feed\.test (redirects to another server|cannot be re)"):
        ask({URL: to(place)})


def test_redirects_are_limited() -> None:
    with pytest.raises(FetchError, match="redirects too often"):
        ask({URL: to("/list")})


def test_without_redirects_the_answer_is_returned() -> None:
    with pytest.raises(FetchError, match="answered 302") as failed:
        ask({URL: to("/list")}, REQUEST._replace(redirects=0))
    assert failed.value.status == 302


@pytest.mark.parametrize(
    ("error", "is_unanswered"),
    [
        (httpx.ConnectError("no route"), True),
        (httpx.ConnectError(""), True),
        (httpx.ConnectTimeout("slow"), True),
        (httpx.ProxyError("no proxy"), True),
        (httpx.ReadTimeout("slow"), False),
        (httpx.RemoteProtocolError("odd"), False),
    ],
)
def test_an_error_says_whether_the_server_was_reached(
    error: Exception, *, is_unanswered: bool
) -> None:
    with pytest.raises(FetchError) as failed:
        ask({URL: error})

    assert failed.value.is_unanswered is is_unanswered
    assert not str(failed.value).endswith(": ")


def test_no_more_than_the_size_limit_is_read() -> None:
    with pytest.raises(FetchError, match=r"^feed\.test sent more than a list$"):
        ask({URL: httpx.Response(200, content=b" " * 1001)})
