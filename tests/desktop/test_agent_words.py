"""What the tray and the window say of several agents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from tests.desktop.makers import NOON, make_snapshot, make_spending

from spendlight.desktop import words
from spendlight.desktop.words import Situation
from spendlight.tracker.snapshot import DataState


def test_agents_have_a_row_of_their_own_if_several_were_used() -> None:
    used = (("codex", make_spending(2.5)), ("claude-code", make_spending(1.0)))
    both = Situation(NOON, make_snapshot()._replace(today_by_agent=used), zone=UTC)
    one = replace(both, snapshot=make_snapshot()._replace(today_by_agent=used[:1]))
    hidden = replace(both, is_private=True)

    assert "Codex $2.50 · Claude Code $1.00" in [row.text for row in words.tray_texts(both).rows]
    assert words.agents_row(one) == ""
    assert "$" not in words.agents_row(hidden)
    assert words.agents_row(hidden).startswith("Codex ")


def test_a_folder_of_any_agent_without_answers_is_not_called_claude_codes() -> None:
    message = words.empty_state(Situation(NOON, make_snapshot(state=DataState.NO_LOGS), zone=UTC))

    assert message is not None
    assert message.title == "No usage yet"
    assert "Claude" not in message.advice
