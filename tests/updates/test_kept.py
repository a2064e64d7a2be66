from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from spendlight.updates import kept
from spendlight.updates.kept import Known
from spendlight.updates.releases import Version, read_release

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = date(2026, 11, 30)
WHOLE = Known(
    read_release("v1.2.0", "• Faster"),
    NOW,
    NOW + timedelta(days=1),
    "it failed",
    is_unanswered=True,
    etag='"7"',
)


def test_what_is_kept_is_read_again(folder: Path) -> None:
    folder.mkdir(parents=True)
    for known in (WHOLE, Known(), Known(tried_at=NOW, problem="no network")):
        kept.write(folder, known)
        assert kept.read(folder) == known
    assert [path.name for path in folder.iterdir()] == ["latest.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"latest": 7}',
        b'{"looked_at": "yesterday"}',
        b" " * 100_000 + b"{}",
        b'{"tried_at": 5, "latest": {"tag": ["v1"]}, "etag": 9, "problem": null}',
    ],
)
def test_a_file_that_makes_no_sense_says_nothing(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "latest.json").write_bytes(content)

    assert kept.read(folder) == Known()


def test_a_moment_without_a_time_zone_is_none(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "latest.json").write_text('{"tried_at": "2026-11-30T12:00:00"}')

    assert kept.read(folder).tried_at is None


def test_where_the_release_is_lost_the_server_is_asked_for_all_of_it(folder: Path) -> None:
    folder.mkdir(parents=True)
    kept.write(folder, WHOLE)
    text = (folder / "latest.json").read_text()
    (folder / "latest.json").write_text(text.replace("v1.2.0", "who knows"))

    known = kept.read(folder)
    assert (known.latest, known.etag) == (None, "")


@pytest.mark.parametrize(
    "claim",
    [
        lambda folder: kept.claim_look(folder, DAY),
        lambda folder: kept.claim_telling(folder, Version(1, 2, 0)),
    ],
)
def test_of_all_who_claim_something_at_once_one_gets_it(
    folder: Path, claim: Callable[[Path], bool]
) -> None:
    with ThreadPoolExecutor(8) as threads:
        claimed = list(threads.map(claim, [folder] * 32))

    assert claimed.count(True) == 1
    assert not claim(folder)


def test_a_look_that_was_given_back_can_be_claimed_again(folder: Path) -> None:
    assert kept.claim_look(folder, DAY)
    kept.give_look_back(folder, DAY)

    assert kept.claim_look(folder, DAY)


def test_of_the_days_of_looks_only_the_last_is_kept(folder: Path) -> None:
    for number in range(3):
        assert kept.claim_look(folder, DAY + timedelta(days=number))

    assert [path.name for path in folder.iterdir()] == ["look-2026-12-02"]


def test_whoever_was_told_of_a_version_is_not_told_of_an_earlier_one(folder: Path) -> None:
    assert kept.claim_telling(folder, Version(1, 10, 0))

    assert not kept.claim_telling(folder, Version(1, 9, 0))
    assert kept.claim_telling(folder, Version(2, 0, 0))
    assert not kept.claim_telling(folder, Version(1, 10, 0))
