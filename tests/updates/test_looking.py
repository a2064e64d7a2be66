"""Checks of a misbehaving feed; a real server, on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from tests.updates.server import Feed, Reply, reply

from spendlight import build
from spendlight.updates import feed as exchange
from spendlight.updates import kept
from spendlight.updates.kept import Known
from spendlight.updates.looking import LOOK_EVERY, RETRY_AFTER, is_due, look
from spendlight.updates.releases import Release, Version

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Look(Protocol):
    """Checks the feed of this machine."""

    def __call__(self, now: datetime = NOW) -> Known: ...


@pytest.fixture
def look_now(feed: Feed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    monkeypatch.setattr(exchange, "FEED_URL", feed.url)
    return lambda now=NOW: look(folder, now)


def test_the_feed_is_that_of_our_repository() -> None:
    place = build.REPOSITORY.removeprefix("https://github.com/")

    assert f"https://api.github.com/repos/{place}/releases/latest" == exchange.FEED_URL


def test_the_latest_release_is_kept_with_its_notes(
    feed: Feed, folder: Path, look_now: Look
) -> None:
    feed.replies = [reply("v1.2.0", "# 1.2.0\n- Much **faster**", etag='"7"')]

    known = look_now()

    assert known == Known(
        Release(Version(1, 2, 0), "v1.2.0", "• Much faster"), NOW, NOW, etag='"7"'
    )
    assert kept.read(folder) == known


def test_the_request_contains_nothing_about_the_user(feed: Feed, look_now: Look) -> None:
    look_now()

    (asked,) = feed.asked
    assert asked.keys() == {
        "path",
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
        "x-github-api-version",
    }
    assert asked["user-agent"] == "Spendlight"
    assert asked["path"] == "/releases/latest"


def test_updates_are_checked_once_a_day(feed: Feed, look_now: Look) -> None:
    known = look_now()

    assert look_now(NOW + LOOK_EVERY - timedelta(seconds=1)) == known
    assert len(feed.asked) == 1
    look_now(NOW + LOOK_EVERY)
    assert len(feed.asked) == 2


def test_a_known_release_is_not_downloaded_again(feed: Feed, look_now: Look) -> None:
    feed.replies = [reply(etag='"7"'), Reply(304)]
    known = look_now()

    tomorrow = NOW + LOOK_EVERY
    assert look_now(tomorrow) == known._replace(looked_at=tomorrow, tried_at=tomorrow)
    assert feed.asked[1]["if-none-match"] == '"7"'


@pytest.mark.parametrize("minutes", [-1, -90, -20 * 60])
def test_a_clock_that_is_set_back_a_little_causes_no_second_check(
    feed: Feed, look_now: Look, minutes: int
) -> None:
    look_now()

    look_now(NOW + timedelta(minutes=minutes))
    assert len(feed.asked) == 1


def test_a_clock_that_was_wrong_by_years_does_not_end_checks(feed: Feed, look_now: Look) -> None:
    look_now(NOW + timedelta(days=4000))

    look_now()
    assert len(feed.asked) == 2


def test_a_check_that_was_killed_counts(feed: Feed, folder: Path, look_now: Look) -> None:
    kept.claim_look(folder, NOW.date())

    assert not is_due(folder, Known(), NOW)
    look_now()
    assert feed.asked == []
    look_now(NOW + timedelta(days=1))
    assert len(feed.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply("v1.3.0", draft=True),
        reply("v1.3.0", prerelease=True),
        reply("v1.3.0-rc.1"),
        reply("nightly"),
        reply("../../../../other/repository"),
        Reply(404, b'{"message": "Not Found"}'),
    ],
)
def test_only_final_releases_are_announced(feed: Feed, look_now: Look, answer: Reply) -> None:
    feed.replies = [answer]

    known = look_now()

    assert (known.latest, known.problem, known.looked_at) == (None, "", NOW)


def endless(write: Callable[[bytes], object]) -> None:
    while True:
        write(b'{"tag_name":"v9.9.9",' + b" " * 65536)


def slow(write: Callable[[bytes], object]) -> None:
    with suppress(OSError):
        while True:
            write(b" ")
            time.sleep(0.01)  # as the name says


DEEP = b'{"tag_name":"v9.9.9","draft":false,"prerelease":false,"x":' + b"[" * 500_000

BAD = {
    "html": (Reply(200, b"<!DOCTYPE html><title>Log in</title>"), "sent no release: JSON is malf"),
    "nothing": (Reply(200, b""), "sent no release: "),
    "a list": (Reply(200, b"[]"), "sent no release: Expected `object | null`, got `array`"),
    "half": (Reply(200, b'{"tag_name": "v9.9.9"'), "sent no release: "),
    "no flags": (Reply(200, b'{"tag_name": "v9.9.9"}'), "sent no release: Object missing"),
    "a number": (reply(tag=9), "sent no release: Expected `str`, got `int`"),  # type: ignore[arg-type]
    "no utf-8": (Reply(200, b'{"tag_name": "\xff\xfe"}'), "sent no release: "),
    "deep": (Reply(200, DEEP + b"]" * 500_000 + b"}"), "sent no release: "),
    "huge": (Reply(200, endless), "sent more than a release"),
    "error": (Reply(500, b"oops"), "answered 500"),
    "limit": (Reply(403, b'{"message": "rate limit"}'), "answered 403"),
    "elsewhere": (
        Reply(302, b"", (("Location", "http://localhost:1/releases"),)),
        "redirects to another server",
    ),
    "in circles": (
        Reply(302, b"", (("Location", "/releases/latest"),)),
        "redirects too often",
    ),
    "nowhere": (Reply(302, b"", (("Location", "http://[::/"),)), "cannot be reached: "),
}


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_feed_is_reported_and_not_announced(
    feed: Feed, folder: Path, look_now: Look, name: str
) -> None:
    feed.replies = [reply("v1.2.0")]
    good = look_now()
    answer, problem = BAD[name]
    feed.replies = [answer]

    known = look_now(NOW + LOOK_EVERY)

    assert known.problem.startswith(f"api.github.com {problem}")
    assert len(known.problem) <= 500
    assert (known.latest, known.looked_at) == (good.latest, NOW)
    assert kept.read(folder) == known
    asked = len(feed.asked)
    look_now(NOW + LOOK_EVERY + RETRY_AFTER)
    assert len(feed.asked) == asked, "it was looked at today"


def test_a_slow_feed_is_aborted_at_the_deadline(
    feed: Feed, look_now: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "DEADLINE_S", 0.2)
    feed.replies = [Reply(200, slow)]

    began = time.monotonic()
    assert look_now().problem == "api.github.com took too long"
    assert time.monotonic() - began < 5


def test_a_repository_that_was_renamed_is_found(feed: Feed, look_now: Look) -> None:
    feed.replies = [Reply(301, b"", (("Location", "/repositories/7/releases/latest"),)), reply()]

    known = look_now()

    assert known.latest is not None
    assert feed.asked[1]["path"] == "/repositories/7/releases/latest"


def test_without_a_network_the_check_is_retried_within_the_day(
    feed: Feed, look_now: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "FEED_URL", "http://127.0.0.1:1/nobody-listens")
    known = look_now()
    assert known.is_unanswered
    assert known.problem.startswith("api.github.com cannot be reached: ")

    monkeypatch.setattr(exchange, "FEED_URL", feed.url)
    look_now(NOW + RETRY_AFTER - timedelta(seconds=1))
    assert feed.asked == []
    known = look_now(NOW + RETRY_AFTER)
    assert (known.problem, known.is_unanswered, len(feed.asked)) == ("", False, 1)


def test_a_withdrawn_release_is_forgotten(feed: Feed, look_now: Look) -> None:
    feed.replies = [reply("v1.2.0"), reply("v1.1.9")]
    look_now()

    known = look_now(NOW + LOOK_EVERY)

    assert known.latest is not None
    assert known.latest.version == Version(1, 1, 9)


def test_without_a_writable_folder_no_request_is_made(
    feed: Feed, folder: Path, look_now: Look
) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file")

    with pytest.raises(OSError, match=r"(?i)exists|not a directory"):
        look_now()
    assert feed.asked == []


def test_of_many_simultaneous_checks_one_makes_a_request(
    feed: Feed, folder: Path, look_now: Look
) -> None:
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        look_now()

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(feed.asked) == 1
    assert json.loads((folder / "latest.json").read_bytes())["latest"]["tag"] == "v1.2.0"
