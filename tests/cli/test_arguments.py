from __future__ import annotations

from pathlib import Path

import pytest

from spendlight.cli.arguments import VERBS, parse
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_omitted_options_have_their_defaults() -> None:
    arguments = parse(["daily"])

    assert arguments.mode is CostMode.AUTO
    assert arguments.order is SortOrder.ASCENDING
    assert arguments.start_of_week == 6
    assert arguments.offline is None
    assert not arguments.json


def test_without_a_verb_the_tray_is_started() -> None:
    arguments = parse(["--demo"])

    assert arguments.verb is None
    assert arguments.demo


@pytest.mark.parametrize(
    "words",
    [
        ["--prices", "list.json", "daily", "--json"],
        ["daily", "--json", "--prices", "list.json"],
        ["claude", "daily", "-j", "--prices=list.json"],
    ],
)
def test_general_options_may_be_before_or_after_the_verb(words: list[str]) -> None:
    arguments = parse(words)

    assert arguments.verb == "daily"
    assert arguments.prices == Path("list.json")
    assert arguments.json


@pytest.mark.parametrize("option", ["--last", "--limit"])
def test_the_option_last_has_two_names(option: str) -> None:
    assert parse(["weekly", option, "3"]).last == 3


def test_short_options_can_be_combined() -> None:
    arguments = parse(["daily", "-jbO", "-z", "UTC"])

    assert (arguments.json, arguments.breakdown, arguments.offline) == (True, True, True)
    assert str(arguments.timezone) == "UTC"


def test_a_short_option_may_have_different_meanings_for_different_verbs() -> None:
    assert parse(["daily", "-i"]).instances
    assert parse(["session", "-i", "s1"]).id == "s1"


def test_a_project_may_begin_with_a_hyphen() -> None:
    assert parse(["daily", "--project=-w-app"]).project == "-w-app"


def test_every_option_of_ccusages_status_line_is_accepted() -> None:
    words = "--cost-source both -B emoji --no-cache --refresh-interval 5 --context-low-threshold 30"

    arguments = parse(["statusline", *words.split()])

    assert arguments.cost_source == "both"
    assert arguments.visual_burn_rate == "emoji"
    assert arguments.context_low_threshold == 30


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["daily", "--since", "2026/03/01"], "'2026/03/01' is not a date; use YYYY-MM-DD"),
        (["daily", "-z", "+09:00"], "'+09:00' is not a time zone; use a name such as UTC"),
        (["daily", "--mode", "guess"], "'guess' is not one of auto, calculate, display"),
        (["daily", "--jso"], "unrecognized arguments: --jso"),
        (["weekly", "-w", "someday"], "'someday' is not a day of the week"),
        (["monthly", "--instances"], "unrecognized arguments: --instances"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)

    err = capsys.readouterr().err
    assert ended.value.code == 2
    assert complaint in err
    assert err.startswith("spendlight: ")
    assert err.endswith("--help'.\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([verb, "--help"])

    assert ended.value.code == 0
    assert f"usage: spendlight {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["claude"], ["claude", "--json"], ["claude", "-z", "UTC"]])
def test_claude_without_a_report_is_by_day(words: list[str]) -> None:
    assert parse(words).verb == "daily"


def test_general_options_may_be_between_claude_and_the_report() -> None:
    assert parse(["claude", "--offline", "weekly"]).verb == "weekly"


@pytest.mark.parametrize("words", [["-v"], ["--version"], ["blocks", "-v"], ["claude", "-v"]])
def test_the_version_is_shown_wherever_the_option_is(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse(words)

    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("spendlight ")


def test_ccusages_debug_samples_option_is_accepted() -> None:
    assert parse(["daily", "--debug", "--debug-samples", "3"]).debug


def test_the_status_line_accepts_a_time_zone() -> None:
    assert str(parse(["statusline", "-z", "Asia/Tokyo"]).timezone) == "Asia/Tokyo"


def test_a_wrong_option_in_the_configuration_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.json"
    file.write_text('{"defaults": {"order": "up"}}')

    with pytest.raises(SystemExit) as end:
        parse(["daily", "--config", str(file)])

    assert end.value.code == 2
    assert str(file) in capsys.readouterr().err


def test_machines_may_be_given_as_a_list_or_one_by_one() -> None:
    arguments = parse(["daily", "--machine", "desk,lap", "--machine", "nas"])

    assert arguments.machine == ["desk", "lap", "nas"]
    assert parse(["daily"]).machine is None


def test_entries_are_exported_to_standard_output_unless_told_otherwise() -> None:
    arguments = parse(["export"])

    assert (arguments.what, arguments.format, arguments.output) == ("entries", None, "-")
    assert parse(["export", "blocks", "-f", "csv", "-n", "1"]).format == "csv"


def test_several_files_can_be_imported_at_once() -> None:
    assert parse(["import", "a.json", "b.csv"]).files == [Path("a.json"), Path("b.csv")]
    with pytest.raises(SystemExit):
        parse(["import"])
