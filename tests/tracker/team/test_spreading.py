"""However the work is spread, the figures are the same; a worker that dies changes nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.makers import append, line
from tests.tracker.team.clusters import DIE_ONCE, OTHER_VERSION, Cluster, running
from tests.tracker.team.teams import Member, by_hand, folder_of, segments, team_figures
from tests.tracker.worlds import World, at

from spendlight.team import spreading
from spendlight.team.cluster import (
    BadSchedulerError,
    ClusterError,
    ClusterMissingError,
    connected,
)
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.tracker import UsageTracker

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills a worker with SIGKILL"),
]

MANY = 20


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        yield started.add_worker().add_worker()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> list[Member]:
    """Return machines with random copies of the same answers, published several times."""
    random = Random(20)  # noqa: S311  # the same each time
    world = World(tmp_path_factory.mktemp("many"))
    members = [Member(world, f"m{number}") for number in range(MANY)]
    lines = [_line(random, number) for number in range(60) for _ in range(3)]
    for count in (MANY, 3):
        for member in random.sample(members, count):
            for name in ("p/a.jsonl", "q/b.jsonl"):
                path = member.roots[0] / "projects" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                append(path, *random.sample(lines, 4))
            member.publish()
    return members


def _line(random: Random, number: int) -> bytes:
    return line(
        id=f"answer-{number}",
        requestId=random.choice(["r1", "r2"]),
        timestamp=at(random.choice([0.0, 42.0, 9000.0])),
        output_tokens=random.randrange(9),
        cache_read_input_tokens=random.choice([0, 250_000]),
        isSidechain=random.random() < 0.3,
        costUSD=random.choice([0.25, 0.1]),
    )


def test_every_way_to_spread_gives_the_sums_by_hand(
    machines: list[Member], cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "PARTITION_BYTES", 60_000)  # several partitions and batches
    monkeypatch.setattr(spreading, "LEAST_BATCH_BYTES", 60_000)
    tracker = machines[0].tracker
    expected = team_figures(tracker)

    for scheduler in ("here", "threads", cluster.address):
        assert team_figures(tracker, scheduler=scheduler) == expected
    tokens, answers = by_hand(machines)
    total = tracker.team.ask(Periods(), scheduler=cluster.address).value.total
    assert (total.tokens, total.answers) == (tokens, answers)


def test_a_worker_that_dies_in_the_middle_changes_nothing(
    machines: list[Member], tmp_path: Path
) -> None:
    tracker = machines[1].tracker
    preload = DIE_ONCE.format(flag=str(tmp_path / "died"))

    with running(tmp_path / "dask") as cluster:
        cluster.add_worker(preload).add_worker(preload)
        figures = team_figures(tracker, scheduler=cluster.address)

        assert cluster.ended() == [-signal.SIGKILL]
    assert figures == team_figures(tracker)


def test_damaged_segments_are_named_and_the_rest_counts(cluster: Cluster, tmp_path: Path) -> None:
    world = World(tmp_path)
    tracker = _published(world)
    other = Member(world, "other")
    append(_log(other), line(id="b"))
    other.publish()
    (own,) = (one for one in segments(world) if one.parent.parent.name.endswith(_key(tracker)))
    own.write_bytes(own.read_bytes()[:-20])

    answer = tracker.team.ask(Periods(), scheduler=cluster.address)

    assert answer.value.total.answers == 1
    assert answer.taken_in is not None
    assert [one.path for one in answer.taken_in.unreadable] == [
        own.relative_to(folder_of(world)).as_posix()
    ]


def test_a_team_without_segments_has_no_usage(tmp_path: Path, cluster: Cluster) -> None:
    member = Member(World(tmp_path), "alone")

    assert not member.tracker.team.ask(Periods(), scheduler=cluster.address).value.rows


def test_a_scheduler_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    tracker = _published(World(tmp_path))

    with pytest.raises(BadSchedulerError):
        tracker.team.ask(Periods(), scheduler="127.0.0.1")
    with (
        pytest.raises(ClusterError, match=r"cannot be used: (Timed out|it did not respond)"),
        connected("tcp://127.0.0.1:9", patience_s=0.2),
    ):
        pass


def test_a_cluster_without_workers_is_one_sentence(tmp_path: Path) -> None:
    with (
        running(tmp_path) as cluster,
        pytest.raises(ClusterError, match="it has no workers"),
        connected(cluster.address, patience_s=2),
    ):
        pass


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            "[SimpleNamespace(version='9.9')]",
            r"Spendlight 9\.9 instead of .* is installed on worker 127\.0\.0\.1",
        ),
        ("[]", "Spendlight is not installed on worker"),
    ],
)
def test_workers_with_another_version_compute_nothing(
    tmp_path: Path, found: str, told: str
) -> None:
    tracker = _published(World(tmp_path))

    with running(tmp_path / "dask") as cluster:
        cluster.add_worker(OTHER_VERSION.replace("{found}", found))
        with pytest.raises(ClusterError, match=told):
            tracker.team.ask(Periods(), scheduler=cluster.address)


def test_without_dask_its_installation_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(ClusterMissingError, match="cluster"), connected("tcp://127.0.0.1:9"):
        pass


def _published(world: World) -> UsageTracker:
    """Return the tracker of a machine that has published an answer."""
    member = Member(world, "alone")
    append(_log(member), line(id="a"))
    member.publish()
    return member.tracker


def _log(member: Member) -> Path:
    path = member.roots[0] / "projects" / "p" / "s.jsonl"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def _key(tracker: UsageTracker) -> str:
    (one,) = (one for one in tracker.team.status().machines if one.label == "alone")
    return one.key
