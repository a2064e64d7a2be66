from __future__ import annotations

from datetime import UTC

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_report

from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.tables import VITAL_ROLE, ReportModel, TotalModel

ROLE = Qt.ItemDataRole
COST = 7


@pytest.fixture
def model(qtbot: QtBot) -> ReportModel:  # noqa: ARG001  # needs an application
    """A model with three days: $2, $3 and $1."""
    model = ReportModel(Formats(UTC))
    model.show_report(make_report(2.0, 3.0, 1.0))
    return model


def column_texts(model: ReportModel, column: int) -> list[object]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_the_model_obeys_the_rules_of_qt(qtmodeltester: ModelTester, model: ReportModel) -> None:
    model.sort(COST)
    model.show_report(make_report(2.0, 3.0, 1.0))
    model.show_report(make_report(1.0))

    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("costs", [(), (1.0, 2.0)])
def test_the_model_of_the_sums_obeys_the_rules_of_qt(
    qtmodeltester: ModelTester, costs: tuple[float, ...]
) -> None:
    model = TotalModel(Formats(UTC))
    model.show_report(make_report(*costs))

    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_it_shows_the_columns_of_the_report(model: ReportModel) -> None:
    headings = [
        model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())
    ]

    assert headings == [
        "Day",
        "Models",
        "Input",
        "Output",
        "Cache write",
        "Cache read",
        "Total tokens",
        "Cost",
    ]
    assert model.headerData(0, Qt.Orientation.Horizontal, VITAL_ROLE) is True
    assert model.headerData(4, Qt.Orientation.Horizontal, VITAL_ROLE) is False
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.headerData(99, Qt.Orientation.Horizontal) is None


def test_large_counts_are_short_and_exact_in_the_tooltip(model: ReportModel) -> None:
    cell = model.index(2, 2)

    assert cell.data() == "3.00 k"
    assert cell.data(ROLE.ToolTipRole) == "3,000"


def test_numbers_are_aligned_to_the_right(model: ReportModel) -> None:
    for column, side in ((0, Qt.AlignmentFlag.AlignLeft), (COST, Qt.AlignmentFlag.AlignRight)):
        assert model.index(0, column).data(ROLE.TextAlignmentRole) & side
        heading = model.headerData(column, Qt.Orientation.Horizontal, ROLE.TextAlignmentRole)
        assert isinstance(heading, Qt.AlignmentFlag)
        assert heading & side


def test_it_sorts_by_value_and_not_alphabetically(model: ReportModel) -> None:
    model.show_report(make_report(9.0, 10.0, 1_000.0, 0.001))

    model.sort(COST, Qt.SortOrder.DescendingOrder)

    assert column_texts(model, COST) == ["$1,000.00", "$10.00", "$9.00", "$0.0010"]


def test_a_new_report_keeps_the_sort_order(model: ReportModel) -> None:
    model.sort(COST, Qt.SortOrder.AscendingOrder)

    model.show_report(make_report(5.0, 6.0, 4.0, 7.0))

    assert column_texts(model, COST) == ["$4.00", "$5.00", "$6.00", "$7.00"]


def test_sorting_preserves_the_selection(model: ReportModel) -> None:
    dearest = QPersistentModelIndex(model.index(1, COST))

    model.sort(COST, Qt.SortOrder.DescendingOrder)

    assert dearest.row() == 0
    assert dearest.data() == "$3.00"


def test_new_figures_of_the_same_days_do_not_reset_the_model(
    qtbot: QtBot, model: ReportModel
) -> None:
    with (
        qtbot.assertNotEmitted(model.modelReset),
        qtbot.waitSignal(model.dataChanged),
    ):
        model.show_report(make_report(2.0, 3.0, 1.5))

    assert column_texts(model, COST) == ["$2.00", "$3.00", "$1.50"]


def test_a_new_day_is_a_new_row(qtbot: QtBot, model: ReportModel) -> None:
    with qtbot.waitSignal(model.modelReset):
        model.show_report(make_report(2.0, 3.0, 1.0, 4.0))

    assert model.rowCount() == 4


def test_an_empty_report_has_no_rows(model: ReportModel) -> None:
    model.show_report(make_report())
    model.show_report(make_report())

    assert model.rowCount() == 0


def test_copied_numbers_are_plain_numbers(model: ReportModel) -> None:
    assert model.tsv([0]).splitlines() == [
        "Day\tModels\tInput\tOutput\tCache write\tCache read\tTotal tokens\tCost",
        "2026-08-01\topus-4-5\t1000\t0\t0\t0\t1000\t2.000000",
    ]


def test_without_a_selection_everything_is_copied(model: ReportModel) -> None:
    assert len(model.tsv([]).splitlines()) == 4


def test_sums_are_shown_below_numeric_columns_only() -> None:
    total = TotalModel(Formats(UTC))
    total.show_report(make_report(1.0, 2.5))

    texts = [total.index(0, column).data() for column in range(total.columnCount())]

    assert texts == ["Total", None, "3.00 k", "0", "0", "0", "3.00 k", "$3.50"]
    assert total.index(0, 2).data(ROLE.ToolTipRole) == "3,000"


def test_several_models_share_one_line(model: ReportModel) -> None:
    report = make_report(1.0)
    spending = report.rows[0].spending
    second = spending.models[0]._replace(label="claude-haiku-4-5")
    row = report.rows[0]._replace(spending=spending._replace(models=(*spending.models, second)))

    model.show_report(report._replace(rows=(row,)))

    assert model.index(0, 1).data() == "opus-4-5, haiku-4-5"
