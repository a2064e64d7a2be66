"""Usage pulled over ssh counts exactly once, whoever else knows it, and however often it comes."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.makers import append, line
from tests.tracker.machines import Computer
from tests.tracker.team.hosts import Hosts, script, serving
from tests.tracker.team.teams import Member, by_hand, ledger_figures, segments, team_figures
from tests.tracker.worlds import World

from spendlight.team import merging, remote
from spendlight.team.remote import BadHostError, Exports, HostError, NoSshError, demand_hosts
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.team.pulling import PulledHost

_NEXT_TO_LAST = "#!/bin/sh\nfor word; do host=$last; last=$word; done"
"""A program whose next to last argument is a host, as ssh's is here."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="starts sshd and shell scripts")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with serving(tmp_path_factory.mktemp("hosts")) as served:
        yield served


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def me(world: World) -> Member:
    member = Member(world, "me")
    add_answers(member, "shared", "mine")
    member.publish()
    return member


def key_of(computer: Computer) -> str:
    return computer.rows()[0].machine_id


def add_answers(computer: Computer, *names: str) -> None:
    path = computer.roots[0] / "projects" / "p" / "s.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    append(path, *(line(id=name) for name in names))


def use_ssh(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def use_exports(monkeypatch: pytest.MonkeyPatch, folder: Path, **exports: Path) -> None:
    """Have ssh print files that were exported, by host."""
    cases = "\n".join(f"{host}) exec cat {path} ;;" for host, path in exports.items())
    folder.mkdir(exist_ok=True)
    script(
        folder / "ssh",
        f"#!/bin/sh\nfor last; do host=$was; was=$last; done\ncase $host in\n{cases}\nesac\n",
    )
    use_ssh(monkeypatch, folder)


def pull(member: Member, *hosts: str) -> dict[str, PulledHost]:
    return {one.host: one for one in member.tracker.team.pull(hosts)}


def answers(member: Member) -> int:
    return member.tracker.team.ask(Periods()).value.total.answers


def test_hosts_behind_a_real_server_count_once(
    hosts: Hosts, world: World, me: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_ssh(monkeypatch, hosts.path)
    there = hosts.add_computer(world, "there")
    add_answers(there, "shared", "theirs")
    hosts.add("absent", None)
    hosts.add("old", "#!/bin/sh\necho 'spendlight: unknown verb export.' >&2\nexit 2\n")
    hosts.add("chatty", "#!/bin/sh\necho welcome\n")

    first = pull(me, "there", "absent", "old", "chatty", "closed", "unknown", "stranger", "there")

    assert first.pop("there") == PulledHost("there", "there", 2)
    assert {host: str(one.error) for host, one in first.items()} == {
        "absent": "Nothing was taken from absent: Spendlight is not installed there, or not where "
        "ssh finds it.",
        "chatty": "Nothing was taken from chatty: its export is not valid: it does not begin like "
        "one.",
        "closed": "Nothing was taken from closed: ssh failed: ssh: connect to host 127.0.0.1 port "
        "9: Connection refused.",
        "old": "Nothing was taken from old: Spendlight there is too old, or set up differently: "
        "unknown verb export.",
        "stranger": "Nothing was taken from stranger: ssh failed: "
        f"{getpass.getuser()}@127.0.0.1: Permission denied (publickey).",
        "unknown": "Nothing was taken from unknown: ssh failed: Host key verification failed.",
    }
    assert answers(me) == 3
    add_answers(there, "more")
    assert pull(me, "there")["there"].copies == 1
    assert pull(me, "there")["there"].copies == 0
    me.take_in(there.read().export())
    tokens, count = by_hand([me, there])
    total = me.tracker.team.ask(Periods()).value.total
    assert (total.tokens, total.answers) == (tokens, count) == (tokens, 4)
    assert team_figures(me.tracker) == ledger_figures(me.tracker)


def test_whoever_pulls_adds_only_what_is_new(
    world: World, me: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Computer(world, "there")
    add_answers(there, "a", "b")
    other = Member(world, "other")
    use_exports(monkeypatch, tmp_path / "bin", there=there.read().export(), alias=there.export())

    assert pull(me, "there")["there"].copies == 2
    again = pull(other, "there", "alias")

    assert [one.copies for one in again.values()] == [0, 0]
    (error,) = [one.error for one in again.values() if one.error is not None]
    assert "same machine as another host" in str(error)
    assert answers(other) == answers(me) == 4


def test_segments_of_a_pulled_machine_are_merged_like_others(
    world: World, me: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("EVERY", 2), ("MOST", 3), ("LARGEST", 1), ("DELAY", 4)):
        monkeypatch.setattr(merging, name, value)
    there, other = Computer(world, "there"), Member(world, "other")
    for number in range(13):
        add_answers(there, f"a{number}")
        use_exports(monkeypatch, tmp_path / f"bin{number}", there=there.read().export())
        assert pull((me, other)[number % 2], "there")["there"].copies == 1

    theirs = [path.name for path in segments(world) if key_of(there) in path.parts[-3]]
    assert any(name.endswith(".merged.parquet") for name in theirs)
    assert len(theirs) < 13
    total = other.tracker.team.ask(Periods()).value.total
    assert (total.tokens, total.answers) == by_hand([me, there])


def test_a_machine_that_joins_later_still_counts_once(
    world: World, me: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Computer(world, "there")
    add_answers(there, "a", "b")
    use_exports(monkeypatch, tmp_path / "bin", there=there.read().export())
    pull(me, "there")

    there.tracker.team.join(str(world.place / "team"))
    there.tracker.team.publish()

    assert answers(me) == 4
    assert "publishes its usage itself" in str(pull(me, "there")["there"].error)


def test_neither_this_machine_nor_what_a_host_imported_is_pulled(
    world: World, me: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Computer(world, "there")
    add_answers(there, "a")
    there.read().take_in(me.export())
    use_exports(monkeypatch, tmp_path / "bin", there=there.export(), itself=me.export())

    found = pull(me, "there", "itself")

    assert found["there"] == PulledHost("there", "there", 1, others=2)
    assert "it is this machine" in str(found["itself"].error)
    assert answers(me) == 3


def test_a_truncated_export_takes_nothing_in(
    world: World, me: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Computer(world, "there")
    add_answers(there, "a", "b")
    export = there.read().export()
    export.write_bytes(export.read_bytes()[:-40])
    use_exports(monkeypatch, tmp_path / "bin", there=export)

    assert "it ends too early" in str(pull(me, "there")["there"].error)
    assert answers(me) == 2


def test_names_are_hidden_by_whoever_pulls(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Computer(world, "there")
    add_answers(there, "a")
    use_exports(monkeypatch, tmp_path / "bin", there=there.read().export())
    me = Member(world, "me")
    pull(me, "there")
    me.tracker.team.join(str(world.place / "team"), hide=["projects"])

    assert pull(me, "there")["there"].copies == 1
    (row,) = me.tracker.team.ask(Periods(by_project=True)).value.rows
    assert row.project is not None
    assert row.project.startswith("project-")


def test_an_endless_or_silent_host_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_ssh(monkeypatch, tmp_path)
    monkeypatch.setattr(remote, "MOST_BYTES", 1 << 20)

    script(tmp_path / "ssh", "#!/bin/sh\nexec yes\n")
    with pytest.raises(HostError, match="larger than"):
        Exports().fetch("there", tmp_path / "export")
    script(tmp_path / "ssh", "#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(HostError, match="did not finish within"):
        Exports(0.01).fetch("there", tmp_path / "export")


def test_without_ssh_that_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoSshError, match="ssh was not found"):
        Exports()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "-oProxyCommand=touch x",
        "me@-oProxyCommand=x",
        "ssh://-x",
        "a b",
        "a;b",
        "$(x)",
        "a\nb",
        "a`b`",
        "me@",
    ],
)
def test_what_ssh_could_take_for_an_option_is_no_host(host: str) -> None:
    with pytest.raises(BadHostError):
        demand_hosts([host])


@pytest.mark.parametrize("host", ["a", "me@a.b", "ssh://me@a:22", "10.0.0.1", "[::1]", "a_b-c"])
def test_what_people_call_hosts_is_one(host: str) -> None:
    demand_hosts([host])
