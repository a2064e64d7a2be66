from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.makers import line

from spendlight import __version__
from spendlight.cli import doctor
from spendlight.errors import LedgerUnusableError
from spendlight.metering.entry import LineProblem
from spendlight.metering.plan import PlanReading, PlanWindow
from spendlight.metering.pricing import PriceSource
from spendlight.tracker.health import HealthReport, RootHealth, UnreadablePath
from spendlight.tracker.plan_setup import HookState, StatusLineHook
from spendlight.tracker.verify import Verification

HEALTH = HealthReport(
    roots=(
        RootHealth("/home/ada/.claude", "", exists=True, files=12, gone=3),
        RootHealth("/home/ada/.claude/vms/a", "a", exists=False, files=0, gone=1),
    ),
    ledger_path="/data/ledger.sqlite3",
    ledger_bytes=1_250_000,
    answers=5_600,
    first_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    last_at=datetime(2026, 3, 2, 13, 30, tzinfo=UTC),
    problems=tuple(LineProblem("/a.jsonl", offset, "it is odd") for offset in range(25)),
    unreadable=(UnreadablePath("/b.jsonl", "Permission denied"),),
    prices=PriceSource("LiteLLM list", date(2026, 3, 1), "shipped", 2),
    unpriced=("new",),
    warnings=(),
)


def test_the_findings_are_reported_in_words() -> None:
    text = doctor.to_text(HEALTH, UTC, has_all=False)

    assert text.startswith(
        "Claude Code data\n"
        "  /home/ada/.claude, 12 logs, 3 logs deleted but still counted\n"
        "  /home/ada/.claude/vms/a (no longer exists), machine a, 0 logs, 1 log deleted "
        "but still counted\n"
        "\n"
        "Ledger\n"
        "  /data/ledger.sqlite3, 1.2 MB\n"
        "  5,600 answers, 2026-03-01 12:00 to 2026-03-02 13:30\n"
        "\n"
        "Prices\n"
        "  LiteLLM list from 2026-03-01, shipped, 2 overridden\n"
        "  No price, so not included in the cost: new\n"
        "  To add one: pricingOverrides in ccusage.json, or --prices FILE; "
        "see 'spendlight prices'\n"
        "\n"
        "Time zone\n"
        "  UTC\n"
        "\n"
        "Program\n"
        f"  Spendlight {__version__}, from source\n"
    )
    assert "\n\nSkipped\n  /b.jsonl: Permission denied\n  /a.jsonl at byte 0: it is odd\n" in text


def test_a_folder_that_never_had_logs_is_not_reported_as_missing() -> None:
    root = RootHealth("/home/ada/.config/claude", "", exists=False, files=0, gone=0)

    text = doctor.to_text(replace(HEALTH, roots=(root,)), UTC, has_all=False)

    assert "  /home/ada/.config/claude (does not exist), 0 logs\n" in text


def test_only_the_first_skipped_lines_are_listed_by_default() -> None:
    some = doctor.to_text(HEALTH, UTC, has_all=False)
    everything = doctor.to_text(HEALTH, UTC, has_all=True)

    assert some.count("it is odd") == 20
    assert some.endswith("and 5 lines more; to see all: spendlight doctor --all")
    assert everything.count("it is odd") == 25


def test_the_findings_are_reported_as_json() -> None:
    told = doctor.to_json(HEALTH)

    assert told["ledger"] == {
        "answers": 5_600,
        "bytes": 1_250_000,
        "firstActivity": "2026-03-01T12:00:00.000Z",
        "lastActivity": "2026-03-02T13:30:00.000Z",
        "path": "/data/ledger.sqlite3",
    }
    assert told["prices"] == {
        "dated": "2026-03-01",
        "origin": "shipped",
        "over": None,
        "overridden": 2,
        "refused": {},
        "source": "LiteLLM list",
    }
    assert told["problems"][1] == {
        "counted": False,
        "file": "/a.jsonl",
        "offset": 1,
        "reason": "it is odd",
    }
    assert told["unreadable"] == [{"path": "/b.jsonl", "reason": "Permission denied"}]
    assert told["roots"][1]["machine"] == "a"


def test_a_line_with_a_problem_that_was_counted_is_marked() -> None:
    odd = LineProblem("/a.jsonl", 5, "its speed is unknown", is_counted=True)

    text = doctor.to_text(replace(HEALTH, problems=(odd,)), UTC, has_all=False)

    assert text.endswith("/a.jsonl at byte 5: its speed is unknown (still counted)")


def test_an_empty_report_claims_nothing() -> None:
    nothing = HealthReport((), "/l", 0, 0, None, None, (), (), PriceSource("test list"), (), ())

    text = doctor.to_text(nothing, UTC, has_all=False)

    before, _, after = text.partition("Program\n")
    assert before == (
        "Claude Code data\n"
        "  none found; set CLAUDE_CONFIG_DIR if yours is not in ~/.claude\n"
        "\n"
        "Ledger\n"
        "  /l, 0.0 MB\n"
        "  0 answers\n"
        "\n"
        "Prices\n"
        "  test list\n"
        "\n"
        "Time zone\n"
        "  UTC\n"
        "\n"
    )
    assert after.endswith("\n\nSkipped\n  nothing")


def test_problems_of_the_ledger_are_reported() -> None:
    warning = LedgerUnusableError("/data/ledger.sqlite3", "disk full")

    assert "disk full" in doctor.to_text(replace(HEALTH, warnings=(warning,)), UTC, has_all=False)
    assert doctor.to_json(replace(HEALTH, warnings=(warning,)))["warnings"] == [str(warning)]


def test_skipped_lines_do_not_cause_a_failure(shell: Shell) -> None:
    path = shell.log("p/s.jsonl", line(), line(input_tokens=-1, id="msg_2", requestId="req_2"))

    ran = shell.run("doctor", "--json")

    assert ran.code == 0
    assert ran.json["ledger"]["answers"] == 1
    assert [problem["file"] for problem in ran.json["problems"]] == [str(path)]
    assert str(path) in shell.run("doctor").out


def test_an_unusable_ledger_causes_a_failure(shell: Shell) -> None:
    (shell.place / "taken").write_text("no folder")

    ran = shell.run("doctor", "--data-dir", str(shell.place / "taken"))

    assert ran.code == 1
    assert "The usage ledger cannot be used" in ran.out


GOOD = Verification(5_600, 5_900, 0, 0, None, 0, 0)
BAD = replace(
    GOOD, missing=1, different=2, first_difference=("/a.jsonl", 5), wrong_sums=1, unread=1
)


def test_the_result_of_the_verification_is_reported_in_words() -> None:
    assert doctor.verdict(GOOD) == (
        "\n"
        "Verification\n"
        "  Compared 5,600 answers in the logs with 5,900 in the ledger\n"
        "  The ledger is undamaged and matches the logs."
    )
    assert doctor.verdict(BAD) == (
        "\n"
        "Verification\n"
        "  Compared 5,600 answers in the logs with 5,900 in the ledger\n"
        "  1 log could not be read again\n"
        "  The ledger does not match the logs: 1 missing, 2 different, "
        "1 sum not matching the answers; the first is in /a.jsonl at byte 5."
    )


def test_the_result_of_the_verification_is_reported_as_json() -> None:
    assert "verification" not in doctor.to_json(HEALTH)
    assert doctor.to_json(HEALTH, BAD)["verification"] == {
        "answers": 5_600,
        "different": 2,
        "firstDifference": {"file": "/a.jsonl", "offset": 5},
        "good": False,
        "held": 5_900,
        "mendedAnswers": 0,
        "mendedSums": 0,
        "missing": 1,
        "unread": 1,
        "wrongSums": 1,
    }
    assert doctor.to_json(HEALTH, GOOD)["verification"]["firstDifference"] is None


def test_a_wrong_sum_is_recomputed_and_reported_once(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    words = ("doctor", "--verify", "--data-dir", str(shell.place / "data"))
    good = shell.run(*words)
    with closing(sqlite3.connect(shell.place / "data" / "ledger.sqlite3")) as connection:
        connection.execute("UPDATE buckets SET output = output + 7")
        connection.commit()

    bad = shell.run(*words)

    assert (good.code, good.err) == (0, "")
    assert "The ledger is undamaged and matches" in good.out
    assert bad.code == 1
    assert "A damaged sum in the usage ledger was recalculated from its answers" in bad.out
    assert "The ledger is undamaged and matches" in bad.out
    again = shell.run(*words)
    assert (again.code, again.err, again.out) == (0, "", good.out)


def test_damage_found_while_answering_is_reported_on_stderr(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    ledger = shell.place / "data" / "ledger.sqlite3"
    words = ("session", "--id", "s", "--json", "--data-dir", str(ledger.parent))
    before = shell.run(*words)
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("UPDATE chunks SET columns = x'ff'")
        connection.commit()

    after = shell.run(*words)

    assert after.out == before.out
    assert after.err == (
        "spendlight: A damaged part of the usage ledger was read from its log again. "
        "Nothing is lost.\n"
    )


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def plan_part(*hooks: StatusLineHook, plan: tuple[PlanReading, ...] = ()) -> str:
    health = replace(HEALTH, at=NOON, hooks=hooks, plan=plan, hook_command="spendlight statusline")
    text = doctor.to_text(health, UTC, has_all=False)
    return text.partition("Plan limits\n")[2].partition("\n\nSkipped")[0]


def test_plan_limits_are_shown_with_their_age_and_account() -> None:
    reading = PlanReading(
        PlanWindow.FIVE_HOURS,
        41,
        NOON + timedelta(hours=2),
        NOON - timedelta(minutes=2),
        folder="/home/ada/.claude",
    )
    hook = StatusLineHook("/home/ada/.claude", "/home/ada/.claude/settings.json", HookState.OURS)

    text = plan_part(hook, plan=(reading,))

    assert text.startswith(
        "  5-hour limit: 41 % · lasts until reset 14:00 · from Claude Code, 2 min ago, "
        "/home/ada/.claude\n"
    )
    assert "status line runs Spendlight" in text
    assert "--install" not in text


def test_without_plan_limits_the_report_says_how_to_get_them() -> None:
    text = plan_part(StatusLineHook("/c", "/c/settings.json", HookState.MISSING))

    assert text.startswith("  none known yet\n")
    assert "spendlight statusline --install;" in text
    assert (
        '    {\n      "statusLine": {\n        "type": "command",\n'
        '        "command": "spendlight statusline"\n      }\n    }'
    ) in text


def test_another_status_line_and_odd_settings_are_named() -> None:
    other = StatusLineHook("/c", "/c/settings.json", HookState.OTHER, "~/line.sh")
    odd = StatusLineHook("/d", "/d/settings.json", HookState.UNKNOWN, reason="It is odd")

    text = plan_part(other, odd)

    assert "  Claude Code's status line runs something else (/c/settings.json): ~/line.sh\n" in text
    assert "  It is odd\n" in text


def test_a_status_line_that_runs_a_missing_copy_is_reported(shell: Shell, tmp_path: Path) -> None:
    shell.log("p/s.jsonl", line())
    gone = tmp_path / "un packed" / "spendlight"
    settings = shell.claude / "settings.json"
    command = {"type": "command", "command": f"'{gone}' statusline"}
    settings.write_text(json.dumps({"statusLine": command}), encoding="utf-8")

    text = shell.run("doctor").out

    assert f"status line ({settings}) is set to run {gone}, which no longer exists\n" in text
    assert "To set it up: spendlight statusline --install;" in text

    gone.parent.mkdir()
    gone.touch()

    assert "status line runs Spendlight" in shell.run("doctor").out


def test_json_contains_the_status_line_and_the_plan_limits() -> None:
    hook = StatusLineHook("/c", "/c/settings.json", HookState.OTHER, "~/line.sh")
    told = doctor.to_json(replace(HEALTH, at=NOON, hooks=(hook,), hook_command="s"))["plan"]

    assert told["hooks"] == [
        {"command": "~/line.sh", "settings": "/c/settings.json", "state": "other"}
    ]
    assert told["limits"] == {}
    assert '"command": "s"' in told["snippet"]


def test_an_unknown_time_zone_is_reported(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.log("p/s.jsonl")
    monkeypatch.setenv("TZ", "Mars/Base")

    text, told = shell.run("doctor"), shell.run("doctor", "--json")

    assert text.code == told.code == 1
    assert "Time zone\n  UTC\n  TZ is not a time zone: 'Mars/Base'; days begin" in text.out
    assert (told.json["timeZone"], len(told.json["warnings"])) == ("UTC", 1)
    assert shell.run("daily").err.startswith("spendlight: TZ is not a time zone: 'Mars/Base'; ")
    assert shell.run("daily", "--timezone", "Europe/Berlin").err == ""


def test_a_time_zone_may_be_a_rule(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.log(
        "p/s.jsonl",
        line(id="a", timestamp="2026-07-20T22:30:00.000Z"),
        line(id="b", timestamp="2026-01-20T23:30:00.000Z"),
    )
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")

    days = [row["period"] for row in shell.run("daily", "--json").json["daily"]]

    assert days == ["2026-01-21", "2026-07-21"]
    assert "Time zone\n  CET-1CEST,M3.5.0,M10.5.0/3\n" in shell.run("doctor").out
