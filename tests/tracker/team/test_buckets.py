"""A team in a bucket: moto's S3 server on loopback, over the library that users have."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.makers import append, line, write_log
from tests.tracker.machines import Computer
from tests.tracker.worlds import World

from spendlight.team.shared_folder import SharedFolderError
from spendlight.tracker.questions.periods import Periods

BUCKET = "usage"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on a server of its own; yields its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


def test_machines_meet_in_a_bucket(world: World, bucket: str) -> None:
    desk, lap = Computer(world, "desk"), Computer(world, "lap")
    path = write_log(desk.roots[0], "p/s.jsonl", line(), line(id="b"))
    write_log(lap.roots[0], "q/t.jsonl", line(id="b"), line(id="c"))
    for machine in (desk, lap):
        machine.read().tracker.team.join(f"s3://{BUCKET}/team")
        assert machine.tracker.team.publish().copies == 2

    assert lap.tracker.team.ask(Periods()).value.total.answers == 3
    append(path, line(id="d"))
    desk.read().tracker.team.publish()
    answer = lap.tracker.team.ask(Periods())

    assert answer.value.total.answers == 4
    assert answer.taken_in is not None
    assert (answer.taken_in.segments, answer.taken_in.new) == (3, 1)
    client = boto3.client("s3")
    names = [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert not [name for name in names if "part" in name.removesuffix("parquet")]
    assert bucket


def test_a_bucket_that_refuses_is_named(world: World, bucket: str) -> None:
    desk = Computer(world, "desk").read()

    with pytest.raises(SharedFolderError, match="bucket"):
        desk.tracker.team.join("s3://nowhere/team")
    assert desk.tracker.team.membership is None
    assert bucket
