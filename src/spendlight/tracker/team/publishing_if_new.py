"""Publishes what is new every few minutes, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.errands import ErrandError
from spendlight.errors import UsageError
from spendlight.tracker.team import membership as members
from spendlight.tracker.team.publishing_failure import (
    failure_of,
    forget_failure,
    note_failure,
    reason_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spendlight.ledger.publishing import Unpublished
    from spendlight.tracker.team.membership import Membership


def publish_if_new(
    unpublished: Callable[[Membership], Unpublished],
    publish: Callable[[], object],
    folder: Path,
    *,
    is_for_budgets: bool,
) -> bool:
    """Publish what is new, if this machine belongs to a team; return whether anything was done.

    Why that fails is in `publishing_failure`.

    Args:
        unpublished: Returns what is new.
        publish: Has another process publish it, and take in what others have published.
        folder: The ledger's.
        is_for_budgets: Whether the team's usage is wanted even if nothing is new here.

    Raises:
        SharedFolderError: If the team's folder cannot be used.
    """
    try:
        return _publish_if_new(unpublished, publish, folder, is_for_budgets=is_for_budgets)
    except UsageError as error:
        note_failure(folder, reason_of(error))
        raise


def _publish_if_new(
    unpublished: Callable[[Membership], Unpublished],
    publish: Callable[[], object],
    folder: Path,
    *,
    is_for_budgets: bool,
) -> bool:
    membership = members.load(folder)
    if membership is None:
        return False
    waiting = unpublished(membership)
    if waiting.is_empty:
        forget_failure(folder)
        if not (membership.keeps_entries or is_for_budgets):
            return False
    try:
        publish()
    except ErrandError as error:
        note_failure(folder, str(error))
        return True
    after = unpublished(membership)
    is_stuck = not after.is_empty and after.sequence == waiting.sequence
    if is_stuck and failure_of(folder) is None:
        note_failure(folder, "the program that publishes has failed")
    return True
