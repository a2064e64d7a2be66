"""A team on a server with SSH: a real sshd on loopback, and the keys and known hosts of a home."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.machines import Computer
from tests.tracker.team.sshd import SshServer, serving
from tests.tracker.worlds import World

from spendlight.team.shared_folder import CannotJoinError, SharedFolderError
from spendlight.tracker.questions.periods import Periods


@pytest.fixture
def server(world: World) -> Iterator[SshServer]:
    with serving(world.place / "sshd") as server:
        yield server


@pytest.fixture
def home(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that no other process has, as its known hosts change."""
    path = world.place / "home"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    return path


def test_machines_meet_on_a_server(world: World, server: SshServer, home: Path) -> None:
    server.introduce(home)
    url = server.url(world.place / "usage" / "team")
    desk, lap = Computer(world, "desk"), Computer(world, "lap")
    write_log(desk.roots[0], "p/s.jsonl", line(), line(id="b"))
    write_log(lap.roots[0], "q/t.jsonl", line(id="b"), line(id="c"))
    for machine in (desk, lap):
        machine.read().tracker.team.join(url)
        assert machine.tracker.team.publish().copies == 2
    folder = world.place / "usage" / "team"
    segment = next(folder.glob("machine=*/month=*/*.parquet"))
    os.mkfifo(segment.with_name("00000009-0123456789abcdef.parquet"))

    answer = lap.tracker.team.ask(Periods())

    assert answer.value.total.answers == 3
    assert answer.taken_in is not None
    assert answer.taken_in.unreadable == ()
    assert not list(folder.rglob("*.part"))


def test_what_a_killed_process_has_left_is_deleted_after_a_day(
    world: World, server: SshServer, home: Path
) -> None:
    server.introduce(home)
    desk = Computer(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line())
    desk.read().tracker.team.join(server.url(world.place / "team"))
    desk.tracker.team.publish()
    segment = next((world.place / "team").glob("machine=*/month=*/*.parquet"))
    stale, recent = (segment.with_name(f"{segment.name}.{at}-0a1b2c3d.part") for at in (17, 18))
    for path in (stale, recent):
        path.write_bytes(b"PAR1")
    os.utime(stale, (0, stale.stat().st_mtime - 86_400 - 60))
    write_log(desk.roots[0], "p/t.jsonl", line(id="b"))

    desk.read().tracker.team.publish()

    assert (stale.exists(), recent.exists()) == (False, True)


def test_the_users_configuration_applies(world: World, server: SshServer, home: Path) -> None:
    server.introduce(home)
    (home / ".ssh" / "id_ed25519").rename(home / ".ssh" / "other")
    (home / ".ssh" / "config").write_text(
        f"Host store\n  HostName 127.0.0.1\n  Port {server.port}\n  IdentityFile ~/.ssh/other\n"
    )
    desk = Computer(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line())

    desk.read().tracker.team.join(f"sftp://store{world.place}/team")

    assert desk.tracker.team.publish().copies == 1
    assert (world.place / "team" / "team.json").exists()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("known_hosts", "is not known; connect to it once with ssh"),
        ("id_ed25519", "uthentication"),
    ],
)
def test_neither_trusts_an_unknown_server_nor_is_trusted_without_a_key(
    world: World, server: SshServer, home: Path, spoil: str, reason: str
) -> None:
    server.introduce(home)
    (home / ".ssh" / spoil).unlink()

    with pytest.raises(CannotJoinError, match=reason) as caught:
        Computer(world, "desk").read().tracker.team.join(server.url(world.place / "team"))

    assert caught.value.advice == "Nothing was changed."
    assert not (world.place / "team").exists()


def test_waits_while_the_server_is_gone(world: World, server: SshServer, home: Path) -> None:
    server.introduce(home)
    desk = Computer(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line())
    desk.read().tracker.team.join(server.url(world.place / "team"))
    desk.tracker.team.publish()
    assert desk.tracker.team.ask(Periods()).value.total.answers == 1
    write_log(desk.roots[0], "p/t.jsonl", line(id="b"))
    desk.read()
    server.end()

    answer = desk.tracker.team.ask(Periods())
    with pytest.raises(SharedFolderError):
        desk.tracker.team.publish()

    assert answer.value.total.answers == 1
    assert answer.problem
    assert desk.tracker.team.status().waiting == 1


def test_a_folder_that_was_deleted_is_named(world: World, server: SshServer, home: Path) -> None:
    server.introduce(home)
    desk = Computer(world, "desk").read()
    desk.tracker.team.join(server.url(world.place / "team"))
    shutil.rmtree(world.place / "team")

    answer = desk.tracker.team.ask(Periods())

    assert "contains no team" in answer.problem
