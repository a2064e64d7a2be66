"""Files that cannot be imported are rejected with one sentence, and not imported in part."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.makers import line, write_log
from tests.tracker.machines import FORMS, Computer
from tests.tracker.worlds import World, figures

from spendlight.tracker.entry_files import write_csv
from spendlight.tracker.entry_rows import EntryRow, ImportFileError
from spendlight.tracker.questions.selection import EVERYTHING


@pytest.fixture
def desk(world: World) -> Computer:
    desk = Computer(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line(), line(id="b", costUSD=0.5), line(id="c"))
    return desk.read()


@pytest.fixture
def lap(world: World) -> Computer:
    lap = Computer(world, "lap")
    write_log(lap.roots[0], "p/s.jsonl", line(id="own"))
    return lap.read()


@pytest.fixture
def untouched(lap: Computer) -> Iterator[Computer]:
    """A machine whose ledger must not change."""
    before = figures(lap.tracker), lap.rows()
    yield lap
    assert (figures(lap.tracker), lap.rows()) == before
    assert lap.tracker.imported() == {}


def refusal(untouched: Computer, path: Path) -> str:
    """Return why a file is not imported."""
    with pytest.raises(ImportFileError) as refused:
        untouched.take_in(path)
    title = refused.value.title
    assert title.startswith(f"{path} was not imported: ")
    return title.removeprefix(f"{path} was not imported: ")


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_a_file_truncated_anywhere_is_rejected(
    desk: Computer, untouched: Computer, form: str
) -> None:
    path = desk.export(form)
    whole = path.read_bytes()

    for length in range(0, len(whole) - 2, max(1, len(whole) // 60)):
        path.write_bytes(whole[:length])
        refusal(untouched, path)


def test_a_table_truncated_within_a_line_is_rejected(desk: Computer, untouched: Computer) -> None:
    path = desk.export("csv")
    whole = path.read_bytes()

    for length in range(0, len(whole), 7):
        if whole[length - 1 : length] == b"\n":
            continue
        path.write_bytes(whole[:length])
        refusal(untouched, path)


def test_a_table_truncated_between_lines_is_imported_and_completed_later(
    desk: Computer, lap: Computer
) -> None:
    path = desk.export("csv")
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:3]))
    (part,) = lap.take_in(path)

    path.write_text(whole)
    (rest,) = lap.take_in(path)

    assert (part.entries, part.new_answers) == (2, 2)
    assert (rest.entries, rest.new_answers) == (3, 1)


def change_json(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the contents of a file, and write it in Spendlight's layout."""
    document = json.loads(path.read_bytes())
    change(document)
    rows = ",\n".join(json.dumps(row) for row in document.pop("entries"))
    count = document.pop("count")
    head = json.dumps(document)[:-1]
    path.write_text(f'{head},"entries":[\n{rows}\n],"count":{count}}}\n')


def change_row(**changes: object) -> Callable[[dict[str, object]], None]:
    def change(document: dict[str, object]) -> None:
        rows = document["entries"]
        assert isinstance(rows, list)
        rows[1] |= changes

    return change


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"inputTokens": -1}, "entry 2 is not valid"),
        ({"inputTokens": 2**32}, "one answer cannot have 4,294,967,296 tokens"),
        ({"inputTokens": 2**63 - 1}, "entry 2 is not valid"),
        ({"inputTokens": 10**400}, "entry 2 is not valid"),
        ({"webSearchRequests": 2**32}, "one answer cannot have"),
        ({"offset": 2**63 - 1}, "entry 2 is not valid"),
        ({"recordedCost": -1e7}, "one answer cannot have cost"),
        ({"recordedCost": 1e308}, "entry 2 is not valid"),
        ({"inputTokens": "7"}, "entry 2 is not valid"),
        ({"offset": -1}, "entry 2 is not valid"),
        ({"answer": "f" * 16}, "entry 2 is not valid"),
        ({"answer": 5}, "entry 2 is not valid"),
        ({"request": ""}, "entry 2 is not valid"),
        ({"machineId": "desk"}, "entry 2 is not valid"),
        ({"machine": ""}, "entry 2 is not valid"),
        ({"path": "/etc/passwd"}, "entry 2 is not valid"),
        ({"path": "/a.jsonl", "machine": "two\nlines"}, "is not a valid machine name"),
        ({"path": "/a.jsonl", "machine": "one,two"}, "is not a valid machine name"),
        ({"timestamp": "yesterday"}, "'yesterday' is not a time"),
        ({"timestamp": "2026-03-01T12:00:00"}, "'2026-03-01T12:00:00' is not a time"),
        ({"timestamp": "1969-12-31T23:59:59Z"}, "is out of range"),
        ({"timestamp": "2200-01-01T00:00:00Z"}, "is out of range"),
        ({"timestamp": "9999-12-31T23:59:59-23:59"}, "is out of range"),
        ({"timestamp": "0001-01-01T00:00:00+23:59"}, "is out of range"),
        ({"limitReset": "9999-12-31T23:59:59Z"}, "is out of range"),
        ({"limitReset": "soon"}, "'soon' is not a time"),
        ({"role": "judge"}, "unknown role 'judge'"),
    ],
)
def test_an_impossible_entry_is_rejected(
    desk: Computer, untouched: Computer, changes: dict[str, object], reason: str
) -> None:
    path = desk.export()
    change_json(path, change_row(**changes))

    assert reason in refusal(untouched, path)


@pytest.mark.parametrize("cost", ["nan", "inf"])
def test_an_invalid_cost_is_rejected(desk: Computer, untouched: Computer, cost: str) -> None:
    path = desk.export("csv")
    path.write_text(path.read_text().replace(",0.5,0.5,", f",0.5,{cost},"))

    assert refusal(untouched, path).startswith("entry 2 is not valid: Expected `float`")


def test_an_incomplete_entry_is_rejected(desk: Computer, untouched: Computer) -> None:
    path = desk.export("csv")
    path.write_text(path.read_text().replace(",outputTokens,", ",outputs,"))

    assert "outputTokens" in refusal(untouched, path)


def newer_json(path: Path) -> None:
    change_json(path, lambda document: document.update(version=2))


def newer_csv(path: Path) -> None:
    path.write_text(path.read_text().replace(",2\n", ",3\n"))


def newer_parquet(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"spendlight": "entries 2"}), path)


@pytest.mark.parametrize(
    ("form", "renew"), [("json", newer_json), ("csv", newer_csv), ("parquet", newer_parquet)]
)
def test_a_file_from_a_newer_version_is_rejected_with_advice(
    desk: Computer, untouched: Computer, form: str, renew: Callable[[Path], None]
) -> None:
    path = desk.export(form)
    renew(path)

    known = 2 if form == "csv" else 1
    assert (
        refusal(untouched, path)
        == f"it was written by a newer version of Spendlight (format {known + 1}; "
        f"this version reads up to {known})"
    )


FOREIGN = (
    b"",
    b"{}",
    b"{\n}\n",
    b"[1, 2]",
    b'{"daily": [], "totals": {}}',
    b'{"spendlight": "settings", "version": 1}',
    b'{"entries":[\n{"a": 1}\n],"count":1}\n',
    b"date,totalTokens\n2026-03-01,5\n",
    b"\xff\xfe\x00 no text",
    b'{"a":' * 200_000,
    b'{"spendlight": "entries", "version": 1, "machine": ' + b"[" * 200_000,
    b'{"spendlight": "entries", "version": 1, "entries":[\n' + b'{"a":' * 200_000 + b"\n",
    b'{"spendlight": "entries", "version": ' + b"9" * 5000 + b', "entries":[\n],"count":0}\n',
    b"PAR1",
    b"PAR1 but nothing else PAR1",
)


@pytest.mark.parametrize("content", FOREIGN)
def test_anything_but_an_export_is_rejected(untouched: Computer, content: bytes) -> None:
    path = untouched.world.place / "foreign"
    path.write_bytes(content)

    refusal(untouched, path)


def test_parquet_of_another_program_is_rejected(untouched: Computer) -> None:
    path = untouched.world.place / "foreign.parquet"
    pq.write_table(pa.table({"date": ["2026-03-01"]}), path)

    assert refusal(untouched, path) == "it contains no entries exported by Spendlight"


def test_an_unreadable_file_is_rejected(untouched: Computer) -> None:
    assert refusal(untouched, untouched.world.place) == "Is a directory"
    assert refusal(untouched, untouched.world.place / "nowhere") == "No such file or directory"


@pytest.mark.parametrize("first", [b"\0", b"{", b"PAR1", b'{"entries":[\n', b"spendlightEntries\n"])
def test_an_endless_file_is_not_read_completely(untouched: Computer, first: bytes) -> None:
    path = untouched.world.place / "endless"
    with path.open("wb") as file:
        file.write(first)
        file.truncate(1 << 40)

    assert refusal(untouched, path)


@pytest.mark.skipif(os.name == "nt", reason="makes what only POSIX has")
def test_anything_but_a_file_is_rejected(untouched: Computer) -> None:
    fifo = untouched.world.place / "fifo"
    os.mkfifo(fifo)

    assert refusal(untouched, fifo) == "it is not a regular file"
    assert refusal(untouched, Path("/dev/zero")) == "it is not a regular file"


NAMES = (
    "=1+1",
    "-w-app",
    "+4",
    "@sum",
    "'quoted",
    "''",
    "'=x",
    'a"b',
    "a,b",
    "tüte",
    "\uff1d1",
    "plain",
)


@pytest.mark.parametrize("is_raw", [False, True])
def test_a_table_with_names_like_formulas_is_read_back_exactly(
    world: World, lap: Computer, *, is_raw: bool
) -> None:
    desk = Computer(world, "desk")
    for number, name in enumerate(NAMES):
        made = line(id=f"m{number}", requestId=f"r{number}", model=name)
        write_log(desk.roots[0], f"{name}/{name}\t\r\n.jsonl", made)
    desk.read()
    path = world.place / "all.csv"
    with path.open("wb") as sink:
        desk.tracker.export_entries(
            EVERYTHING, lambda export: write_csv(export.rows, sink, is_raw=is_raw)
        )

    cells = [cell for row in csv.reader(path.read_text().splitlines()) for cell in row]
    assert any(cell.startswith(("=", "+", "-", "@")) for cell in cells) is is_raw

    lap.take_in(path)

    assert [row for row in lap.rows() if row.machine == "desk"] == desk.rows()


@pytest.mark.parametrize("indent", [None, 2])
def test_reformatted_json_is_read(desk: Computer, lap: Computer, indent: int | None) -> None:
    path = desk.export()
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps(document, indent=indent))

    (done,) = lap.take_in(path)

    assert done.entries == 3
    document["entries"].pop()
    path.write_text(json.dumps(document, indent=indent))
    with pytest.raises(ImportFileError, match="it ends too early"):
        lap.take_in(path)


def test_a_table_saved_by_a_spreadsheet_is_read(desk: Computer, lap: Computer) -> None:
    path = desk.export("csv")
    text = path.read_text().replace("\n", "\r\n").replace("true", "TRUE").replace("false", "FALSE")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())

    (done,) = lap.take_in(path)

    assert done.entries == 3
    assert [row for row in lap.rows() if row.machine == "desk"] == desk.rows()


@pytest.mark.parametrize("form", FORMS)
def test_the_format_of_a_file_is_recognized_by_its_contents(
    desk: Computer, lap: Computer, form: str
) -> None:
    path = desk.export(form)
    other = path.rename(path.with_suffix(".backup"))

    assert lap.take_in(other)[0].entries == 3


def test_every_entry_is_one_line_without_superfluous_fields(
    desk: Computer,
) -> None:
    first, *entries, last, end = desk.export().read_text().split("\n")

    assert json.loads(f"{first}]}}") | {"entries": [], "exportedAt": "", "machineId": ""} == {
        "spendlight": "entries",
        "version": 1,
        "exportedAt": "",
        "machine": "desk",
        "machineId": "",
        "entries": [],
    }
    assert [json.loads(text.removesuffix(","))["outputTokens"] for text in entries] == [400] * 3
    assert (last, end) == ('],"count":3}', "")
    assert "recordedCost" not in json.loads(entries[0].removesuffix(","))


def test_parquet_keeps_moments_and_numbers_as_such(desk: Computer) -> None:
    schema = pq.read_schema(desk.export("parquet"))

    assert schema.field("timestamp").type == pa.timestamp("ms", tz="UTC")
    assert schema.field("limitReset").type == pa.timestamp("ms", tz="UTC")
    assert schema.field("inputTokens").type == pa.int64()
    assert schema.field("cost").type == pa.float64()
    assert schema.field("isCounted").type == pa.bool_()
    assert len(schema) == len(EntryRow.__struct_fields__)


def test_without_pyarrow_parquet_is_rejected_with_advice(
    desk: Computer, lap: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.export("parquet")
    monkeypatch.setattr(sys.modules["spendlight.tracker.parquet"], "pa", None)

    with pytest.raises(Exception, match=r"pip install 'spendlight\[parquet\]'"):
        lap.take_in(path)
