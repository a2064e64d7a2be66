from __future__ import annotations

import re
import stat
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest
from tests.settings.files import write

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric
from spendlight.metering.pricing import CostMode
from spendlight.settings import (
    AgentChoices,
    Appearance,
    Settings,
    SettingsFile,
    SettingsNotSavedError,
    TrayText,
)

CHOSEN = Settings(
    tray_text=TrayText.BURN,
    starts_at_login=True,
    appearance=Appearance.DARK,
    budgets=(
        Budget(name="block-budget", amount=10),
        Budget(
            name="kettle",
            amount=2_000_000,
            metric=Metric.TOKENS,
            period=BudgetPeriod.WEEK,
            project="-home-me-kettle",
            model="opus-4-5",
            levels=(0.5, 0.9, 1.0),
            is_on=False,
        ),
    ),
    alerts=AlertPolicy(
        quiet_from=time(22), quiet_until=time(7, 30), critical_breaks_quiet=False, is_on=False
    ),
    config_dirs=("/data/claude", "~/work/.claude"),
    agents=AgentChoices(off=("amp",), folders=(("codex", ("/data/codex", "~/more")),)),
    with_vms=False,
    cost_mode=CostMode.CALCULATE,
    week_start=0,
    time_zone="Asia/Tokyo",
    is_offline=True,
    check_for_updates=True,
    prices_file="/data/prices.json",
    is_private=True,
    has_offered_budgets=True,
)


def test_without_a_file_the_defaults_apply_and_none_is_created(file: SettingsFile) -> None:
    loaded = file.load()

    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert not file.path.parent.exists()


def test_saved_settings_are_loaded_again(file: SettingsFile) -> None:
    file.save(CHOSEN)

    assert file.load().settings == CHOSEN
    assert file.load().problems == ()


def test_only_chosen_values_are_written(file: SettingsFile) -> None:
    file.save(Settings(tray_text=TrayText.PERCENT))

    lines = file.path.read_text().splitlines()
    assert [line for line in lines if line and line[0] != "#"] == ['tray_text = "percent"']


def test_the_file_is_readable(file: SettingsFile) -> None:
    file.save(
        Settings(
            budgets=(Budget(name="day-budget", amount=12.5, period=BudgetPeriod.DAY),),
            alerts=AlertPolicy(quiet_from=time(22), quiet_until=time(7)),
            week_start=0,
        )
    )

    assert file.path.read_text() == (
        "# Spendlight’s settings. Keys that are not set here have their default values.\n"
        "\n"
        'week_start = "monday"\n'
        "\n"
        "[alerts]\n"
        "quiet_from = 22:00:00\n"
        "quiet_until = 07:00:00\n"
        "\n"
        "[[limits]]\n"
        'name = "day-budget"\n'
        "amount = 12.5\n"
        'metric = "cost"\n'
        'period = "day"\n'
    )


def test_comments_and_unknown_keys_are_kept(file: SettingsFile) -> None:
    write(
        file,
        "# mine\n"
        'tray_text = "burn" # fast\n'
        'colour = "red"\n\n'
        "[alerts]\n"
        'sound = "ping" # louder\n\n'
        "[[limits]] # the first\n"
        'name = "a"\n'
        "amount = 5 # dollars\n"
        'note = "boss"\n\n'
        "[later]\n"
        "x = 1\n",
    )
    before = file.load().settings

    file.save(
        Settings(
            tray_text=TrayText.PERCENT,
            alerts=AlertPolicy(is_on=False),
            budgets=(Budget(name="a", amount=6), Budget(name="b", amount=1)),
        )
    )

    assert before.budgets == (Budget(name="a", amount=5),)
    assert re.sub("\n+", "\n", file.path.read_text()) == (
        "# mine\n"
        'tray_text = "percent" # fast\n'
        'colour = "red"\n'
        "[alerts]\n"
        'sound = "ping" # louder\n'
        "is_on = false\n"
        "[[limits]] # the first\n"
        'name = "a"\n'
        "amount = 6 # dollars\n"
        'note = "boss"\n'
        'metric = "cost"\n'
        'period = "block"\n'
        "[[limits]]\n"
        'name = "b"\n'
        "amount = 1\n"
        'metric = "cost"\n'
        'period = "block"\n'
        "[later]\n"
        "x = 1\n"
    )


def test_an_up_to_date_file_is_not_written(file: SettingsFile) -> None:
    text = 'tray_text="burn"\nweek_start = "Monday"\nlimits = [{ name = "a", amount = 5 }]\n'
    write(file, text)
    before = file.path.stat()

    file.save(file.load().settings)

    assert file.path.read_text() == text
    assert file.path.stat() == before


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('tray_text = "cat"', 'not "cat". "block-cost" is used instead.'),
        ("tray_text = 5", 'tray_text must be one of "block-cost", '),
        ("starts_at_login = 1", "must be true or false, not 1. false is used instead."),
        ('week_start = "someday"', '"monday", not "someday". "sunday" is used instead.'),
        ('time_zone = "Mars/Base"', 'not "Mars/Base". "" is used instead.'),
        ('time_zone = "../../etc"', "must be the name of a time zone"),
        (
            'config_dirs = "/data"',
            'must be a list of folders, such as ["~/.claude-work"], not "/data"',
        ),
        ('config_dirs = [""]', "config_dirs must be a list of folders"),
        ("prices_file = []", "must be a string in quotation marks, not []."),
        ("cost_mode = 1979-05-27", 'must be one of "auto", "calculate", "display", not 1979'),
        ("alerts = 3", "alerts must be a table, [alerts]. The defaults are used."),
        ('limits = "none"', "limits must be a list of tables, [[limits]]. It is ignored."),
        ("limits = [3]", "limits entry 1 must be a table, [[limits]]. It is ignored."),
        ("alerts.is_on = 2", "alerts.is_on must be true or false, not 2. true is used instead."),
        ('alerts.quiet_from = "late"', 'time of day, such as 22:00:00, not "late". It is ignored.'),
    ],
)
def test_an_invalid_value_is_reported_and_the_others_apply(
    file: SettingsFile, line: str, problem: str
) -> None:
    write(file, f"is_private = true\n{line}\n")

    loaded = file.load()

    assert loaded.settings == Settings(is_private=True)
    assert len(loaded.problems) == 1
    assert problem in loaded.problems[0]


@pytest.mark.parametrize("content", [b"tray_text = \xff\xfe", b"[[[", b"a = 1\na = 2\n"])
def test_invalid_toml_is_reported_and_backed_up_when_saving(
    file: SettingsFile, content: bytes
) -> None:
    write(file, content)
    write(SettingsFile(file.path.with_name("settings.toml.broken-1")), "older")

    loaded = file.load()

    assert loaded.settings == Settings()
    assert "is not valid TOML, and is left unchanged:" in loaded.problems[0]
    assert file.path.read_bytes() == content

    file.save(CHOSEN)

    assert file.load().settings == CHOSEN
    assert file.path.with_name("settings.toml.broken-1").read_bytes() == b"older"
    assert file.path.with_name("settings.toml.broken-2").read_bytes() == content


def test_an_unreadable_file_is_reported(file: SettingsFile) -> None:
    file.path.mkdir(parents=True)

    (problem,) = file.load().problems

    assert "cannot be read: Is a directory. The defaults are used." in problem


def test_a_byte_order_mark_is_ignored(file: SettingsFile) -> None:
    write(file, b"\xef\xbb\xbfis_private = true\r\n")

    assert file.load().settings == Settings(is_private=True)
    file.save(Settings())
    assert file.load().settings == Settings()


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such rights")
def test_only_the_user_may_read_the_file(file: SettingsFile) -> None:
    write(file, "is_private = true\n")

    file.save(Settings())

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["settings.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_preserved(file: SettingsFile, tmp_path: Path, *, is_there: bool) -> None:
    target = tmp_path / "dotfiles" / "spendlight.toml"
    target.parent.mkdir()
    if is_there:
        target.write_text("is_private = true\n")
    file.path.parent.mkdir()
    file.path.symlink_to(target)

    file.save(Settings(week_start=0))

    assert file.path.is_symlink()
    assert "monday" in target.read_text()
    assert file.load().settings == Settings(week_start=0)


def test_a_failed_write_is_reported_and_keeps_the_file(
    file: SettingsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "is_private = true\n")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(SettingsNotSavedError, match="No space left on device"):
        file.save(Settings(week_start=0))

    assert file.path.read_text() == "is_private = true\n"
    assert [path.name for path in file.path.parent.iterdir()] == ["settings.toml"]


def test_tables_instead_of_values_are_backed_up_and_overwritten(file: SettingsFile) -> None:
    write(file, "[tray_text]\nx = 1\n[is_private]\ny = 2\n")

    file.save(CHOSEN)

    assert file.load().settings == CHOSEN
    assert file.load().problems == ()


def test_an_invalid_value_is_corrected_when_saving(file: SettingsFile) -> None:
    write(file, 'tray_text = "cat" # meow\nalerts = 3\nlimits = "no"\n')

    file.save(Settings(alerts=AlertPolicy(is_on=False)))

    assert file.load().problems == ("limits must be a list of tables, [[limits]]. It is ignored.",)
    assert 'tray_text = "block-cost" # meow' in file.path.read_text()


def test_loading_needs_no_tomlkit(file: SettingsFile) -> None:
    write(file, "is_private = true\n")
    code = (
        "import sys; from pathlib import Path; from spendlight.settings import SettingsFile; "
        f"SettingsFile(Path({str(file.path)!r})).load(); print('tomlkit' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert shown.stdout.split() == [b"False"]
