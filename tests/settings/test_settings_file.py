from __future__ import annotations

import re
import stat
import subprocess
import sys
from datetime import time
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from spendlight.metering.limits import AlertPolicy, LimitPeriod, Metric, SpendLimit
from spendlight.metering.pricing import CostMode
from spendlight.settings import (
    Appearance,
    Settings,
    SettingsFile,
    SettingsNotSavedError,
    TrayText,
)
from spendlight.settings.reading import read
from spendlight.settings.writing import fresh, merged

CHOSEN = Settings(
    tray_text=TrayText.BURN,
    starts_at_login=True,
    appearance=Appearance.DARK,
    limits=(
        SpendLimit(name="block-budget", amount=10),
        SpendLimit(
            name="kettle",
            amount=2_000_000,
            metric=Metric.TOKENS,
            period=LimitPeriod.WEEK,
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
    with_vms=False,
    cost_mode=CostMode.CALCULATE,
    week_start=0,
    time_zone="Asia/Tokyo",
    is_offline=True,
    prices_file="/data/prices.json",
    is_private=True,
    has_offered_budgets=True,
)


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "settings.toml")


def write(file: SettingsFile, text: str | bytes) -> None:
    file.path.parent.mkdir(exist_ok=True)
    file.path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_without_a_file_the_defaults_hold_and_none_is_made(file: SettingsFile) -> None:
    loaded = file.load()

    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert not file.path.parent.exists()


def test_what_is_saved_is_loaded_again(file: SettingsFile) -> None:
    file.save(CHOSEN)

    assert file.load().settings == CHOSEN
    assert file.load().problems == ()


def test_only_what_was_chosen_is_written(file: SettingsFile) -> None:
    file.save(Settings(tray_text=TrayText.PERCENT))

    lines = file.path.read_text().splitlines()
    assert [line for line in lines if line and line[0] != "#"] == ['tray_text = "percent"']


def test_the_file_reads_well(file: SettingsFile) -> None:
    file.save(
        Settings(
            limits=(SpendLimit(name="day-budget", amount=12.5, period=LimitPeriod.DAY),),
            alerts=AlertPolicy(quiet_from=time(22), quiet_until=time(7)),
            week_start=0,
        )
    )

    assert file.path.read_text() == (
        "# Spendlight’s settings. What is missing here has its default.\n"
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


def test_comments_and_unknown_keys_stay(file: SettingsFile) -> None:
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
            limits=(SpendLimit(name="a", amount=6), SpendLimit(name="b", amount=1)),
        )
    )

    assert before.limits == (SpendLimit(name="a", amount=5),)
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


def test_a_file_that_says_all_that_already_is_not_touched(file: SettingsFile) -> None:
    text = 'tray_text="burn"\nweek_start = "Monday"\nlimits = [{ name = "a", amount = 5 }]\n'
    write(file, text)
    before = file.path.stat()

    file.save(file.load().settings)

    assert file.path.read_text() == text
    assert file.path.stat() == before


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('tray_text = "cat"', 'not "cat". Instead, "block-cost" is used.'),
        ("tray_text = 5", 'tray_text must be one of "block-cost", '),
        ("starts_at_login = 1", "must be true or false, not 1. Instead, false is used."),
        ('week_start = "someday"', '"monday", not "someday". Instead, "sunday" is used.'),
        ('time_zone = "Mars/Base"', 'not "Mars/Base". Instead, "" is used.'),
        ('time_zone = "../../etc"', "must be the name of a time zone"),
        ('config_dirs = "/data"', 'must be a list of folders, as ["~/.claude-work"], not "/data"'),
        ('config_dirs = [""]', "config_dirs must be a list of folders"),
        ("prices_file = []", "must be a text in quotation marks, not []."),
        ("cost_mode = 1979-05-27", 'must be one of "auto", "calculate", "display", not 1979'),
        ("alerts = 3", "alerts must be a table, [alerts]. The defaults are used."),
        ('limits = "none"', "limits must be tables, [[limits]]. No limit is in force."),
        ("limits = [3]", "limit 1 must be a table, [[limits]]. It is left out."),
        ("alerts.is_on = 2", "alerts.is_on must be true or false, not 2. Instead, true is used."),
        ('alerts.quiet_from = "late"', 'time of day, as 22:00:00, not "late". It is left out.'),
    ],
)
def test_a_bad_value_is_told_and_leaves_the_others_in_force(
    file: SettingsFile, line: str, problem: str
) -> None:
    write(file, f"is_private = true\n{line}\n")

    loaded = file.load()

    assert loaded.settings == Settings(is_private=True)
    assert len(loaded.problems) == 1
    assert problem in loaded.problems[0]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ('amount = "ten"', 'limit "b": amount must be a number from 0 up, not "ten".'),
        ("amount = -1", 'limit "b": amount must be a number from 0 up, not -1.'),
        ("amount = nan", 'limit "b": amount must be a number from 0 up, not nan.'),
        (f"amount = {10**400}", 'limit "b": amount must be a number from 0 up, not 1000'),
        ("amount = true", 'limit "b": amount must be a number from 0 up, not true.'),
        ("", 'limit "b": amount must be a number above 0.'),
        ('amount = 1\nmetric = "sheep"', 'limit "b": metric must be one of "cost", '),
        ('amount = 1\nperiod = "age"', 'limit "b": period must be one of "block", '),
        ("amount = 1\nproject = 7", 'limit "b": project must be a text in quotation marks'),
    ],
)
def test_a_limit_that_cannot_be_used_is_left_out_and_stays_in_the_file(
    file: SettingsFile, fields: str, problem: str
) -> None:
    write(file, f'[[limits]]\nname = "a"\namount = 5\n\n[[limits]]\nname = "b"\n{fields}\n')
    loaded = file.load()
    (limit,) = loaded.settings.limits

    file.save(Settings(limits=(SpendLimit(name="c", amount=1), limit)))

    assert limit == SpendLimit(name="a", amount=5)
    assert len(loaded.problems) == 1
    assert loaded.problems[0].startswith(problem)
    assert loaded.problems[0].endswith("This limit is left out.")
    assert [limit.name for limit in file.load().settings.limits] == ["c", "a"]
    assert file.load().problems == loaded.problems


def test_a_limit_of_the_plan_needs_no_amount(file: SettingsFile) -> None:
    write(file, '[[limits]]\nmetric = "plan"\nperiod = "week"\n')

    loaded = file.load()

    assert loaded.problems == ()
    assert loaded.settings.limits == (
        SpendLimit(name="week-plan", amount=100, metric=Metric.PLAN, period=LimitPeriod.WEEK),
    )


@pytest.mark.parametrize(
    ("misfit", "reason"),
    [
        ('period = "day"', "period must be"),
        ('period = "month"', "period must be"),
        ('project = "p"', "no project and no model"),
        ('model = "m"', "no project and no model"),
    ],
)
def test_a_limit_of_the_plan_is_of_five_hours_or_a_week_for_all(
    file: SettingsFile, misfit: str, reason: str
) -> None:
    write(file, f'[[limits]]\nmetric = "plan"\n{misfit}\n')

    loaded = file.load()

    assert loaded.settings.limits == ()
    assert reason in loaded.problems[0]


def test_a_limit_without_a_name_is_called_after_what_it_is_about(file: SettingsFile) -> None:
    write(file, '[[limits]]\namount = 5\n[[limits]]\namount = 6\n[[limits]]\nmetric = "reset"\n')

    loaded = file.load()

    assert [limit.name for limit in loaded.settings.limits] == [
        "block-cost",
        "block-cost-2",
        "block-reset",
    ]
    assert loaded.problems == ()


def test_two_limits_of_one_name_are_told_apart(file: SettingsFile) -> None:
    write(file, '[[limits]]\nname = "a"\namount = 5\n[[limits]]\nname = "a"\namount = 6\n')

    loaded = file.load()

    assert [(limit.name, limit.amount) for limit in loaded.settings.limits] == [
        ("a", 5),
        ("a-2", 6),
    ]
    assert "another of this name" in loaded.problems[0]


def test_bad_levels_are_replaced_and_the_limit_holds(file: SettingsFile) -> None:
    write(file, '[[limits]]\nname = "a"\namount = 5\nlevels = [0.8, "x"]\n')

    loaded = file.load()

    assert loaded.settings.limits == (SpendLimit(name="a", amount=5),)
    assert "Instead, [0.8, 1.0] is used." in loaded.problems[0]


@pytest.mark.parametrize("content", [b"tray_text = \xff\xfe", b"[[[", b"a = 1\na = 2\n"])
def test_what_is_no_toml_is_told_left_alone_and_kept_when_saving(
    file: SettingsFile, content: bytes
) -> None:
    write(file, content)
    write(SettingsFile(file.path.with_name("settings.toml.broken-1")), "older")

    loaded = file.load()

    assert loaded.settings == Settings()
    assert "is no TOML, and is left as it is" in loaded.problems[0]
    assert file.path.read_bytes() == content

    file.save(CHOSEN)

    assert file.load().settings == CHOSEN
    assert file.path.with_name("settings.toml.broken-1").read_bytes() == b"older"
    assert file.path.with_name("settings.toml.broken-2").read_bytes() == content


def test_a_file_that_cannot_be_read_is_told(file: SettingsFile) -> None:
    file.path.mkdir(parents=True)

    (problem,) = file.load().problems

    assert "cannot be read: Is a directory. The defaults are used." in problem


def test_a_byte_order_mark_does_no_harm(file: SettingsFile) -> None:
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
def test_a_link_stays_a_link(file: SettingsFile, tmp_path: Path, *, is_there: bool) -> None:
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


def test_what_cannot_be_written_is_told_and_leaves_the_file(
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


def test_tables_in_the_place_of_values_are_overwritten_with_a_copy(file: SettingsFile) -> None:
    write(file, "[tray_text]\nx = 1\n[is_private]\ny = 2\n")

    file.save(CHOSEN)

    assert file.load().settings == CHOSEN
    assert file.load().problems == ()


def test_a_bad_value_is_corrected_when_saving(file: SettingsFile) -> None:
    write(file, 'tray_text = "cat" # meow\nalerts = 3\nlimits = "no"\n')

    file.save(Settings(alerts=AlertPolicy(is_on=False)))

    assert file.load().problems == ("limits must be tables, [[limits]]. No limit is in force.",)
    assert 'tray_text = "block-cost" # meow' in file.path.read_text()


def test_loading_needs_no_tomlkit(file: SettingsFile) -> None:
    write(file, "is_private = true\n")
    code = (
        "import sys; from pathlib import Path; from spendlight.settings import SettingsFile; "
        f"SettingsFile(Path({str(file.path)!r})).load(); print('tomlkit' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert shown.stdout.split() == [b"False"]


words = st.text(max_size=12)
shares = st.floats(0.01, 5, allow_nan=False)
limits = st.builds(
    SpendLimit,
    name=st.text(min_size=1, max_size=8),
    amount=st.floats(0.01, 1e12),
    metric=st.sampled_from([metric for metric in Metric if metric is not Metric.PLAN]),
    period=st.sampled_from(LimitPeriod),
    project=words,
    model=words,
    levels=st.lists(shares, min_size=1, max_size=4).map(tuple),
    is_on=st.booleans(),
)
plan_limits = st.builds(
    SpendLimit,
    name=st.text(min_size=1, max_size=8),
    amount=st.floats(1, 100),
    metric=st.just(Metric.PLAN),
    period=st.sampled_from([LimitPeriod.BLOCK, LimitPeriod.WEEK]),
    is_on=st.booleans(),
)
clocks = st.none() | st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
any_settings = st.builds(
    Settings,
    tray_text=st.sampled_from(TrayText),
    starts_at_login=st.booleans(),
    appearance=st.sampled_from(Appearance),
    limits=st.lists(limits | plan_limits, max_size=4, unique_by=lambda limit: limit.name).map(
        tuple
    ),
    alerts=st.builds(
        AlertPolicy,
        is_on=st.booleans(),
        quiet_from=clocks,
        quiet_until=clocks,
        critical_breaks_quiet=st.booleans(),
    ),
    config_dirs=st.lists(st.text(min_size=1, max_size=12), max_size=3).map(tuple),
    with_vms=st.booleans(),
    cost_mode=st.sampled_from(CostMode),
    week_start=st.integers(0, 6),
    time_zone=st.sampled_from(["", *sorted(available_timezones())[:5]]),
    is_offline=st.booleans(),
    prices_file=words,
    is_private=st.booleans(),
    has_offered_budgets=st.booleans(),
)


@given(any_settings, any_settings)
@profile(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_was_chosen_before_what_is_saved_is_loaded(
    before: Settings, after: Settings
) -> None:
    text = merged(fresh(before) + '\n[later]\nname = "kept"\n', after)

    assert text is not None
    assert 'name = "kept"' in text
    assert load(text) == after


@given(st.text(max_size=200), any_settings)
@profile(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_at_all_makes_saving_wrong(text: str, chosen: Settings) -> None:
    try:
        written = merged(text, chosen)
    except ValueError:
        return
    assert written is None or load(written) == chosen


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.times() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["limits", "alerts", "tray_text", "week_start", "time_zone", "config_dirs", "is_private"]
)


@given(st.dictionaries(keys, json_like))
def test_no_content_at_all_stops_loading(content: dict[str, object]) -> None:
    loaded = read(content)

    assert isinstance(loaded.settings, Settings)
    assert all(problem.endswith(".") for problem in loaded.problems)


def load(text: str) -> Settings:
    import tomllib

    loaded = read(tomllib.loads(text))
    assert loaded.problems == ()
    return loaded.settings
