from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from pyarrow import parquet
from PySide6.QtWidgets import QFileDialog
from tests.desktop.makers import make_report
from tests.desktop.window.conftest import Shown

from spendlight.desktop.window.export import as_csv, as_json, as_markdown, write_table
from spendlight.desktop.window.pages import PageKey
from spendlight.metering.reports import Column

REPORT = make_report(2.0, 30_000.5)


def test_csv_contains_plain_numbers() -> None:
    first, second, _ = csv.reader(as_csv(REPORT.columns, REPORT.rows).splitlines())

    assert first[0] == "Day"
    assert second[0] == "2026-08-01"
    assert second[-1] == "2.000000"


def test_csv_contains_no_formulas() -> None:
    column: Column[str] = Column("Name", str, str)

    text = as_csv([column], ["=2+3", "@sum", "-home-ada", "\t=1", "plain, with a comma"])

    assert text.splitlines() == [
        "Name",
        "'=2+3",
        "'@sum",
        "'-home-ada",
        "'\t=1",
        '"plain, with a comma"',
    ]


def test_a_negative_number_is_not_quoted() -> None:
    column: Column[float] = Column("Cost", float, str, is_number=True)

    assert as_csv([column], [-2.5]).splitlines() == ["Cost", "-2.500000"]


def test_html_in_a_text_is_escaped() -> None:
    column: Column[str] = Column("Name", str, str)

    assert as_markdown([column], ["<b>x</b> | \\"]).splitlines()[2] == "| \\<b>x\\</b> \\| \\\\ |"


def test_json_is_a_list_of_objects() -> None:
    rows = json.loads(as_json(REPORT.columns, REPORT.rows))

    assert [row["cost"] for row in rows] == [2.0, 30_000.5]
    assert rows[0]["total_tokens"] == 1_000


def test_markdown_is_a_table_with_numbers_to_the_right() -> None:
    lines = as_markdown(REPORT.columns, REPORT.rows).splitlines()

    assert lines[1].startswith("|---|---|---:|")
    assert lines[3].endswith("| $30,000.50 |")


def test_a_bar_in_a_name_is_escaped() -> None:
    column: Column[str] = Column("Name", str, str)

    assert as_markdown([column], ["a|b"]).splitlines()[-1] == "| a\\|b |"


def test_parquet_keeps_days_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"

    write_table(path, REPORT.columns, REPORT.rows)

    table = parquet.read_table(path)
    assert table.column("cost").to_pylist() == [2.0, 30_000.5]
    assert str(table.schema.field("day").type) == "date32[day]"


def test_a_name_without_a_known_ending_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not end with any of"):
        write_table(tmp_path / "table.doc", REPORT.columns, REPORT.rows)


@pytest.mark.parametrize("ending", ["csv", "json", "md", "parquet"])
def test_a_page_is_exported_to_the_chosen_file(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"table.{ending}"
    answer = (str(path), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    shown.window.show_page(PageKey.PROJECTS)

    shown.window.export_table()

    assert path.stat().st_size > 0


def test_a_name_without_an_ending_gets_one(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (str(tmp_path / "table"), "JSON (*.json)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    shown.window.show_page(PageKey.PROJECTS)

    shown.window.export_table()

    assert len(json.loads((tmp_path / "table.json").read_text())) == 3


def test_a_failed_export_is_reported(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (str(tmp_path / "none" / "table.csv"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    shown.window.show_page(PageKey.PROJECTS)

    shown.window.export_table()

    assert any(text.startswith("The file was not written") for text in shown.texts())


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_chart_of_a_page_is_saved(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"chart.{ending}"
    answer = (str(path), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    shown.window.show_page(PageKey.PROJECTS)

    shown.window.save_picture()

    assert path.stat().st_size > 500


def test_nothing_is_written_if_the_user_cancels(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))

    with shown.qtbot.assertNotEmitted(shown.window.work_requested):
        shown.window.export_table()
        shown.window.save_picture()
