from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from contextlib import closing

import pyarrow.parquet as pq
import pytest
from tests.cli.pseudo_terminal import PseudoTerminal
from tests.cli.shell import COST, TOKENS, Shell, minutes_ago
from tests.makers import line
from tests.tracker.worlds import at

from spendlight.ledger.opening import connect
from spendlight.tracker.entry_files import write_json
from spendlight.tracker.parquet import ParquetNumberError, write_rows

SPENDLIGHT = (sys.executable, "-m", "spendlight")


@pytest.fixture(autouse=True)
def logs(shell: Shell) -> None:
    shell.log("-w-app/s.jsonl", line(), line(id="b", timestamp=at(1440)))
    shell.log("-w-lib/t.jsonl", line(id="c", costUSD=0.5))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_entries_are_exported_as_json_by_default(shell: Shell) -> None:
    ran = shell.run("export")

    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["spendlight"], ran.json["count"]) == ("entries", 3)
    assert {entry["project"] for entry in ran.json["entries"]} == {"-w-app", "-w-lib"}


@pytest.mark.parametrize("name", ["all.csv", "all.CSV"])
def test_the_ending_of_the_file_name_selects_the_format(shell: Shell, name: str) -> None:
    ran = shell.run("export", "--output", name)

    assert (ran.code, ran.out) == (0, f"3 entries exported to {name}\n")
    rows = table((shell.place / name).read_text())
    assert sum(float(row["cost"]) for row in rows) == pytest.approx(2 * COST + 0.5)


def test_a_named_format_overrides_the_ending(shell: Shell) -> None:
    shell.run("export", "entries", "--format", "csv", "--output", "all.json")

    assert len(table((shell.place / "all.json").read_text())) == 3


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--since", "2026-03-02"], 1),
        (["--until", "2026-03-01"], 2),
        (["--timezone", "Pacific/Kiritimati", "--since", "2026-03-02"], 3),
        (["--project=-w-app"], 2),
        (["--last", "1"], 0),
    ],
)
def test_filters_of_reports_apply_to_entries(shell: Shell, options: list[str], count: int) -> None:
    assert shell.run("export", *options).json["count"] == count


def test_the_cost_mode_applies_to_entries(shell: Shell) -> None:
    entries = shell.run("export", "--mode", "display").json["entries"]

    assert sorted(entry["cost"] for entry in entries) == [0, 0, 0.5]


@pytest.mark.parametrize(
    "words",
    [
        ["daily"],
        ["weekly", "--start-of-week", "monday"],
        ["monthly", "--order", "desc"],
        ["session", "--last", "1"],
        ["blocks", "--mode", "display"],
        ["daily", "--instances"],
        ["daily", "--by-machine"],
    ],
)
def test_an_exported_report_in_json_equals_the_printed_one(shell: Shell, words: list[str]) -> None:
    assert shell.run("export", *words).out == shell.run(*words, "--json").out


def test_a_report_as_a_table_has_a_row_for_each_period(shell: Shell) -> None:
    words = ("export", "daily", "--format", "csv", "--instances")
    rows = table(shell.run(*words, "--raw").out)

    guarded = shell.run(*words).out
    assert guarded == shell.run(*words, "--raw").out.replace(",-w-", ",'-w-")
    assert [(row["period"], row["project"]) for row in rows] == [
        ("2026-03-01", "-w-app"),
        ("2026-03-02", "-w-app"),
        ("2026-03-01", "-w-lib"),
    ]
    assert [row["totalTokens"] for row in rows] == [str(TOKENS)] * 3
    assert "modelBreakdowns" not in rows[0]
    assert rows[0]["modelsUsed"] == "claude-opus-4-5-20251101"


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_only_a_table_can_be_raw(shell: Shell, form: str) -> None:
    ran = shell.run("export", "--raw", "--output", f"all.{form}")

    assert (ran.code, ran.err) == (
        2,
        f"spendlight: --raw cannot be used with {form}. Leave it out.\n",
    )


def test_nested_values_of_a_block_have_separate_columns(shell: Shell) -> None:
    old, gap, *_ = table(shell.run("export", "blocks", "--format", "csv").out)
    assert (old["tokenCounts.inputTokens"], old["isGap"], gap["isGap"]) == ("6", "false", "true")
    assert "burnRate" not in old

    shell.log("-w-app/now.jsonl", minutes_ago(2), minutes_ago(1))
    *_, active = table(shell.run("export", "blocks", "--format", "csv").out)

    assert active["isActive"] == "true"
    assert float(active["burnRate.tokensPerMinute"]) > 0


def test_a_report_can_be_parquet(shell: Shell) -> None:
    for what in ("daily", "session", "blocks"):
        assert shell.run("export", what, "--output", f"{what}.parquet").code == 0

    days = pq.read_table(shell.place / "daily.parquet").to_pylist()
    assert [(day["period"], day["totalTokens"]) for day in days] == [
        ("2026-03-01", 2 * TOKENS),
        ("2026-03-02", TOKENS),
    ]


@pytest.mark.slow  # starts programs
def test_parquet_can_be_piped(shell: Shell) -> None:
    with (shell.place / "piped").open("wb") as piped:
        subprocess.run([*SPENDLIGHT, "export", "--format", "parquet"], stdout=piped, check=True)

    assert pq.read_table(shell.place / "piped").num_rows == 3


@pytest.mark.slow  # starts a program
def test_parquet_is_never_written_to_a_terminal() -> None:
    with PseudoTerminal("export", "--format", "parquet") as terminal:
        shown = terminal.read_until("another program.")

    assert "Parquet cannot be written to a terminal. Choose a file with --output" in shown


def test_without_pyarrow_parquet_is_rejected_before_anything_is_written(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spendlight.tracker.parquet.pa", None)

    ran = shell.run("export", "--output", "all.parquet")

    assert ran.code == 1
    assert ran.err == (
        "spendlight: Parquet needs pyarrow, which is not installed. Install it with: pip install "
        "'spendlight[parquet]'. CSV and JSON work without it.\n"
    )
    assert not (shell.place / "all.parquet").exists()


def test_a_frozen_program_does_not_suggest_installing_pyarrow(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spendlight.tracker.parquet.pa", None)
    monkeypatch.setattr(sys, "frozen", True, raising=False)

    ran = shell.run("export", "--output", "all.parquet")

    assert ran.code == 1
    assert (
        ran.err == "spendlight: This build of Spendlight does not support Parquet. "
        "CSV and JSON contain the same data.\n"
    )


def test_sums_too_large_for_parquet_are_rejected() -> None:
    with pytest.raises(ParquetNumberError, match="A figure is too large for Parquet"):
        write_rows([{"inputTokens": 2**64}], io.BytesIO())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["entries", "--instances"], "--instances cannot be used with entries. Leave it out."),
        (["session", "-i"], "--instances cannot be used with session. Leave it out."),
        (["blocks", "--project", "p"], "--project cannot be used with blocks. Leave it out."),
        (
            ["--last", "1", "--since", "2026-03-01"],
            "--last cannot be combined with --since or --until.",
        ),
        (["yearly"], "invalid choice: 'yearly'"),
        (["--format", "xml"], "'xml' is not one of csv, json, parquet"),
    ],
)
def test_invalid_arguments_are_rejected(shell: Shell, words: list[str], sentence: str) -> None:
    ran = shell.run("export", *words)

    assert ran.code == 2
    assert sentence in ran.err


def test_a_file_is_private_and_replaced_atomically(shell: Shell) -> None:
    old = shell.place / "all.json"
    old.write_text("old")
    old.chmod(0o644)

    assert shell.run("export", "--output", "all.json").code == 0

    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert json.loads(old.read_text())["count"] == 3
    assert [path.name for path in shell.place.glob("*all*")] == ["all.json"]


def test_a_failed_export_keeps_the_old_file(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> int:
        write_json(*arguments)  # type: ignore[arg-type]  # passed through
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spendlight.tracker.entry_files.write_json", full)
    (shell.place / "all.json").write_text("old")

    ran = shell.run("export", "--output", "all.json")

    assert ran.code == 1
    assert ran.err == (
        "spendlight: all.json was not written: No space left on device. An existing file there "
        "was not changed.\n"
    )
    assert (shell.place / "all.json").read_text() == "old"
    assert [path.name for path in shell.place.glob("*all*")] == ["all.json"]


def test_an_export_interrupted_by_damage_must_be_repeated(shell: Shell) -> None:
    words = ("export", "--output", "all.json", "--data-dir", str(shell.place / "data"))
    assert shell.run(*words).code == 0
    before = (shell.place / "all.json").read_text()
    with closing(connect(shell.place / "data" / "ledger.sqlite3")) as connection:
        connection.execute("UPDATE chunks SET columns = x'ff' WHERE id = 2")

    ran = shell.run(*words)

    assert ran.code == 1
    assert "The export was stopped, because the usage ledger is damaged" in ran.err
    assert (shell.place / "all.json").read_text() == before
    assert shell.run(*words).out == "3 entries exported to all.json\n"


@pytest.mark.parametrize(
    ("output", "reason"),
    [("nowhere/all.json", "No such file or directory"), ("claude", "it is not a file")],
)
def test_an_output_that_cannot_be_a_file_is_rejected(
    shell: Shell, output: str, reason: str
) -> None:
    ran = shell.run("export", "--output", output)

    assert ran.code == 1
    assert f"{output} was not written: {reason}" in ran.err


def test_a_link_is_followed_to_its_target(shell: Shell) -> None:
    (shell.place / "synced").mkdir()
    (shell.place / "all.json").symlink_to(shell.place / "synced" / "desk.json")

    assert shell.run("export", "--output", "all.json").code == 0

    assert (shell.place / "all.json").is_symlink()
    assert json.loads((shell.place / "synced" / "desk.json").read_text())["count"] == 3


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_a_closed_pipe_is_not_a_failure(shell: Shell, form: str) -> None:
    shell.log("-w-app/u.jsonl", *(line(id=f"many {number}") for number in range(500)))
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "w") as pipe:
        ran = subprocess.run(
            [*SPENDLIGHT, "export", "--format", form],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.slow  # starts programs
def test_pyarrow_is_loaded_for_parquet_only(shell: Shell) -> None:
    script = (
        "import sys; from spendlight.__main__ import main; code = main();"
        "print('pyarrow' in sys.modules, file=sys.stderr); sys.exit(code)"
    )
    words = ["export", "--output", "all.csv", "--prices", str(shell.prices)]

    ran = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, encoding="utf-8", check=True
    )

    assert (ran.stdout, ran.stderr) == ("3 entries exported to all.csv\n", "False\n")
