"""Teams: joins, leaves and publishes, and prints reports about all machines together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from spendlight import paths
from spendlight.cli import json_out, terminal, words
from spendlight.cli.reporting import days_typed, selection
from spendlight.cli.reports import REPORTS
from spendlight.cli.team_arguments import PERIODS, SHARES, STATUS, By
from spendlight.cli.team_words import (
    footer,
    joined,
    kept,
    left,
    notes,
    published,
    published_json,
    shares_json,
    status_json,
    status_text,
    with_people,
)
from spendlight.cli.world import opened

if TYPE_CHECKING:
    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.cli.world import World
    from spendlight.metering.reports import Report
    from spendlight.tracker.team.answers import TeamAnswer

OK = 0
FAILED = 1


def run(arguments: Arguments) -> int:
    """Do what was asked about a team, and return the exit code.

    Raises:
        UsageError: If that is impossible, with the reason.
    """
    verb = arguments.team_verb or STATUS
    with opened(arguments) as world:
        if verb in PERIODS or verb in SHARES:
            days_typed(arguments)
            _print_report(verb, arguments, world)
            return OK
        if not arguments.demo:
            _use_budgets(arguments, world)
        if verb == "join":
            _join(arguments, world)
        elif verb == "leave":
            terminal.say(*left(world.tracker.team.leave()))
        elif verb == "publish":
            _publish(arguments, world)
        elif verb in {"scan", "pull"}:
            from spendlight.cli import team_hosts

            is_good = (team_hosts.scan if verb == "scan" else team_hosts.pull)(arguments, world)
            return OK if is_good else FAILED
        else:
            _print_status(arguments, world)
    return OK


def _use_budgets(arguments: Arguments, world: World) -> None:
    """Tell the tracker which budgets there are; what is wrong with them has been said."""
    path = paths.settings_path(os.environ, arguments.data_dir)
    if not os.path.lexists(path):
        return
    from spendlight.settings import SettingsFile  # rarely needed

    settings = SettingsFile(path).load().settings
    if any(budget.is_of_team for budget in settings.budgets):
        world.tracker.use_budgets(settings.budgets, settings.alerts, settings.week_start)


def _join(arguments: Arguments, world: World) -> None:
    team = world.tracker.team
    membership = team.join(
        arguments.url,
        name=arguments.machine_name,
        person=arguments.person,
        hide=arguments.hide,
        keeps_entries=arguments.keep_entries,
    )
    terminal.say(*joined(membership))
    world.read_logs()
    terminal.say(published(team.publish()))
    if membership.keeps_entries:
        terminal.say(*kept(team.keep_entries()))
    team.look()  # as when publishing
    if not team.other_machines:
        terminal.say("No other machine is in this team yet.")


def _publish(arguments: Arguments, world: World) -> None:
    team = world.tracker.team
    team.demand_membership()
    world.read_logs()
    done = team.publish()
    taken = team.keep_entries()
    if done.segments or team.has_budgets:
        team.look()  # so that the window knows the other machines, and the tray the budgets
    if arguments.json:
        terminal.say_json(json_out.to_text(published_json(done, taken)))
    else:
        terminal.say(published(done), *kept(taken))


def _print_status(arguments: Arguments, world: World) -> None:
    status = world.tracker.team.status()
    if arguments.json:
        terminal.say_json(json_out.to_text(status_json(status)))
    else:
        terminal.say_text(status_text(status, world.zone))


def _print_report(verb: str, arguments: Arguments, world: World) -> None:
    answer = _answer(verb, arguments, world)
    report = answer.value
    if arguments.json:
        told = _json(verb, report, arguments)
        if found := notes(answer):
            told[json_out.NOTES] = found
        shown = json_out.without_cost(told) if arguments.no_cost else told
        terminal.say_json(json_out.to_text(shown))
        return
    if report.rows:
        from spendlight.cli.tables import Look, table

        look = Look(
            is_compact=arguments.compact,
            has_breakdown=arguments.breakdown,
            has_cost=not arguments.no_cost,
            names=arguments.project_aliases,
        )
        console = terminal.console(arguments.color, width=terminal.width())
        console.print(table(report, look, console.width))
    else:
        terminal.say("No usage matches these options.")
    terminal.say()
    terminal.say(*words.footer(report.prices, report.total, 0), *footer(answer))


def _answer(verb: str, arguments: Arguments, world: World) -> TeamAnswer[Report[Any]]:
    team = world.tracker.team
    if verb in SHARES:
        from spendlight.metering.periods import Period
        from spendlight.tracker.team.shares import TeamShares

        chosen = selection(arguments, world.zone, Period.DAY)
        shares = TeamShares(SHARES[verb], chosen, arguments.by or "")
        return team.ask(shares, scheduler=arguments.scheduler)
    from spendlight.tracker.questions.periods import Periods

    period = REPORTS[verb].period
    chosen = selection(arguments, world.zone, period)
    by = arguments.by or (By.MACHINE if arguments.by_machine else None)
    question = Periods(
        chosen,
        period or Periods().period,
        arguments.order,
        arguments.start_of_week,
        by_project=arguments.instances,
        by_machine=by is not None,
    )
    answer = team.ask(question, by=by or By.MACHINE, scheduler=arguments.scheduler)
    if by is By.PERSON:
        return answer._replace(value=with_people(answer.value))
    return answer


def _json(verb: str, report: Report[Any], arguments: Arguments) -> Json:
    if verb in SHARES:
        return shares_json(report, SHARES[verb], str(arguments.by or ""))
    told = REPORTS[verb].to_json(report, arguments)
    return _by_person(told) if arguments.by is By.PERSON else told


def _by_person(told: Json) -> Json:
    """Return a report by machine whose rows are by person."""
    for rows in told.values():
        for group in rows.values() if isinstance(rows, dict) else (rows,):
            for row in group if isinstance(group, list) else ():
                if isinstance(row, dict):  # the totals have names of models
                    row["person"] = row.pop("machine")
    return told
