"""The command line applies the settings, and arguments override them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.makers import OPUS, line, write_log

from spendlight import paths
from spendlight.cli.arguments import parse
from spendlight.cli.world import settle, tracker_options
from spendlight.metering.pricing import CostMode
from spendlight.settings import AgentChoices, Settings, SettingsFile

CHOSEN = Settings(
    cost_mode=CostMode.CALCULATE,
    week_start=2,
    time_zone="Asia/Tokyo",
    prices_file="~/prices.json",
    is_offline=True,
    with_vms=False,
    config_dirs=("/data/claude",),
    agents=AgentChoices(off=("amp",), folders=(("codex", ("/data/codex",)),)),
)


def choose(settings: Settings) -> None:
    SettingsFile(paths.settings_path({})).save(settings)


def test_settings_replace_omitted_arguments(home: Path) -> None:
    choose(CHOSEN)
    arguments = parse(["weekly"])

    settle(arguments)

    options = tracker_options(arguments)
    assert (arguments.mode, arguments.start_of_week) == (CostMode.CALCULATE, 2)
    assert str(options.time_zone) == "Asia/Tokyo"
    assert options.prices_file == home / "prices.json"
    assert options.is_offline
    assert not options.with_vms
    assert options.more_folders == ("/data/claude",)
    assert (options.agents_off, options.agent_folders) == (("amp",), {"codex": ("/data/codex",)})
    assert options.cost_mode is CostMode.CALCULATE


def test_arguments_override_settings() -> None:
    choose(CHOSEN)
    arguments = parse(
        [
            "weekly",
            "-m",
            "display",
            "-w",
            "monday",
            "-z",
            "local",
            "--prices",
            "p.json",
            "--no-offline",
        ]
    )

    settle(arguments)

    options = tracker_options(arguments)
    assert (arguments.mode, arguments.start_of_week) == (CostMode.DISPLAY, 0)
    assert options.zone is None
    assert options.prices_file == Path("p.json")
    assert not options.is_offline


def test_a_ccusage_configuration_overrides_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(CHOSEN)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".ccusage").mkdir()
    (tmp_path / ".ccusage/ccusage.json").write_text('{"defaults": {"timezone": "UTC"}}')
    arguments = parse(["daily"])

    settle(arguments)

    assert str(arguments.timezone) == "UTC"
    assert arguments.mode is CostMode.CALCULATE


def test_the_environment_variable_overrides_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    choose(CHOSEN)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/elsewhere")
    arguments = parse(["daily"])

    settle(arguments)

    assert tracker_options(arguments).more_folders == ()


def test_the_demo_ignores_settings() -> None:
    choose(CHOSEN)
    arguments = parse(["daily", "--demo"])

    settle(arguments)

    assert tracker_options(arguments) == tracker_options(parse(["daily"]))


def test_another_ledger_has_separate_settings(tmp_path: Path) -> None:
    choose(CHOSEN)
    arguments = parse(["daily", "--data-dir", str(tmp_path)])

    settle(arguments)

    assert tracker_options(arguments).more_folders == ()


def test_additional_folders_count_in_every_report(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    write_log(home / ".claude", "p/a.jsonl", line())
    write_log(tmp_path / "work", "p/b.jsonl", line(id="msg_2", requestId="req_2"))
    choose(Settings(config_dirs=(str(tmp_path / "work"),)))

    days = shell.run("daily", "--json").json["daily"]

    assert days[0]["modelBreakdowns"][0]["modelName"] == OPUS
    assert days[0]["inputTokens"] == 2 * json.loads(line())["message"]["usage"]["input_tokens"]


def test_an_invalid_setting_is_reported_beside_the_report(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    path = paths.settings_path({})
    path.parent.mkdir(parents=True)
    path.write_text('week_start = "someday"\n')

    ran = shell.run("daily", "--json")

    assert ran.code == 0
    assert ran.json["daily"]
    assert ran.err.startswith("spendlight: week_start must be a day of the week")


def test_without_settings_nothing_that_reads_them_is_imported(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    code = (
        "import sys; from spendlight.cli.main import main; main(['daily']); "
        "print([name for name in sys.modules if 'settings' in name or name == 'tomllib'])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout

    assert out.splitlines()[-1] == b"[]"
