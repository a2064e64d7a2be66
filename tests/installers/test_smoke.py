"""The check of an installed program on each system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import smoke
from project import ReleaseError
from smoke import (
    COST_USD,
    SETTINGS,
    TOKENS,
    Home,
    Programs,
    check_archive,
    check_report,
    check_version,
    fill,
    picture_command,
    use,
)
from tests.installers.fake_programs import write_program

from spendlight import __version__

posix = pytest.mark.skipif("sys.platform == 'win32'", reason="it starts scripts")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    place.folder.mkdir()
    fill(place)
    return place


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "_STEP_S", 0.02)
    monkeypatch.setattr(smoke, "ANSWER_S", 10.0)


def programs(path: Path) -> Programs:
    return Programs((str(path),), (str(path),))


def test_the_expected_total_is_that_of_the_sample_logs() -> None:
    million = 1_000_000
    opus = [3 * 5 + 1000 * 6.25 + 20_000 * 0.5 + output * 25 for output in (400, 1800)]
    sonnet = 3 * 3 + 1000 * 3.75 + 90_000 * 0.3 + 400 * 15
    beyond_200_000 = 250_000 * 6 + 400 * 22.5
    opus_for_an_hour = 3 * 5 + 2000 * 10 + 20_000 * 0.5 + 400 * 25
    haiku = 3 * 1 + 1000 * 1.25 + 20_000 * 0.1 + 700 * 5

    cost = sum(opus) + sonnet + beyond_200_000 + opus_for_an_hour + haiku
    assert pytest.approx(cost / million) == COST_USD
    assert TOKENS == 2 * 21_003 + 2200 + 91_403 + 250_400 + 22_403 + 21_703


@pytest.mark.slow
def test_the_program_from_source_passes_the_counting_check(home: Home) -> None:
    program = programs(Path(sys.executable).with_name("spendlight"))

    assert __version__ in check_version(program, home, __version__)
    check_report(program, home)
    check_archive(program, home)


@posix
def test_a_correct_program_passes(home: Home, tmp_path: Path) -> None:
    program = write_program(tmp_path / "spendlight", version="1.2.3")

    assert list(use(programs(program), home, "1.2.3", None)) == [
        "--version says spendlight 1.2.3",
        "the report counts 430,115 tokens for $1.680057, as it should",
        "without the logs it counts the same from its ledger",
        "the tray runs, and a second start finds it and shows its window",
        "'quit' ends it cleanly",
        "the user's settings are still there",
    ]


WRONG: dict[str, dict[str, object]] = {
    "--version says 'spendlight 1.2.2'": {"version": "1.2.2"},
    "counts 430114 tokens": {"tokens": 430_114},
    "the tray ended .* with 3: no screen": {
        "tray": "print('no screen', file=sys.stderr); sys.exit(3)"
    },
    "the tray runs, and says:.*Traceback": {"tray": "print('Traceback (most', file=sys.stderr)"},
    "did not answer a second start": {"second": 1},
    "settings.toml has lost": {"tray": "(kept / 'settings.toml').write_text('')"},
}


@posix
@pytest.mark.parametrize("complaint", WRONG)
def test_errors_of_a_program_are_reported(
    home: Home, tmp_path: Path, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "second start" in complaint:
        monkeypatch.setattr(smoke, "TRAY_S", 0.5)
    options = {"version": "1.2.3"} | WRONG[complaint]
    program = write_program(tmp_path / "spendlight", **options)  # type: ignore[arg-type]  # each by its name

    with pytest.raises(ReleaseError, match=f"(?s){complaint}"):
        list(use(programs(program), home, "1.2.3", None))


def test_a_missing_program_is_named(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="gone"):
        list(use(programs(tmp_path / "gone"), home, "1.2.3", None))


def test_the_program_sees_only_the_given_settings(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPENDLIGHT_MACHINE", "other")
    monkeypatch.setenv("CCUSAGE_OFFLINE", "1")
    monkeypatch.setenv("PYTHONPATH", "src")

    environ = home.environ
    assert not {"SPENDLIGHT_MACHINE", "CCUSAGE_OFFLINE", "PYTHONPATH"} & set(environ)
    assert environ["SPENDLIGHT_DATA_DIR"] == str(home.kept)
    assert home.settings.read_text(encoding="utf-8") == SETTINGS


@pytest.mark.parametrize(
    ("platform", "program"),
    [("win32", "powershell"), ("darwin", "screencapture"), ("linux", "import")],
)
def test_each_system_has_a_way_to_take_screenshots(platform: str, program: str) -> None:
    assert picture_command(Path("a.png"), platform)[0] == program


def test_a_failed_screenshot_does_not_fail_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "picture_command", lambda _: ["there-is-no-such-program"])

    assert "no picture" in smoke.photograph(tmp_path / "pictures" / "a.png")
