from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shell import TOKENS, Shell
from tests.makers import line, write_log
from tests.tracker.worlds import at


class Two:
    """Two machines with one folder in which each leaves its export."""

    def __init__(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shell = shell
        self._monkeypatch = monkeypatch
        for name, lines in {
            "desk": (line(), line(id="b", timestamp=at(1440))),
            "lap": (line(), line(id="c")),
        }.items():
            write_log(shell.place / name, "-w-app/s.jsonl", *lines)
            self.be(name)
            assert shell.run("export", "--output", f"{name}.json", *self.data(name)).code == 0

    def be(self, name: str) -> None:
        """Switch to one of them."""
        self._monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(self.shell.place / name))
        self._monkeypatch.setenv("SPENDLIGHT_MACHINE", name)
        self._monkeypatch.setenv("SPENDLIGHT_DATA_DIR", str(self.shell.place / f"data-{name}"))

    def data(self, name: str) -> list[str]:
        """Return the option that names its ledger."""
        return ["--data-dir", str(self.shell.place / f"data-{name}")]


@pytest.fixture
def two(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Two:
    two = Two(shell, monkeypatch)
    two.be("lap")
    return two


def test_a_synced_folder_is_imported_without_this_machines_own_export(two: Two) -> None:
    ran = two.shell.run("import", "desk.json", "lap.json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "desk.json: 2 entries from desk, 1 new answer\n"
        "lap.json: skipped, because it contains only usage of this machine\n"
    )


def test_all_exports_in_a_folder_are_imported(two: Two) -> None:
    folder = Path("synced")
    folder.mkdir()
    for name in ("desk.json", "lap.json"):
        Path(name).rename(folder / name)
    (folder / "notes.txt").write_text("not an export")

    ran = two.shell.run("import", "synced")

    assert (ran.code, ran.err) == (0, "")
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == [
        str(folder / "desk.json"),
        str(folder / "lap.json"),
    ]


def test_a_folder_without_exports_is_named(two: Two) -> None:
    Path("empty").mkdir()

    ran = two.shell.run("import", "empty")

    assert ran.code == 1
    assert "empty was not imported: Is a directory" in ran.err
    assert "a folder in which there are exported files" in ran.err


def test_both_machines_report_the_same_in_the_end(two: Two) -> None:
    two.shell.run("import", "desk.json", "lap.json")
    of_lap = two.shell.run("daily", "--json").out
    two.be("desk")
    two.shell.run("import", "desk.json", "lap.json")

    assert two.shell.run("daily", "--json").out == of_lap
    assert json.loads(of_lap)["totals"]["totalTokens"] == 3 * TOKENS


def test_repeating_it_changes_nothing(two: Two) -> None:
    two.shell.run("import", "desk.json")
    before = two.shell.run("daily", "--json").out

    ran = two.shell.run("import", "desk.json")

    assert ran.out == "desk.json: 2 entries from desk, 0 new answers\n"
    assert two.shell.run("daily", "--json").out == before


def test_a_file_that_cannot_be_imported_does_not_prevent_others(two: Two) -> None:
    Path("bad.json").write_text("{}")

    ran = two.shell.run("import", "bad.json", "desk.json")

    assert ran.code == 1
    assert ran.err == (
        "spendlight: bad.json was not imported: it contains no entries exported by Spendlight. "
        "Nothing in it was imported. Export it again with 'spendlight export'.\n"
    )
    assert ran.out.startswith("desk.json: 2 entries from desk")


def test_a_pattern_that_the_shell_did_not_expand_is_expanded(two: Two) -> None:
    ran = two.shell.run("import", "*.json")

    assert [text.partition(":")[0] for text in ran.out.splitlines()] == ["desk.json", "lap.json"]
    assert "prices.json was not imported" in ran.err


def test_usage_of_this_machine_in_a_mixed_export_is_skipped(two: Two) -> None:
    two.shell.run("import", "desk.json")
    two.shell.run("export", "--output", "both.csv")
    two.be("desk")

    ran = two.shell.run("import", "both.csv")

    assert ran.out == (
        "both.csv: 2 entries from lap, 1 new answer\n"
        "  2 entries of this machine skipped, because its logs are read here\n"
    )


def test_a_machine_of_the_same_name_is_reported(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPENDLIGHT_MACHINE", "desk")

    ran = two.shell.run("import", "desk.json")

    assert ran.out.splitlines()[1] == (
        "  Another machine has the same name as this one, desk. To tell them apart, run "
        "'spendlight export' there with SPENDLIGHT_MACHINE set to another name."
    )


def test_an_export_without_usage_is_reported(two: Two) -> None:
    two.be("desk")
    two.shell.run("export", "--output", "none.json", "--since", "2030-01-01")
    two.be("lap")

    assert two.shell.run("import", "none.json").out == "none.json: no entries\n"


def test_tables_mention_imports_and_json_does_not(two: Two) -> None:
    before = two.shell.run("daily").out
    two.shell.run("import", "desk.json")

    assert "Includes usage imported" not in before
    last = two.shell.run("daily").out.splitlines()[-1]
    assert last.startswith("Includes usage imported from: desk (20")
    assert "Includes usage imported" not in two.shell.run("daily", "--machine", "lap").out
    told = two.shell.run("daily", "--json").json
    assert set(told) == {"daily", "totals"}
    assert all("machine" not in day for day in told["daily"])


@pytest.mark.parametrize("verb", ["daily", "weekly", "monthly", "session", "blocks"])
def test_every_report_can_show_one_machine_or_a_row_for_each(two: Two, verb: str) -> None:
    two.shell.run("import", "desk.json")

    def told(*words: str) -> list[tuple[str | None, int]]:
        rows = two.shell.run(verb, "--json", *words).json[verb]
        return [(row.get("machine"), row["totalTokens"]) for row in rows if row["totalTokens"]]

    def tokens(*words: str) -> int:
        return sum(count for _, count in told(*words))

    assert tokens() == tokens("--machine", "desk,lap") == 3 * TOKENS
    assert tokens("--machine", "desk") == tokens("--machine", "lap") == 2 * TOKENS
    assert tokens("--by-machine") == 3 * TOKENS
    assert {name for name, _ in told()} == {None}
    assert {name for name, _ in told("--by-machine")} == {"desk", "lap"}
    assert "Machine " in two.shell.run(verb, "--by-machine").out
    assert "Machine " not in two.shell.run(verb).out


def test_the_answers_of_a_session_can_be_limited_to_a_machine(two: Two) -> None:
    two.shell.run("import", "desk.json")

    whole = two.shell.run("session", "--id", "s", "--json").json
    part = two.shell.run("session", "--id", "s", "--json", "--machine", "lap").json

    assert (len(whole["entries"]), len(part["entries"])) == (3, 2)


def test_the_last_blocks_and_sessions_are_counted_whatever_machines_they_have(two: Two) -> None:
    two.shell.run("import", "desk.json")

    blocks = two.shell.run("blocks", "--json", "--by-machine", "--last", "2").json["blocks"]
    ran = two.shell.run("session", "--json", "--by-machine", "--last", "1")
    sessions = ran.json["session"]

    assert [block.get("machine") for block in blocks if not block["isGap"]] == [
        "desk",
        "lap",
        "desk",
    ]
    assert [session["machine"] for session in sessions] == ["desk"]


def test_an_unknown_machine_is_rejected(two: Two) -> None:
    ran = two.shell.run("daily", "--machine", "desk")

    assert ran.code == 2
    assert ran.err == "spendlight: There is no machine named 'desk'. Known machines: lap.\n"
    assert two.shell.run("daily", "--machine", " , ").code == 2


def test_the_active_block_can_be_split_among_machines(two: Two) -> None:
    assert two.shell.run("blocks", "--active", "--by-machine").out.startswith(
        "No usage matches these options."
    )


def test_the_doctor_lists_machines(two: Two) -> None:
    two.shell.run("import", "desk.json")

    text = two.shell.run("doctor").out
    told = two.shell.run("doctor", "--json").json["machines"]

    _, _, section = text.partition("Machines\n")
    first, second, _ = section.split("\n", 2)
    assert first == "  lap (this one), 2 answers, last used 2026-03-01 12:00"
    assert second.startswith("  desk, imported 20")
    assert second.endswith(", 2 answers, last used 2026-03-02 12:00")
    assert [(one["name"], one["this"], one["answers"]) for one in told] == [
        ("lap", True, 2),
        ("desk", False, 2),
    ]
    assert told[0]["imported"] is None
    assert told[1]["lastActivity"] == "2026-03-02T12:00:00.000Z"


def test_nothing_is_imported_into_an_unusable_ledger(two: Two) -> None:
    (two.shell.place / "taken").write_text("no folder")

    ran = two.shell.run("import", "desk.json", "--data-dir", str(two.shell.place / "taken"))

    assert ran.code == 1
    assert "The usage ledger cannot be used" in ran.err
    assert ran.out == ""
