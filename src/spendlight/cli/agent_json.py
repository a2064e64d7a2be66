"""Reports of all agents or of one other than Claude Code as JSON, with the fields of ccusage's.

Its reports of all agents have a form of their own, its reports of Codex another one, and those of
the other agents nearly that of Claude Code's. Where an agent tells tokens of reasoning apart, some
of these leave them out of the output, but not out of the total.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from spendlight.cli.json_out import Json, key_of, moment, notes_of, with_part
from spendlight.metering.entry import ASSUMED_MARK, CLAUDE_CODE
from spendlight.metering.reports import SortOrder
from spendlight.metering.slices import Spending
from spendlight.tracker.agents import CODEX, is_reasoning_beside_output, verb_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.cli.namespace import Arguments
    from spendlight.metering.periods import Period
    from spendlight.metering.reports import PeriodRow, Report, SessionRow
    from spendlight.metering.slices import ModelSpending

    Parts = Sequence[tuple[str, Spending]]
    """What each agent used, by its name in the ledger."""

FAST: Final = "-fast"
"""What is behind the name of a fast model; ccusage does not tell it apart for Codex."""

_PREFIXES: Final = {"pi": "[pi] "}
"""What ccusage writes before the models of an agent, by the agent's verb."""

_COUNTS_MESSAGES: Final = frozenset({"copilot"})
"""The agents of which ccusage says how many messages there are."""

_IN_ORDER_OF_USE: Final = frozenset({"claude", "copilot"})
"""The agents whose models it lists in the order of their use, not of their names."""


def periods(report: Report[PeriodRow], period: Period, arguments: Arguments) -> Json:
    """Return a report over days, weeks or months.

    Args:
        report: The report, whose rows say what each agent used.
        period: The period of its rows.
        arguments: Say of which agent it is, and how it is divided.
    """
    name, key, length = key_of(period)
    is_of_all = not arguments.of_agent
    rows = [row for row in report.rows if not is_of_all or _has_anything(row.spending)]
    told: dict[str, list[Json]] = {}
    for row in rows:
        start = row.start.isoformat()[:length]
        if is_of_all:
            one = _of_all(row.of_agents, with_agents=arguments.by_agent) | {"period": start}
        elif arguments.of_agent == CODEX:
            one = _of_codex(row.spending) | {key: start}
        else:
            one = _of_one(arguments.of_agent, row.spending) | {key: start}
        if row.project is not None:
            one["project"] = row.project
        told.setdefault(row.project or "", []).append(with_part(one, row))
    totals = _totals([row.of_agents for row in rows], arguments)
    if arguments.instances and rows:
        return {"projects": told, "totals": totals}
    return {name: [one for of_project in told.values() for one in of_project], "totals": totals}


def sessions(report: Report[SessionRow], arguments: Arguments) -> Json:
    """Return a report by session.

    Args:
        report: The report, whose rows say of which agent each is.
        arguments: Say of which agent it is, and in which order.
    """
    rows, is_of_all = list(report.rows), not arguments.of_agent
    is_reversed = arguments.order is SortOrder.DESCENDING
    if is_of_all:
        is_reversed = "order" in vars(arguments) and not is_reversed
    else:
        rows.sort(key=_id_of)
    if is_reversed:
        rows.reverse()
    tell = _session_of_all if is_of_all else _session_of_one
    return {
        "session" if is_of_all else "sessions": [with_part(tell(row), row) for row in rows],
        "totals": _totals([[(row.agent, row.spending)] for row in rows], arguments),
    }


def _id_of(row: SessionRow) -> tuple[str, ...]:
    return (_path_of_codex(row) if row.agent == CODEX else row.name.session, row.name.project_path)


def _has_anything(spending: Spending) -> bool:
    return any(spending.tokens) or bool(spending.cost)


def _of_all(parts: Parts, *, with_agents: bool) -> Json:
    """Return a row about all agents, without its period."""
    used = [part for part in parts if _has_anything(part[1])]
    told = _usage(parts) | {
        "agent": "all",
        "metadata": {
            "agents": sorted(verb_of(agent) for agent, one in parts if _has_anything(one))
        },
    }
    told["modelsUsed"] = sorted(told["modelsUsed"])
    if with_agents:
        agents = [_of_one(agent, spending) | {"agent": verb_of(agent)} for agent, spending in used]
        told["agents"] = sorted(agents, key=itemgetter("agent"))
    return told


def _of_one(agent: str, spending: Spending) -> Json:
    """Return the usage of one agent."""
    told, verb = _usage([(agent, spending)]), verb_of(agent)
    if verb in _COUNTS_MESSAGES:
        told["messageCount"] = spending.answers
    if verb not in _IN_ORDER_OF_USE:
        told["modelsUsed"] = sorted(told["modelsUsed"])
    return told


def _session_of_all(row: SessionRow) -> Json:
    told = _of_one(row.agent, row.spending) | {
        "agent": verb_of(row.agent),
        "period": _path_of_codex(row) if row.agent == CODEX else row.name.session,
    }
    metadata: Json = {"projectPath": row.name.project_path} | _activity(row.spending)
    if row.agent == CODEX:
        metadata["reasoningOutputTokens"] = row.spending.reasoning
    told["metadata"] = metadata
    return told | notes_of(row.title, row.pull_requests)


def _session_of_one(row: SessionRow) -> Json:
    if row.agent == CODEX:
        return _session_of_codex(row)
    told = _of_one(row.agent, row.spending) | _activity(row.spending)
    told |= {"projectPath": row.name.project_path, "sessionId": row.name.session}
    return told | notes_of(row.title, row.pull_requests)


def _session_of_codex(row: SessionRow) -> Json:
    session = _path_of_codex(row)
    directory, _, file = session.rpartition("/")
    told = _of_codex(row.spending) | _activity(row.spending)
    told |= {
        "directory": directory,
        "projectPath": row.name.project_path,
        "sessionFile": file,
        "sessionId": session,
    }
    return told | notes_of(row.title, row.pull_requests)


def _path_of_codex(row: SessionRow) -> str:
    """Return what ccusage calls a session: its log below `sessions`, without the extension."""
    below = row.log.partition("/")[2]
    return below.rpartition(".")[0] or row.name.session


def _of_codex(spending: Spending) -> Json:
    """Return the usage of Codex."""
    told = _sums_of_codex([spending])
    models: dict[str, Json] = {}
    for model in spending.models:
        label, one = _label(CODEX, model), _model_of_codex(model)
        models[label] = _sum_of(models[label], one) if label in models else one
    told["models"] = models
    return told


def _sums_of_codex(rows: Sequence[Spending]) -> Json:
    told = _sums([(CODEX, spending) for spending in rows])
    told["costUSD"] = told.pop("totalCost")
    told["reasoningOutputTokens"] = sum(spending.reasoning for spending in rows)
    return told


def _model_of_codex(model: ModelSpending) -> Json:
    told = _model(CODEX, model.label, model)
    del told["modelName"]
    told["costUSD"] = told.pop("cost")
    told["isFallback"] = model.label.endswith(ASSUMED_MARK)
    told["reasoningOutputTokens"] = model.reasoning
    told["totalTokens"] = model.tokens.total
    return told


def _activity(spending: Spending) -> Json:
    first_ms, last_ms = spending.first_ms, spending.last_ms
    return {
        "firstActivity": None if first_ms is None else moment(first_ms),
        "lastActivity": None if last_ms is None else moment(last_ms),
    }


def _totals(rows: Sequence[Parts], arguments: Arguments) -> Json:
    """Return the total of the rows of a report."""
    parts = [part for of_row in rows for part in of_row]
    told = _sums(parts)
    if arguments.of_agent == CODEX:
        told = _sums_of_codex([spending for _, spending in parts])
    unpriced = sorted(
        {
            _label(agent, model)
            for agent, one in parts
            for model in one.models
            if not model.is_priced
        }
    )
    return told | ({"unpricedModels": unpriced} if unpriced else {})


def _usage(parts: Parts) -> Json:
    """Return the sums of several agents and of each of their models."""
    models: dict[str, Json] = {}
    for agent, spending in parts:
        for model in spending.models:
            label = _label(agent, model)
            one = _model(agent, label, model)
            models[label] = _sum_of(models[label], one) if label in models else one
    by_cost = sorted(models.values(), key=itemgetter("cost"), reverse=True)
    return _sums(parts) | {"modelBreakdowns": by_cost, "modelsUsed": list(models)}


def _model(agent: str, label: str, model: ModelSpending) -> Json:
    tokens = model.tokens
    told: Json = {
        "cacheCreationTokens": tokens.cache_write,
        "cacheReadTokens": tokens.cache_read,
        "cost": float(model.cost),
        "inputTokens": tokens.input,
        "modelName": label,
        "outputTokens": tokens.output - _beside(agent, model.reasoning),
    }
    if not model.is_priced:
        told["missingPricing"] = True
    return told


def _sum_of(one: Json, other: Json) -> Json:
    """Return the sum of a model's usage by two agents, or under two names."""
    return {key: _sum_of_two(value, other[key]) for key, value in (other | one).items()}


def _sum_of_two(one: Any, other: Any) -> Any:  # noqa: ANN401  # names, flags and numbers
    if isinstance(one, str):
        return one
    return one or other if isinstance(one, bool) else one + other


def _sums(parts: Iterable[tuple[str, Spending]]) -> Json:
    read = output = written = cached = total = searches = 0
    cost = search_cost = 0.0
    for agent, spending in parts:
        tokens = spending.tokens
        of_input, of_output, of_5m, of_1h, of_cache = tokens
        read += of_input
        output += of_output - _beside(agent, spending.reasoning)
        written += of_5m + of_1h
        cached += of_cache
        total += sum(tokens)
        cost += spending.cost
        searches += spending.web_searches
        search_cost += spending.web_search_cost
    told: Json = {
        "cacheCreationTokens": written,
        "cacheReadTokens": cached,
        "inputTokens": read,
        "outputTokens": output,
        "totalCost": cost,
        "totalTokens": total,
    }
    if searches:
        told |= {"webSearchCost": search_cost, "webSearchRequests": searches}
    return told


def _beside(agent: str, reasoning: int) -> int:
    """Return how many tokens of reasoning are not in the output."""
    return reasoning if reasoning and is_reasoning_beside_output(agent) else 0


def _label(agent: str, model: Any) -> str:  # noqa: ANN401  # anything with a label
    label: str = model.label
    if agent == CLAUDE_CODE:  # of which there are most
        return label
    label = label.removesuffix(ASSUMED_MARK)
    label = label.removesuffix(FAST) if agent == CODEX else label
    return f"{_PREFIXES.get(verb_of(agent), '')}{label}"
