from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from spendlight.cli.arguments import parse
from spendlight.cli.configuration import BadConfigurationError
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_a_named_configuration_file_overrides_defaults_but_not_arguments(folder: Path) -> None:
    file = write(
        folder / "mine.json", {"defaults": {"mode": "display", "order": "desc", "json": True}}
    )

    arguments = parse(["daily", "--config", str(file), "--mode", "calculate"])

    assert arguments.mode is CostMode.CALCULATE
    assert arguments.order is SortOrder.DESCENDING
    assert arguments.json


def test_the_file_in_the_working_directory_is_found(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"timezone": "Asia/Tokyo"}})

    assert str(parse(["daily"]).timezone) == "Asia/Tokyo"


def test_the_most_specific_section_takes_precedence(folder: Path) -> None:
    content = {
        "defaults": {"order": "asc", "startOfWeek": "monday"},
        "commands": {"weekly": {"startOfWeek": "tuesday", "compact": True}},
        "claude": {
            "defaults": {"compact": False},
            "commands": {"weekly": {"startOfWeek": "friday"}},
        },
    }
    write(folder / ".ccusage/ccusage.json", content)

    assert parse(["weekly"]).start_of_week == 4


def test_options_of_other_verbs_are_ignored(folder: Path) -> None:
    content = {"defaults": {"tokenLimit": 500, "pricingOverrides": {"m": {}}, "colour": "red"}}
    write(folder / ".ccusage/ccusage.json", content)

    assert parse(["blocks"]).token_limit == 500
    assert parse(["daily"]).token_limit is None


def test_project_aliases_may_be_an_object(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"projectAliases": {"-w-app": "App"}}})

    assert parse(["daily"]).project_aliases == {"-w-app": "App"}


def test_invalid_values_are_usage_errors_as_on_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(folder / "mine.json", {"defaults": {"mode": "guess"}})

    with pytest.raises(SystemExit):
        parse(["daily", "--config", str(file)])

    assert "This comes from the configuration file" in capsys.readouterr().err


RESERVED: dict[str, object] = {
    "dataDir": "stolen",
    "prices": "theirs.json",
    "config": "theirs.json",
    "offline": True,
    "noOffline": True,
    "excludeVms": True,
    "machine": "theirs",
    "mode": "display",
    "costSource": "ccusage",
    "demo": True,
}
"""The options that determine the location of data, the prices or network access, by their names in
the file."""


@pytest.mark.parametrize("key", RESERVED)
@pytest.mark.parametrize("verb", ["daily", "blocks", "statusline"])
def test_a_projects_file_cannot_change_paths_or_network_access(
    folder: Path, key: str, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / ".ccusage/ccusage.json", {"commands": {verb: {key: RESERVED[key]}}})

    assert vars(parse([verb])) == {"verb": verb}

    told = capsys.readouterr().err
    assert (told == "") is (verb == "statusline")
    if told:
        assert (
            f"may only set how usage is shown, so these options in it are ignored: {key}." in told
        )


def test_reserved_options_apply_in_a_named_file(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": RESERVED})

    arguments = parse(["daily", "--config", ".ccusage/ccusage.json"])

    assert arguments.data_dir == Path("stolen")
    assert arguments.mode is CostMode.DISPLAY


def test_a_reserved_option_with_its_default_causes_no_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    defaults = {"mode": "auto", "offline": False, "json": True, "jq": ".x"}
    write(folder / ".ccusage/ccusage.json", {"defaults": defaults})

    assert parse(["daily"]).json
    assert capsys.readouterr().err == ""


def test_invalid_values_in_a_projects_file_do_not_stop_the_program(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    defaults = {"order": "\x1b]52;c;x\x07", "compact": True, "sessionLength": -1}
    write(folder / ".ccusage/ccusage.json", {"defaults": defaults})

    assert parse(["blocks"]).compact

    told = capsys.readouterr().err
    assert "ignored: order=\\x1b]52;c;x\\x07, session-length=-1." in told


@pytest.mark.skipif(os.name == "nt", reason="makes what only POSIX has")
@pytest.mark.parametrize("kind", ["fifo", "folder", "huge", "zero", "deep", "binary", "loop"])
def test_something_other_than_a_file_does_not_block_the_program(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder / ".ccusage/ccusage.json"
    place.parent.mkdir()
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "huge":
        with place.open("wb") as file:
            file.truncate(1 << 40)
    elif kind == "zero":
        place.symlink_to("/dev/zero")
    elif kind == "deep":
        place.write_text("[" * 100_000)
    elif kind == "binary":
        place.write_bytes(b"\xff\xfe\x00")
    else:
        place.symlink_to(place.name)

    assert vars(parse(["daily"])) == {"verb": "daily"}
    assert "ccusage.json is ignored: " in capsys.readouterr().err
    assert vars(parse(["statusline"])) == {"verb": "statusline"}
    assert capsys.readouterr().err == ""


def test_the_live_view_reads_no_configuration(folder: Path) -> None:
    write(folder / ".ccusage/ccusage.json", {"defaults": {"json": True}})

    assert not parse(["live"]).json


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_an_invalid_configuration_file_is_reported(folder: Path, content: str) -> None:
    file = folder / "broken.json"
    file.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(BadConfigurationError, match=r"broken\.json"):
        parse(["daily", "--config", str(file)])


def test_a_missing_configuration_file_is_reported() -> None:
    with pytest.raises(BadConfigurationError, match="No such file"):
        parse(["daily", "--config", "missing.json"])
