from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from tests.makers import line, write_log
from tests.tracker.worlds import NOW, World

from spendlight.metering.pricing import CostMode
from spendlight.settings import AgentChoices, Settings
from spendlight.tracker.options import TrackerOptions, with_settings

CHOSEN = Settings(
    cost_mode=CostMode.DISPLAY,
    time_zone="Asia/Tokyo",
    prices_file="/data/prices.json",
    is_offline=True,
    with_vms=False,
    config_dirs=("/data/claude",),
    agents=AgentChoices(off=("amp",), folders=(("codex", ("/data/codex",)),)),
)


def test_the_users_settings_apply() -> None:
    options = with_settings(TrackerOptions(environ={}), CHOSEN)

    assert options == TrackerOptions(
        environ={},
        more_folders=("/data/claude",),
        agents_off=("amp",),
        agent_folders={"codex": ("/data/codex",)},
        prices_file=Path("/data/prices.json"),
        is_offline=True,
        with_vms=False,
        zone=ZoneInfo("Asia/Tokyo"),
        cost_mode=CostMode.DISPLAY,
    )


def test_arguments_override_settings() -> None:
    typed = TrackerOptions(environ={}, prices_file=Path("p"), zone=ZoneInfo("UTC"))

    options = with_settings(typed, CHOSEN)

    assert options.prices_file == Path("p")
    assert options.zone == ZoneInfo("UTC")


def test_the_environment_variable_overrides_settings() -> None:
    options = with_settings(TrackerOptions(environ={"CLAUDE_CONFIG_DIR": "/a"}), CHOSEN)

    assert options.more_folders == ()


def test_empty_settings_change_nothing() -> None:
    typed = TrackerOptions(environ={}, is_offline=True, with_vms=False)

    assert with_settings(typed, Settings()) == typed


def test_for_an_unknown_time_zone_the_computers_is_used() -> None:
    assert with_settings(TrackerOptions(), Settings(time_zone="Mars/Base")).zone is None


def test_the_cost_mode_applies_to_the_current_figures(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(costUSD=5.0))

    def cost(mode: CostMode) -> float:
        snapshot = world.read(cost_mode=mode).snapshot(NOW)
        assert snapshot.block is not None
        assert snapshot.block.spending.cost == snapshot.today.cost
        return snapshot.today.cost

    assert cost(CostMode.DISPLAY) == 5.0
    assert 0 < cost(CostMode.CALCULATE) < 1
