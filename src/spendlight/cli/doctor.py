"""Prints what was found, what was skipped and why, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight import __version__
from spendlight.build import Channel, read_build
from spendlight.cli import agent_words, plan_words, update_words
from spendlight.cli.json_out import moment
from spendlight.cli.words import PRICE_THEM, counted, refused
from spendlight.metering.periods import to_ms
from spendlight.names import name, shown
from spendlight.tracker.agents import verb_of
from spendlight.tracker.plan_setup import HookState, snippet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from spendlight.cli.json_out import Json
    from spendlight.cli.update_words import UpdateState
    from spendlight.errors import UsageError
    from spendlight.tracker.health import HealthReport, MachineUsage
    from spendlight.tracker.plan_setup import StatusLineHook
    from spendlight.tracker.verify import Verification

SHOWN_PROBLEMS = 20


def to_text(
    health: HealthReport, zone: tzinfo, *, has_all: bool, updates: UpdateState | None = None
) -> str:
    """Return what was found as text.

    Args:
        health: What was found.
        zone: The time zone of the output.
        has_all: Whether to list every skipped line.
        updates: What is known about newer versions.
    """
    return "\n".join(map(shown, _lines(health, zone, updates, has_all=has_all)))


def verdict(verification: Verification) -> str:
    """Return the result of comparing the ledger with the logs, in words."""
    lines = ["", "Verification"]
    compared = counted(verification.answers, "answer")
    lines.append(f"  Compared {compared} in the logs with {verification.held:,} in the ledger")
    if verification.unread:
        lines.append(f"  {counted(verification.unread, 'log')} could not be read again")
    if verification.mended_answers:
        mended = counted(verification.mended_answers, "answer")
        lines.append(f"  {mended} missing or different: read from the logs again")
    if verification.mended_sums:
        lines.append(
            f"  {counted(verification.mended_sums, 'sum')} not matching the answers: recalculated"
        )
    if verification.is_good:
        lines.append("  The ledger is undamaged and matches the logs.")
        return "\n".join(map(shown, lines))
    faults = []
    if verification.missing:
        faults.append(f"{verification.missing:,} missing")
    if verification.different:
        faults.append(f"{verification.different:,} different")
    if verification.wrong_sums:
        faults.append(f"{counted(verification.wrong_sums, 'sum')} not matching the answers")
    first = ""
    if verification.first_difference is not None:
        first = "; the first is in {} at byte {}".format(*verification.first_difference)
    lines.append(f"  The ledger does not match the logs: {', '.join(faults)}{first}.")
    return "\n".join(map(shown, lines))


def to_json(
    health: HealthReport,
    verification: Verification | None = None,
    updates: UpdateState | None = None,
) -> Json:
    """Return what was found as JSON, with the result of a comparison if there was one."""
    told = _health(health)
    if updates is not None:
        told["updates"] = update_words.to_json(updates)
    if verification is not None:
        first = verification.first_difference
        told["verification"] = {
            "answers": verification.answers,
            "different": verification.different,
            "firstDifference": first and {"file": first[0], "offset": first[1]},
            "good": verification.is_good,
            "held": verification.held,
            "mendedAnswers": verification.mended_answers,
            "mendedSums": verification.mended_sums,
            "missing": verification.missing,
            "unread": verification.unread,
            "wrongSums": verification.wrong_sums,
        }
    return told


def _health(health: HealthReport) -> Json:
    build = read_build()
    return {
        "agents": agent_words.to_json(health),
        "build": {"channel": build.channel.value, "commit": build.commit, "version": __version__},
        "ledger": {
            "answers": health.answers,
            "bytes": health.ledger_bytes,
            "firstActivity": _moment(health.first_at),
            "lastActivity": _moment(health.last_at),
            "path": health.ledger_path,
        },
        "prices": {
            "dated": None if health.prices.dated is None else str(health.prices.dated),
            "origin": health.prices.origin,
            "over": None if health.prices.below is None else health.prices.below.words,
            "overridden": health.prices.overridden,
            "refused": dict(health.prices.refused),
            "source": health.prices.name,
        },
        "plan": {
            "hooks": [
                {
                    "command": hook.command,
                    "settings": hook.settings,
                    "state": hook.state.name.lower(),
                }
                for hook in health.hooks
            ],
            "limits": {} if health.at is None else plan_words.to_json(health.plan, health.at),
            "snippet": snippet(health.hook_command),
        },
        "agentPlans": {}
        if health.at is None
        else plan_words.of_agents(health.agent_plans, health.at),
        "leftOut": [
            {"answers": left.answers, "exists": left.exists, "folder": left.folder}
            for left in health.left
        ],
        "machines": [
            {
                "answers": machine.answers,
                "imported": _moment(machine.imported_at),
                "lastActivity": _moment(machine.last_at),
                "name": machine.name,
                "this": machine.is_this,
            }
            for machine in health.machines
        ],
        **_described(health),
        "problems": [
            {
                "counted": problem.is_counted,
                "file": problem.path,
                "offset": problem.offset,
                "reason": problem.reason,
            }
            for problem in health.problems
        ],
        "reader": {
            "instructions": health.reader_instructions,
            "isNative": bool(health.reader_instructions),
            "reason": health.reader_reason,
        },
        "roots": [
            {
                "agent": verb_of(root.agent),
                "exists": root.exists,
                "files": root.files,
                "folder": root.folder,
                "gone": root.gone,
                "machine": root.machine,
            }
            for root in health.roots
        ],
        "timeZone": health.time_zone,
        "unpricedModels": list(health.unpriced),
        "unreadable": [
            {"path": unreadable.path, "reason": unreadable.reason}
            for unreadable in health.unreadable
        ],
        "warnings": [str(warning) for warning in _warnings(health)],
    }


def _warnings(health: HealthReport) -> tuple[UsageError, ...]:
    return health.warnings if health.zone_doubt is None else (*health.warnings, health.zone_doubt)


def _described(health: HealthReport) -> Json:
    if not health.described_blocks:
        return {}
    told = {"blocks": health.described_blocks, "unloggedTokens": health.unlogged_tokens}
    return {"sessionBlockFiles": told}


def _lines(
    health: HealthReport, zone: tzinfo, updates: UpdateState | None, *, has_all: bool
) -> Iterator[str]:
    yield from agent_words.data_lines(health)
    yield from _ledger(health, zone)
    yield from _machines(health.machines, zone)
    yield ""
    yield "Prices"
    yield f"  {health.prices.words}"
    if health.unpriced:
        yield f"  No price, so not included in the cost: {', '.join(map(name, health.unpriced))}"
        yield f"  {PRICE_THEM}"
    yield from (f"  {name(one)}: another price before {day}" for one, day in health.prices.by_date)
    yield from (f"  {line}" for line in refused(health.prices))
    yield from _plan(health, zone)
    yield from _agent_plans(health, zone)
    yield from _zone(health)
    yield from _program(health)
    if updates is not None:
        yield from (f"  {line}" for line in update_words.lines(updates, zone))
    yield from _skipped(health, has_all=has_all)


def _ledger(health: HealthReport, zone: tzinfo) -> Iterator[str]:
    yield ""
    yield "Ledger"
    yield f"  {health.ledger_path}, {health.ledger_bytes / 1e6:,.1f} MB"
    span = ""
    if health.first_at is not None and health.last_at is not None:
        span = f", {_minute(health.first_at, zone)} to {_minute(health.last_at, zone)}"
    yield f"  {counted(health.answers, 'answer')}{span}"
    if health.described_blocks:
        yield (
            f"  {counted(health.described_blocks, 'block')} described by session-block files; "
            f"{counted(health.unlogged_tokens, 'token')} of these are in no log"
        )
    for warning in health.warnings:
        yield f"  {warning}"


def _skipped(health: HealthReport, *, has_all: bool) -> Iterator[str]:
    yield ""
    yield "Skipped"
    if not health.problems and not health.unreadable:
        yield "  nothing"
    for unreadable in health.unreadable:
        yield f"  {unreadable.path}: {unreadable.reason}"
    shown = health.problems if has_all else health.problems[:SHOWN_PROBLEMS]
    for problem in shown:
        counted_too = " (still counted)" if problem.is_counted else ""
        yield f"  {problem.path} at byte {problem.offset}: {problem.reason}{counted_too}"
    more = len(health.problems) - len(shown)
    if more:
        yield f"  and {counted(more, 'line')} more; to see all: spendlight doctor --all"


def _zone(health: HealthReport) -> Iterator[str]:
    yield ""
    yield "Time zone"
    yield f"  {health.time_zone}"
    if health.zone_doubt is not None:
        yield f"  {health.zone_doubt}"


def _program(health: HealthReport) -> Iterator[str]:
    import platform

    build = read_build()
    came = "from source" if build.channel == Channel.SOURCE else f"{build.channel} package"
    commit = f", commit {build.commit[:12]}" if build.commit else ""
    python = platform.python_version()
    yield ""
    yield "Program"
    yield f"  Spendlight {__version__}, {came}{commit}"
    yield f"  Python {python}, {platform.system()} {platform.release()}, {platform.machine()}"
    if health.reader_instructions:
        yield f"  Logs are read by the native reader ({health.reader_instructions})."
    else:
        yield f"  Logs are read in Python, which is slower: {health.reader_reason}"


def _machines(machines: Sequence[MachineUsage], zone: tzinfo) -> Iterator[str]:
    if machines:
        yield ""
        yield "Machines"
    for machine in machines:
        parts = [f"{machine.name} (this one)" if machine.is_this else machine.name]
        if machine.imported_at is not None:
            parts.append(f"imported {_minute(machine.imported_at, zone)}")
        parts.append(counted(machine.answers, "answer"))
        if machine.last_at is not None:
            parts.append(f"last used {_minute(machine.last_at, zone)}")
        yield f"  {', '.join(parts)}"


def _agent_plans_json(health: HealthReport) -> Json:
    if health.at is None or not health.agent_plans:
        return {}
    return {"agentPlans": plan_words.of_agents(health.agent_plans, health.at)}


def _agent_plans(health: HealthReport, zone: tzinfo) -> Iterator[str]:
    if health.at is None:
        return
    for plan in health.agent_plans:
        yield ""
        yield f"Plan limits of {plan.title}"
        for reading in plan.readings:
            used = plan_words.use(reading, health.at, zone)
            yield f"  {plan_words.HEADINGS[reading.window]}: {used}, {reading.folder}"


def _plan(health: HealthReport, zone: tzinfo) -> Iterator[str]:
    if health.at is None or not (health.plan or health.hooks):
        return
    yield ""
    yield "Plan limits"
    for reading in health.plan:
        folder = f", {reading.folder}" if reading.folder else ""
        used = plan_words.use(reading, health.at, zone)
        yield f"  {plan_words.HEADINGS[reading.window]}: {used}{folder}"
    if not health.plan:
        yield "  none known yet"
    for hook in health.hooks:
        yield f"  {_hook(hook)}"
    wanting = {HookState.MISSING, HookState.OTHER}
    if any(hook.gone or hook.state in wanting for hook in health.hooks):
        yield "  To set it up: spendlight statusline --install; or add this to those settings:"
        yield from (f"    {line}" for line in snippet(health.hook_command).splitlines())


def _hook(hook: StatusLineHook) -> str:
    if hook.gone:
        return (
            f"Claude Code's status line ({hook.settings}) is set to run {hook.gone}, which no "
            "longer exists"
        )
    if hook.state is HookState.OURS:
        return (
            f"Claude Code's status line runs Spendlight ({hook.settings}); plan limits arrive "
            "with the first answer of a session (Pro and Max plans, Claude Code 2.1.80 or newer)"
        )
    if hook.state is HookState.OTHER:
        return f"Claude Code's status line runs something else ({hook.settings}): {hook.command}"
    if hook.state is HookState.UNKNOWN:
        return hook.reason
    return f"Claude Code has no status line ({hook.settings}), so the plan limits are not known"


def _minute(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(to_ms(at))
