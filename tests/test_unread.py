"""A test cannot overlook a warning of a tracker or a command."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.shell import Ran
from tests.tracker.worlds import World, causes, tokens
from tests.unread import demand_read, ignore_warnings

from spendlight.errors import LedgerUnusableError


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world whose ledger cannot be used."""
    (tmp_path / "data").write_text("not a folder")
    return World(tmp_path)


def test_figures_from_a_temporary_ledger_need_a_look_at_the_warnings(world: World) -> None:
    assert tokens(world.read()) == 0
    with pytest.raises(pytest.fail.Exception, match="LedgerOutOfUseError"):
        demand_read()

    tracker = world.read()
    assert (tokens(tracker), causes(tracker)) == (0, [LedgerUnusableError])
    demand_read()


def test_warnings_can_be_ignored(world: World) -> None:
    assert tokens(world.read()) == 0
    ignore_warnings()
    demand_read()


def test_what_a_successful_command_prints_to_stderr_must_be_read() -> None:
    ran = Ran(0, "", "spendlight: the ledger cannot be used\n")
    with pytest.raises(pytest.fail.Exception, match="the ledger cannot be used"):
        demand_read()

    again = Ran(0, "", ran.err)
    assert again.err
    assert ran == again
    Ran(1, "", "spendlight: this is why it failed\n")
    demand_read()
