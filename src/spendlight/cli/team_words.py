"""What is said about a team, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spendlight.cli import json_out
from spendlight.cli.words import counted, entries
from spendlight.metering.periods import to_ms, to_utc
from spendlight.metering.reports import compact_count, money, short_model
from spendlight.names import name, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from spendlight.cli.json_out import Json
    from spendlight.metering.budgets import BudgetState
    from spendlight.metering.reports import Report
    from spendlight.tracker.questions.shares import NameRow
    from spendlight.tracker.team.answers import TeamAnswer, TeamStatus
    from spendlight.tracker.team.keeping import KeptEntries
    from spendlight.tracker.team.membership import Membership
    from spendlight.tracker.team.publishing import Published

_MACHINE = "Machine"


def joined(membership: Membership) -> Iterator[str]:
    """Yield what is said after joining."""
    yield (
        f"This machine is now {name(membership.name)} of {name(membership.person)} in the team at "
        f"{shown(membership.url)}"
    )
    if membership.hide:
        yield f"Hidden: {', '.join(membership.hide)}"
    if membership.keeps_entries:
        yield "The entries of the other machines come into this machine's ledger, too."


def left(membership: Membership) -> Iterator[str]:
    """Yield what is said after leaving."""
    yield f"This machine has left the team at {shown(membership.url)}"
    yield "What it has published stays there and still counts for the others."


def published(done: Published) -> str:
    """Return what was published."""
    if not done.copies and not done.withdrawn:
        return "Nothing new to publish."
    withdrawn = f", {done.withdrawn:,} withdrawn" if done.withdrawn else ""
    return f"Published {counted(done.copies, 'answer')}{withdrawn}."


def kept(done: KeptEntries | None) -> Iterator[str]:
    """Yield what the ledger has taken in of other machines, if that is wanted."""
    if done is None:
        return
    if done.entries:
        yield (
            f"Took in {entries(done.entries)} of {', '.join(map(name, done.machines))}, "
            f"{counted(done.new_answers, 'new answer')}."
        )
    else:
        yield "No new entries of other machines."
    if done.problem:
        yield f"The team's folder cannot be used now, so newer ones are missing: {done.problem}"


def published_json(done: Published, taken: KeptEntries | None) -> Json:
    """Return what was published, and what the ledger has taken in."""
    told: Json = done._asdict()
    if taken is not None:
        told["takenIn"] = {
            "entries": taken.entries,
            "machines": list(taken.machines),
            "newAnswers": taken.new_answers,
            "problem": taken.problem or None,
        }
    return told


def notes(answer: TeamAnswer[Any]) -> list[str]:
    """Return what is wrong in the team's folder."""
    found = [answer.cache_note] if answer.cache_note else []
    if answer.problem:
        found.append(
            f"The team's folder cannot be used now, so newer usage is missing: {answer.problem}"
        )
    if answer.taken_in is None:
        return found
    still = answer.taken_in.still_counting
    found += [_fault(*one, still_counts=one.path in still) for one in answer.taken_in.unreadable]
    if answer.taken_in.missing:
        files = counted(answer.taken_in.missing, "file")
        found.append(f"{files} no longer in the team's folder; their usage still counts")
    return found


def _fault(path: str, reason: str, *, still_counts: bool) -> str:
    """Return what is wrong with a file or folder of the team, and what follows."""
    if still_counts:
        return f"{shown(path)} still counts as it was read earlier; now {reason}"
    return f"{shown(path)} does not count: {reason}"


def footer(answer: TeamAnswer[Any]) -> list[str]:
    """Return the notes below a report."""
    return notes(answer)


def with_people(report: Report[Any]) -> Report[Any]:
    """Return a report by machine whose rows are by person."""
    columns = [
        column._replace(heading="Person") if column.heading == _MACHINE else column
        for column in report.columns
    ]
    return report._replace(columns=columns)


def shares_json(report: Report[NameRow], of: str, by: str = "") -> Json:
    """Return a report by project, model, machine or person.

    Args:
        report: The report.
        of: What its rows are.
        by: What else separates them, "machine" or "person", or "".
    """
    key = "people" if of == "person" else f"{of}s"
    rows = [
        json_out.of_spending(row.spending)
        | {
            of: row.name,
            "share": row.share,
            "sessions": row.sessions,
            "lastActivity": json_out.moment(row.spending.last_ms or 0),
        }
        | ({by: row.machine} if row.machine is not None else {})
        for row in report.rows
    ]
    return {key: rows, "totals": json_out.totals(report.total)}


def status_json(status: TeamStatus) -> Json:
    """Return the state of a membership."""
    taken_in = status.taken_in
    return {
        "budgets": [_budget_json(state) for state in status.budgets],
        "hidden": list(status.hide),
        "keepsEntries": status.keeps_entries,
        "machine": status.name,
        "machines": [
            {
                "answers": one.answers,
                "id": one.key,
                "lastActivity": None if one.last_ms is None else json_out.moment(one.last_ms),
                "machine": one.label,
                "person": one.person,
            }
            for one in status.machines
        ],
        "person": status.person,
        "publishingFailure": None
        if status.failure is None
        else {
            "reason": status.failure.reason,
            "since": json_out.moment(to_ms(status.failure.since)),
        },
        "problem": status.problem or None,
        "segments": None if taken_in is None else taken_in.segments,
        "unpublished": status.waiting,
        "unreadable": []
        if taken_in is None
        else [
            {
                "path": one.path,
                "reason": one.reason,
                "stillCounts": one.path in taken_in.still_counting,
            }
            for one in taken_in.unreadable
        ],
        "url": status.url,
    }


def status_text(status: TeamStatus, zone: tzinfo) -> str:
    """Return the state of a membership in words."""
    lines = list(_membership_lines(status, zone))
    if status.machines:
        lines.append("")
        width = max(len(name(one.label)) for one in status.machines)
        people = max(len(name(one.person)) for one in status.machines)
        for one in status.machines:
            last = ""
            if one.last_ms is not None:
                last = f", last {to_utc(one.last_ms).astimezone(zone):%Y-%m-%d %H:%M}"
            lines.append(
                f"{name(one.label):<{width}}  {name(one.person):<{people}}"
                f"  {counted(one.answers, 'answer')}{last}"
            )
    if status.budgets:
        lines.append("")
        lines += [_budget_line(state, status, zone) for state in status.budgets]
    if status.taken_in is not None and status.taken_in.unreadable:
        lines.append("")
        lines += [
            _fault(*one, still_counts=one.path in status.taken_in.still_counting)
            for one in status.taken_in.unreadable
        ]
    return "\n".join(lines)


def _membership_lines(status: TeamStatus, zone: tzinfo) -> Iterator[str]:
    yield f"Team      {shown(status.url)}"
    yield f"Machine   {name(status.name)} of {name(status.person)}"
    if status.hide:
        yield f"Hidden    {', '.join(status.hide)}"
    if status.keeps_entries:
        yield "Entries   those of other machines come into the ledger, too"
    waiting = counted(status.waiting, "record") if status.waiting else "nothing"
    yield f"Waiting   {waiting}"
    if status.failure is not None:
        since, reason = status.failure
        since = since.astimezone(zone)
        yield f"Failing   not published since {since:%Y-%m-%d %H:%M}: {shown(reason)}"
    if status.problem:
        yield f"Problem   the team's folder cannot be used: {status.problem}"
    if status.cache_note:
        yield f"Note      {status.cache_note}"


def _budget_json(state: BudgetState) -> Json:
    budget = state.budget
    is_known = bool(state.instance)
    return {
        "amount": budget.amount,
        "isLowerBound": state.is_lower_bound,
        "measuredAt": None
        if state.measured_at is None
        else json_out.moment(to_ms(state.measured_at)),
        "metric": str(budget.metric),
        "model": budget.model or None,
        "name": budget.name,
        "period": str(budget.period),
        "person": budget.person or None,
        "project": budget.project or None,
        "projected": state.projected,
        "resetsAt": None if state.resets_at is None else json_out.moment(to_ms(state.resets_at)),
        "share": state.share if is_known else None,
        "used": state.used if is_known else None,
    }


def _budget_line(state: BudgetState, status: TeamStatus, zone: tzinfo) -> str:
    """Return how much of a budget is used, as of when, and whether it lasts."""
    budget = state.budget
    scope = [name(part) for part in (budget.person or "the team", budget.project) if part]
    scope += [name(short_model(budget.model))] if budget.model else []
    title = f"Budget    {name(budget.name)}, {' · '.join(scope)}, per {budget.period}"
    if not state.instance:
        why = "not known yet"
        if budget.person and status.taken_in is not None:
            why = f"not known: nobody in the team is called {name(budget.person)}"
        elif status.taken_in is None:
            why = "not known, as the team's folder cannot be used"
        return f"{title}: {why}"
    from spendlight.metering.budgets import Metric  # most teams have none

    if budget.metric is Metric.TOKENS:
        used, amount = compact_count(state.used), f"{compact_count(budget.amount)} tokens"
    else:
        used, amount = money(state.used), money(budget.amount)
    least = "at least " if state.is_lower_bound else ""
    text = f"{title}: {least}{used} of {amount} ({round(state.share * 100)} %)"
    if state.share >= 1:
        text += ", used up"
    elif state.exhausted_at is not None:
        text += f", runs out {state.exhausted_at.astimezone(zone):%Y-%m-%d %H:%M} at this rate"
    elif state.projected is not None:
        text += ", lasts"
    if status.taken_in is None and state.measured_at is not None:
        text += f", as of {state.measured_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return text
