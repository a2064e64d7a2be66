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


def test_stored_values_are_read_again(folder: Path) -> None:
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
def test_an_invalid_file_is_ignored(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "latest.json").write_bytes(content)

    assert kept.read(folder) == Known()


def test_a_time_without_a_time_zone_is_ignored(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "latest.json").write_text('{"tried_at": "2026-11-30T12:00:00"}')

    assert kept.read(folder).tried_at is None


def test_if_the_release_is_lost_it_is_requested_completely(folder: Path) -> None:
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
def test_of_simultaneous_claims_one_succeeds(folder: Path, claim: Callable[[Path], bool]) -> None:
    with ThreadPoolExecutor(8) as threads:
        claimed = list(threads.map(claim, [folder] * 32))

    assert claimed.count(True) == 1
    assert not claim(folder)


def test_a_released_check_can_be_claimed_again(folder: Path) -> None:
    assert kept.claim_look(folder, DAY)
    kept.give_look_back(folder, DAY)

    assert kept.claim_look(folder, DAY)


def test_only_the_day_of_the_last_check_is_kept(folder: Path) -> None:
    for number in range(3):
        assert kept.claim_look(folder, DAY + timedelta(days=number))

    assert [path.name for path in folder.iterdir()] == ["look-2026-12-02"]


def test_after_a_version_no_earlier_one_is_announced(folder: Path) -> None:
    assert kept.claim_telling(folder, Version(1, 10, 0))

    assert not kept.claim_telling(folder, Version(1, 9, 0))
    assert kept.claim_telling(folder, Version(2, 0, 0))
    assert not kept.claim_telling(folder, Version(1, 10, 0))
