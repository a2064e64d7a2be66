"""Names that are hidden leave a machine in no form."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, folder_of
from tests.tracker.worlds import World

from spendlight.team.engine import connect
from spendlight.tracker.team.shares import TeamShares


def everything_in(folder: Path) -> str:
    """Return all that is readable in a team's folder: names, contents, and Parquet unpacked."""
    found = []
    with connect() as connection:
        for path in sorted(folder.rglob("*")):
            found.append(str(path.relative_to(folder)))
            if path.is_file():
                found.append(path.read_bytes().decode("latin-1"))
            if path.suffix == ".parquet":
                for read in ("read_parquet", "parquet_metadata", "parquet_kv_metadata"):
                    rows = connection.execute(f"FROM {read}(?)", [str(path)]).fetchall()
                    found += map(repr, rows)
    return "\n".join(found)


def published_by(world: World, hide: list[str], *names: str) -> tuple[Member, str]:
    """Return a machine with logs of these names, and everything that it has published."""
    desk = Member(world, "desk", world.place / "home-of-ada" / ".claude")
    desk.tracker.team.join(str(folder_of(world)), name="m1", person="p1", hide=hide)
    for number, name in enumerate(names):
        write_log(desk.roots[0], name, line(id=f"a{number}"))
    desk.publish()
    return desk, everything_in(folder_of(world))


WORKTREES = (
    "-home-ada-shop--claude-worktrees-secret-branch-src/s1.jsonl",
    "-home-ada-shop-Worktrees-secret-branch/s2.jsonl",
    "-home-ada-shop-worktrees-secret-branch/s3/subagents/agent-1.jsonl",
    "-home-ada-worktrees-secret-branch.jsonl",
)


@pytest.mark.parametrize("hide", [["projects"], ["projects", "branches"]], ids=",".join)
def test_hidden_projects_are_in_no_byte(world: World, hide: list[str]) -> None:
    desk, told = published_by(
        world, hide, "-home-ada-secret/s1.jsonl", "secret.jsonl", "ada/secret/s2.jsonl", *WORKTREES
    )

    assert "secret" not in told
    assert "home" not in told
    rows = desk.tracker.team.ask(TeamShares("project")).value.rows
    assert sum(row.spending.answers for row in rows) == 7
    assert all(row.name.startswith("project-") for row in rows)


def test_hidden_branches_are_in_no_byte_and_the_rest_of_the_name_stays(world: World) -> None:
    desk, told = published_by(world, ["branches"], *WORKTREES, "-home-ada-blog/s.jsonl")

    assert "secret" not in told
    rows = desk.tracker.team.ask(TeamShares("project")).value.rows
    names = sorted(row.name for row in rows)
    assert "-home-ada-blog" in names
    assert any(name.startswith("-home-ada-shop--claude-worktrees-branch-") for name in names)
    assert sum(row.spending.answers for row in rows) == 5


def test_the_data_folder_of_a_worktree_is_hidden_with_its_branch(world: World) -> None:
    root = world.place / "shop" / ".worktrees" / "secret-branch" / ".claude"
    desk = Member(world, "desk", root)
    desk.tracker.team.join(str(folder_of(world)), hide=["branches"])
    write_log(root, "p/s.jsonl", line())
    desk.publish()

    told = everything_in(folder_of(world))

    assert "secret" not in told
    assert ".worktrees/branch-" in told.replace("\\", "/")


def test_what_is_not_hidden_is_told(world: World) -> None:
    _, told = published_by(world, [], *WORKTREES)

    assert "secret-branch" in told
