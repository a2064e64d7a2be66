from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from tests.desktop.makers import NOON, make_snapshot, make_spending

from spendlight.desktop import words
from spendlight.desktop.words import Situation
from spendlight.desktop.words.tray import MENU_CHARS, TOOLTIP_CHARS
from spendlight.errors import LedgerBusyError, LedgerOutOfUseError, LedgerUnusableError, UsageError
from spendlight.metering.budgets import Budget, BudgetPeriod, BudgetState, Severity
from spendlight.metering.pricing import PriceSource
from spendlight.settings import TrayText
from spendlight.tracker.snapshot import DataState, ScanProgress
from spendlight.tracker.team.publishing_failure import PublishingFailure

TEN_MINUTES = timedelta(minutes=10)
HALF_READ = ScanProgress(files_done=120, files_total=300, bytes_done=41, bytes_total=100)


def situation(now: object = NOON, **others: object) -> Situation:
    return replace(Situation(NOON, make_snapshot(), zone=UTC), now=now, **others)  # type: ignore[arg-type]


def test_the_rows_show_the_block_and_the_day() -> None:
    texts = words.tray_texts(situation())

    assert texts.rows == (
        ("Block $3.75 · $1.20/h · ends 14:00", "now"),
        ("Today $9.10", "history"),
    )


def test_the_tooltip_contains_the_rows_and_the_source_of_prices() -> None:
    assert words.tray_texts(situation()).tooltip.splitlines() == [
        "Block $3.75 · $1.20/h · ends 14:00",
        "Today $9.10",
        "List price · last answer 11:55",
    ]


def test_a_block_with_one_answer_has_no_rate() -> None:
    snapshot = make_snapshot(first_at=NOON, last_at=NOON)

    assert words.block_row(situation(snapshot=snapshot)) == "Block $3.75 · ends 14:00"


def test_times_in_texts_are_in_the_users_time_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))

    assert words.block_row(situation(zone=india)).endswith("ends 19:30")


def test_an_unknown_price_is_not_shown_as_free() -> None:
    model = make_spending().models[0]._replace(is_priced=False, cost=0.0)
    snapshot = make_snapshot()._replace(today=make_spending(2.0)._replace(models=(model,)))

    assert words.today_row(situation(snapshot=snapshot)) == "Today $2.00 + ?"


def test_each_state_of_missing_data_has_its_own_text() -> None:
    rows = {
        words.block_row(situation(snapshot=make_snapshot(state=state))) for state in DataState
    } | {
        words.block_row(situation(snapshot=None)),
        words.block_row(situation(snapshot=None, error=LedgerBusyError("x"))),
    }

    assert rows == {
        "No coding agent found",
        "No usage yet",
        "No active block",
        "Block $3.75 · $1.20/h · ends 14:00",
        "Reading logs…",
        "The usage ledger is busy",
    }


@pytest.mark.parametrize("state", [DataState.NO_CLAUDE, DataState.NO_LOGS])
def test_without_usage_no_amount_is_shown(state: DataState) -> None:
    nothing = situation(snapshot=make_snapshot(state=state))

    assert "$" not in words.tray_texts(nothing).tooltip
    assert words.today_row(nothing) == ""
    assert words.cards(nothing) == ()
    assert words.price_line(nothing) == ""
    assert words.empty_state(nothing) is not None


def test_without_an_active_block_the_card_says_when_the_last_answer_was() -> None:
    idle = make_snapshot(state=DataState.IDLE, last_at=NOON - timedelta(days=1))

    block, rate, today = words.cards(situation(snapshot=idle))

    assert block == ("This block", "–", "last answer yesterday 12:00")
    assert rate == ("Burn rate", "–", "no active block")
    assert today == ("Today", "$9.10", "1.28 M tokens")


def test_the_cards_show_the_projection_of_the_block() -> None:
    block, rate, _ = words.cards(situation())

    assert block == ("This block", "$3.75", "ends 14:00 · 2:00 left")
    assert rate == ("Burn rate", "$1.20/h", "$6.15 by 14:00 at this rate")


def test_an_older_day_is_shown_with_its_date() -> None:
    assert situation().clock(NOON - timedelta(days=8)) == "2026-07-30 12:00"


def test_after_a_failure_the_last_figures_stay_with_their_age() -> None:
    failed = situation(NOON + TEN_MINUTES, error=LedgerBusyError("ledger"))

    texts, notice = words.tray_texts(failed), words.notice(failed)

    assert texts.rows[1].text == "Today $9.10"
    assert texts.tooltip.endswith("\nNot updated since 12:00, 10 min ago")
    assert words.is_old(failed)
    assert notice is not None
    assert notice.title == "The usage ledger is busy"
    assert notice.advice.startswith("These figures are from 12:00, 10 min ago. Another process")


@pytest.mark.parametrize(
    ("age", "words_for_it"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=5), "5 days ago"),
    ],
)
def test_the_age_has_a_suitable_unit(age: timedelta, words_for_it: str) -> None:
    old = situation(NOON + age, error=LedgerBusyError("ledger"))

    assert words_for_it in words.tray_texts(old).tooltip


def test_figures_of_yesterday_are_not_called_todays() -> None:
    old = situation(NOON + timedelta(days=1), error=LedgerBusyError("ledger"))

    assert words.today_row(old) == "2026-08-07 $9.10"


def test_figures_age_without_a_failure() -> None:
    assert words.is_old(situation(NOON + TEN_MINUTES))
    assert not words.is_old(situation(NOON + timedelta(minutes=1)))


def test_a_bug_is_called_one() -> None:
    empty = words.empty_state(situation(snapshot=None, error=ZeroDivisionError("oops")))

    assert empty is not None
    assert empty.title == "Unexpected error: ZeroDivisionError('oops')"
    assert "bug in Spendlight." in empty.advice


def test_the_first_scan_shows_its_progress() -> None:
    first = situation(snapshot=None, progress=HALF_READ)

    assert words.block_row(first) == "Reading logs… 41 %"
    assert words.progress_text(HALF_READ) == "120 of 300 files"


def test_early_figures_are_marked_as_incomplete() -> None:
    early = words.tray_texts(situation(progress=HALF_READ))

    assert early.rows[1].text == "Today $9.10"
    assert early.tooltip.endswith("\nReading logs… 41 %")


def test_figures_of_a_cancelled_scan_are_called_too_low() -> None:
    notice = words.notice(situation(is_cut_short=True))

    assert notice is not None
    assert "incomplete" in notice.title
    assert words.tray_texts(situation(is_cut_short=True)).tooltip.endswith(
        "Not all logs have been read"
    )


def test_a_usage_limit_is_shown_with_its_end() -> None:
    limited = situation(snapshot=make_snapshot(limit_reset=NOON + timedelta(hours=1)))

    assert words.tray_texts(limited).tooltip.endswith("\nUsage limit until 13:00")
    assert words.notice(limited) == ("The usage limit is reached until 13:00", "")


def test_a_past_usage_limit_is_not_shown() -> None:
    over = situation(snapshot=make_snapshot(limit_reset=NOON - timedelta(minutes=1)))

    assert words.limit_reset(over) is None
    assert words.notice(over) is None


def test_warnings_of_the_tracker_are_shown() -> None:
    warned = situation(warnings=(UsageError("The ledger is temporary", "Free some space."),))

    assert words.notice(warned) == ("The ledger is temporary", "Free some space.")


def test_the_tooltip_fits_into_the_limit_of_windows() -> None:
    long = UsageError("A title that goes on and on " * 10)
    snapshot = make_snapshot(block_cost=123_456.78, today_cost=9_876_543.21)

    for unlucky in (
        situation(snapshot=None, error=long),
        situation(NOON + timedelta(days=40), snapshot=snapshot, error=long),
    ):
        tooltip = words.tray_texts(unlucky).tooltip
        assert len(tooltip) <= 127
        assert len(tooltip.splitlines()) <= 3


def test_a_temporary_ledger_is_mentioned_in_tooltip_menu_and_window() -> None:
    cause = LedgerUnusableError("/home/me/.local/share/spendlight", "database or disk is full")
    others = [budget(0.41)]
    warned = with_budgets(*others, warnings=(LedgerOutOfUseError(cause, "/home/me/.local/state"),))

    texts = words.tray_texts(warned)
    notice = words.notice(warned)

    assert texts.rows[-1] == ("Temporary ledger: database or disk is full", "now")
    assert texts.tooltip.endswith("\nTemporary ledger: database or disk is full")
    assert len(texts.tooltip) <= 127
    assert notice is not None
    assert "disk is full" in notice.title
    assert "/home/me/.local/state" in notice.advice


def test_that_publishing_fails_is_in_tooltip_menu_and_window() -> None:
    reason = "it contains no team; is it connected or mounted? " + "x" * 200
    failing = situation(unpublished=PublishingFailure(NOON - timedelta(hours=2), reason))

    texts = words.tray_texts(failing)
    told = words.notice(failing)

    line = texts.tooltip.splitlines()[-1]
    assert line.startswith("Not published since 10:00: it contains no team")
    assert len(texts.tooltip) <= TOOLTIP_CHARS
    assert line[:50] in texts.rows[-1].text
    assert len(texts.rows[-1].text) <= MENU_CHARS
    assert told is not None
    assert told.title == "New usage has not been published to the team since 10:00"
    assert told.advice.startswith("It contains no team")


def test_the_share_of_a_block_is_that_of_its_elapsed_time() -> None:
    assert words.share_of_block(situation()) == pytest.approx(0.6)
    assert words.share_of_block(situation(NOON + timedelta(hours=3))) is None
    assert words.share_of_block(situation(NOON - timedelta(hours=5))) is None


def test_the_title_shows_the_days_cost() -> None:
    assert words.window_title(situation()) == "Today $9.10 – Spendlight"
    assert words.window_title(situation(snapshot=None)) == "Spendlight"


def test_the_source_of_the_prices_is_named() -> None:
    assert (
        words.price_line(situation())
        == "List price, not a bill · LiteLLM list from 2026-08-01, shipped · last answer 11:55"
    )


def test_a_users_own_price_list_is_named_before_the_other() -> None:
    below = make_snapshot().prices
    source = PriceSource("/my.json", overridden=2, below=below)

    assert (
        words.price_words(source)
        == "/my.json, on top of LiteLLM list from 2026-08-01, shipped, 2 overridden"
    )


def test_the_settings_list_own_prices_that_are_not_used() -> None:
    source = PriceSource(
        "test list", refused=(("new\x1b", "output_cost_per_token is not a price"),)
    )

    assert (
        words.price_details(source)
        == "test list\nIgnored in your price list: new\\x1b: output_cost_per_token is not a price"
    )
    assert words.price_details(source._replace(refused=())) == "test list"


@pytest.mark.parametrize("desktop", ["GNOME", "ubuntu:GNOME"])
def test_on_gnome_the_hint_names_the_extension(desktop: str) -> None:
    assert "AppIndicator" in words.no_tray_hint(desktop).advice


def test_on_other_desktops_the_hint_names_no_extension() -> None:
    assert "AppIndicator" not in words.no_tray_hint("XFCE").advice


def budget(share: float, **changes: Any) -> BudgetState:  # noqa: ANN401  # any field
    told: dict[str, Any] = {
        "budget": Budget(name="block", amount=10.0),
        "used": 10.0 * share,
        "instance": "block",
    }
    return BudgetState(**(told | changes))


def with_budgets(*budgets: BudgetState, **others: object) -> Situation:
    return situation(snapshot=make_snapshot()._replace(budgets=budgets), **others)


def test_a_budget_is_shown_in_a_row_and_in_the_ring() -> None:
    now = with_budgets(budget(0.41, projected=8.0))

    texts = words.tray_texts(now)

    assert texts.rows[1] == ("Block budget 41 % of $10.00 · lasts", "now")
    assert words.share_of_ring(now) == pytest.approx(0.41)
    assert words.severity(now) is None


def test_a_budget_that_will_not_last_is_a_warning() -> None:
    state = budget(0.6, projected=12.0, exhausted_at=NOON + timedelta(hours=1))
    now = with_budgets(state)

    assert words.tray_texts(now).rows[1].text.endswith("runs out at 13:00 at this rate")
    assert words.severity(now) is Severity.WARN


def test_a_spent_budget_is_critical() -> None:
    now = with_budgets(budget(1.2))

    assert words.tray_texts(now).rows[1].text == "Block budget $12.00 of $10.00 · used up"
    assert words.share_of_ring(now) == 1.0
    assert words.severity(now) is Severity.CRITICAL


def test_without_a_budget_the_ring_shows_the_blocks_time() -> None:
    now = with_budgets()

    assert words.share_of_ring(now) == words.share_of_block(now)


@pytest.mark.parametrize(
    ("beside", "text", "first"),
    [
        (TrayText.BLOCK_COST, "$3.75", "Block"),
        (TrayText.TODAY_COST, "$9.10", "Today"),
        (TrayText.PERCENT, "41 %", "Block budget"),
        (TrayText.TIME_LEFT, "2:00", "2:00 left · Block $3.75 · $1.20/h · ends 14:00"),
        (TrayText.BURN, "$1.20/h", "$1.20/h · Block $3.75 · ends 14:00"),
        (TrayText.ICON_ONLY, "", "Block"),
    ],
)
def test_the_chosen_figure_is_beside_the_icon_and_first_in_the_menu(
    beside: TrayText, text: str, first: str
) -> None:
    texts = words.tray_texts(with_budgets(budget(0.41), beside=beside))

    assert texts.beside == text
    assert texts.rows[0].text.startswith(first)


def test_without_a_budget_the_percentage_is_the_blocks() -> None:
    texts = words.tray_texts(situation(beside=TrayText.PERCENT))

    assert texts.beside == "60 %"
    assert texts.rows[0].text == "60 % of the block · Block $3.75 · $1.20/h · ends 14:00"
    assert texts.tooltip.startswith(texts.rows[0].text)


def test_only_the_budgets_with_the_shortest_and_longest_period_have_rows() -> None:
    budgets = [budget(0.41)] + [
        replace(budget(share), budget=Budget(name=period, amount=10.0, period=period))
        for period, share in (
            (BudgetPeriod.MONTH, 0.3),
            (BudgetPeriod.DAY, 0.2),
            (BudgetPeriod.WEEK, 0.1),
        )
    ]

    rows = words.tray_texts(with_budgets(*budgets)).rows

    assert [(row.text.split(" % ")[0], row.page) for row in rows[1:3]] == [
        ("Block budget 41", "now"),
        ("Month budget 30", "history"),
    ]
    assert len(rows) == 4


def test_hidden_amounts_appear_nowhere() -> None:
    now = with_budgets(budget(0.41), is_private=True)

    texts = words.tray_texts(now)

    everything = [texts.tooltip, texts.beside, *(row.text for row in texts.rows)]
    everything += [part for card in words.cards(now) for part in card]
    assert not [text for text in everything if "$" in text]
    assert "•••" in texts.rows[0].text
