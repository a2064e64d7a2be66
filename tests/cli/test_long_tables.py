"""A long table looks exactly as rendered by rich, at a fraction of the cost."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text
from tests.cli.test_tables import SPENDING, blocks, report, sessions

from spendlight.cli import tables
from spendlight.cli.tables import Look
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.periods import Period
from spendlight.metering.reports import PeriodRow, Report, SessionRow, period_columns
from spendlight.metering.slices import Spending

words = st.text("ab-/ \u65e5\u672c\U0001f600\u00e9", max_size=40)
counts = st.integers(0, 10**12)


def draw(
    shown: Report[Any],
    width: int,
    least: int,
    monkeypatch: pytest.MonkeyPatch,
    **look: Any,  # noqa: ANN401  # any look
) -> list[Text]:
    """Return the lines of a report with their styles; from *least* lines on it is drawn fast."""
    sink = io.StringIO()
    console = Console(
        file=sink, width=width, force_terminal=True, color_system="standard", highlight=False
    )
    with monkeypatch.context() as patched:
        patched.setattr(tables, "MANY_LINES", least)
        console.print(tables.table(shown, Look(**look), width))
    return list(Text.from_ansi(sink.getvalue()).split("\n"))


def looks(lines: Sequence[Text]) -> list[list[tuple[str, str]]]:
    """Return each letter with its style; a blank looks the same in bold."""
    return [
        [
            (letter, str(line.get_style_at_offset(CONSOLE, at)) if letter != " " else "")
            for at, letter in enumerate(line.plain)
        ]
        for line in lines
    ]


CONSOLE = Console()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(words, words, counts), min_size=1, max_size=6),
    st.sampled_from([24, 31, 40, 55, 70, 80, 100, 130, 200]),
    st.booleans(),
)
def test_sessions_of_any_name_look_as_rendered_by_rich(
    found: list[tuple[str, str, int]],
    width: int,
    has_breakdown: bool,  # noqa: FBT001  # made up
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        rows = [
            SessionRow(
                SessionName("p", project, session),
                SPENDING._replace(tokens=TokenCounts(count, 2, 3)),
            )
            for project, session, count in found
        ]
        shown = sessions()._replace(rows=tuple(rows))

        by_rich = draw(shown, width, 10**9, monkeypatch, has_breakdown=has_breakdown)
        by_us = draw(shown, width, 0, monkeypatch, has_breakdown=has_breakdown)

    assert [line.plain for line in by_us] == [line.plain for line in by_rich]
    assert looks(by_us) == looks(by_rich)


@pytest.mark.parametrize("width", range(18, 140, 7))
def test_blocks_and_days_look_as_rendered_by_rich(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    days = report(
        [PeriodRow(date(2026, 3, day), SPENDING, f"-w-{day % 2}") for day in range(1, 9)],
        period_columns(Period.DAY),
    )

    for shown in (blocks(), blocks(limit_tokens=5000), days):
        by_rich, by_us = (draw(shown, width, least, monkeypatch) for least in (10**9, 0))
        assert [line.plain for line in by_us] == [line.plain for line in by_rich]
        assert looks(by_us) == looks(by_rich)


def test_a_row_of_a_long_table_takes_a_hundredth_of_the_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = SessionRow(SessionName("p", "-home-ada-engine", "s"), Spending(TokenCounts(1, 2, 3)))
    shown = sessions()._replace(rows=(row,) * 200)
    draw(shown, 100, 0, monkeypatch)

    def calls(least: int) -> int:
        count = 0

        def note(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event == "call"

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            draw(shown, 100, least, monkeypatch)
        finally:
            sys.setprofile(before)
        return count

    assert calls(0) * 10 < calls(10**9)
