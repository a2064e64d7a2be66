"""Reports as JSON, with the same fields as ccusage's ``claude`` reports.

Web searches, which ccusage does not know, have fields of their own, and only if there are any.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.dimensions import DIMENSIONS, NOT_KNOWN
from spendlight.metering.periods import Period, to_ms
from spendlight.names import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.metering.dimensions import Value
    from spendlight.metering.reports import AnswerRow, BlockRow, PeriodRow, Report, SessionRow
    from spendlight.metering.session_notes import PullRequest
    from spendlight.metering.slices import ModelSpending, Spending

Json = dict[str, Any]
"""A value that is written as a JSON object."""

_KEYS = {
    Period.DAY: ("daily", "date", len("2026-03-01")),
    Period.WEEK: ("weekly", "week", len("2026-03-01")),
    Period.MONTH: ("monthly", "month", len("2026-03")),
}
"""The key of periods, the key of each one's start, and how much of that date is written."""

NOTES: Final = "notes"
"""The key of notes on the data folders."""

_EPOCH: Final = date(1970, 1, 1)
_DAY_S: Final = 86_400

_MONEY_KEYS = ("cost", "costUSD", "totalCost", "webSearchCost")
"""What --no-cost leaves out, at every depth; like in ccusage, not ``costPerHour``."""


_DELETE: Final = b"\x7f"

_MANY_VALUES: Final = 20_000
"""From this many values on orjson is faster, which takes 10 ms to load."""


def to_text(value: object) -> str:
    """Return JSON like ccusage's: keys in alphabetical order, indented by two spaces."""
    if _count(value) >= _MANY_VALUES:
        import orjson  # slow to load, and most reports are short

        try:
            options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
            data = orjson.dumps(value, option=options)
            if data.isascii() and _DELETE not in data:  # other control characters it has escaped
                return data.decode("ascii")
            return _harmless(data.decode())
        except TypeError:
            pass  # sums beyond 64 bits, and file names that are not valid Unicode
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=2, sort_keys=True)
    return _harmless(text)


def _harmless(text: str) -> str:
    """Return equivalent JSON, with escapes for control characters."""
    if text.replace("\n", "").isprintable():
        return text
    return "\n".join(
        line if line.isprintable() else "".join(map(_escaped, line)) for line in text.split("\n")
    )


def _escaped(letter: str) -> str:
    return letter if shown(letter) == letter else json.dumps(letter)[1:-1]


def _count(value: object) -> int:
    """Return roughly how many values there are, extrapolated from the first row."""
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    if isinstance(value, list) and value:
        return len(value) * _count(value[0])
    return 1


def without_cost(value: object) -> object:
    """Return JSON without its money."""
    if isinstance(value, dict):
        return {key: without_cost(part) for key, part in value.items() if key not in _MONEY_KEYS}
    return [without_cost(part) for part in value] if isinstance(value, list) else value


def periods(
    report: Report[PeriodRow],
    period: Period,
    *,
    project: str | None = None,
    is_by_project: bool = False,
) -> Json:
    """Return a report over days, weeks or months.

    Args:
        report: The report.
        period: The period of its rows.
        project: The only project in it, if one was asked for.
        is_by_project: Whether to group by project; without rows it makes no difference.
    """
    if not is_by_project or not report.rows:
        rows: object = [_period(period, row, project) for row in report.rows]
        return {_KEYS[period][0]: rows, "totals": totals(report.total)}
    projects: dict[str, list[Json]] = {}
    for row in report.rows:
        projects.setdefault(row.project or "", []).append(_period(period, row, row.project))
    return {"projects": projects, "totals": totals(report.total)}


def sessions(report: Report[SessionRow]) -> Json:
    """Return a report by session."""
    return {"sessions": [_session(row) for row in report.rows], "totals": totals(report.total)}


def with_notes(told: Json, unread_lines: int, unreadable_paths: int, notes: Sequence[str]) -> Json:
    """Return a report with the notes below its table, if there are any.

    Args:
        told: The report.
        unread_lines: How many lines should have been an answer and could not be read.
        unreadable_paths: How many files and folders could not be read.
        notes: Notes on the data folders.
    """
    if unread_lines:
        told["unreadLines"] = unread_lines
    if unreadable_paths:
        told["unreadablePaths"] = unreadable_paths
    if notes:
        told[NOTES] = list(notes)
    return told


def session_answers(
    session: str,
    answers: Sequence[AnswerRow],
    title: str = "",
    requests: Sequence[PullRequest] = (),
) -> Json | None:
    """Return the answers of one session, or None if there are none."""
    if not answers:
        return None
    entries = [
        {
            "cacheCreationTokens": row.tokens.cache_write,
            "cacheReadTokens": row.tokens.cache_read,
            "costUSD": row.recorded_cost or 0.0,
            "inputTokens": row.tokens.input,
            "model": row.model,
            "outputTokens": row.tokens.output,
            "timestamp": moment(to_ms(row.at)),
        }
        | ({"kind": row.role.words} if row.role else {})
        for row in answers
    ]
    told: Json = {
        "entries": entries,
        "sessionId": session,
        "totalCost": float(sum(row.cost or 0.0 for row in answers)),
        "totalTokens": sum(row.tokens.total for row in answers),
    }
    return told | notes_of(title, requests)


def key_of(period: Period) -> tuple[str, str, int]:
    """Return the key of periods, the key of each one's start, and how much of it is written."""
    return _KEYS[period]


def blocks(report: Report[BlockRow]) -> Json:
    """Return a report by block."""
    return {"blocks": [_block(row) for row in report.rows]}


def moment(at_ms: int) -> str:
    """Return a moment in UTC, to the millisecond."""
    seconds, rest_ms = divmod(at_ms, 1000)
    day, seconds = divmod(seconds, _DAY_S)
    clock = seconds // 3600, seconds // 60 % 60, seconds % 60, rest_ms
    return f"{_date(day)}T%02d:%02d:%02d.%03dZ" % clock


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    """Return the date of a day, by its number since 1970-01-01."""
    return (_EPOCH + timedelta(day)).isoformat()


def _period(period: Period, row: PeriodRow, project: str | None) -> Json:
    _, key, length = _KEYS[period]
    told = of_spending(row.spending)
    told[key] = row.start.isoformat()[:length]
    if project is not None:
        told["project"] = project
    return with_part(told, row)


def _session(row: SessionRow) -> Json:
    (_, project_path, session), spending, machine, title, requests, *_ = row
    first_ms, last_ms = spending.first_ms, spending.last_ms
    told = of_spending(spending)
    told["firstActivity"] = None if first_ms is None else moment(first_ms)
    told["lastActivity"] = None if last_ms is None else moment(last_ms)
    told["projectPath"] = project_path
    told["sessionId"] = session
    told |= notes_of(title, requests)
    return told if machine is None and row.part is None else with_part(told, row)


def notes_of(title: str, requests: Sequence[PullRequest]) -> Json:
    """Return what is known of a session beside its usage."""
    told: Json = {"title": title} if title else {}
    if requests:
        told["pullRequests"] = [pull_request(request) for request in requests]
    return told


def pull_request(request: PullRequest) -> Json:
    """Return a pull request; its number or repository is missing if the log does not say it."""
    told: Json = {"url": request.url}
    if request.number is not None:
        told["number"] = request.number
    if request.repository:
        told["repository"] = request.repository
    return told


def with_part(told: Json, row: PeriodRow | SessionRow | BlockRow) -> Json:
    """Add the machine and the value of the dimension, if rows are by these."""
    if row.machine is not None:
        told["machine"] = row.machine
    if row.part is not None:
        told |= of_value(*row.part)
    return told


def of_value(dimension: str, value: Value) -> Json:
    """Return a value of a dimension: null if there is none, or if it is not known."""
    key = DIMENSIONS[dimension].key
    return {key: value or None, "isKnown": value is not NOT_KNOWN}


def of_spending(spending: Spending) -> Json:
    """Return the usage of a row."""
    told, models = _sums(spending), spending.models
    ordered = spending.models_by_cost if len(models) > 1 else models
    told["modelBreakdowns"] = list(map(_model, ordered))
    told["modelsUsed"] = [label for label, *_ in models]
    return told


def totals(spending: Spending) -> Json:
    """Return the total of a report."""
    unpriced = {"unpricedModels": list(spending.unpriced)} if spending.unpriced else {}
    return _sums(spending) | unpriced


def _sums(spending: Spending) -> Json:
    read, output, write_5m, write_1h, cache_read = spending.tokens
    sums: Json = {
        "cacheCreationTokens": write_5m + write_1h,
        "cacheReadTokens": cache_read,
        "inputTokens": read,
        "outputTokens": output,
        "totalCost": float(spending.cost),
        "totalTokens": read + output + write_5m + write_1h + cache_read,
    }
    if spending.web_searches:
        sums |= _web_searches(spending)
    return sums


def _web_searches(spending: Spending) -> Json:
    return {
        "webSearchCost": spending.web_search_cost,
        "webSearchRequests": spending.web_searches,
    }


def _model(model: ModelSpending) -> Json:
    label, (read, output, write_5m, write_1h, cache_read), cost, is_priced, *_ = model
    told: Json = {
        "cacheCreationTokens": write_5m + write_1h,
        "cacheReadTokens": cache_read,
        "cost": float(cost),
        "inputTokens": read,
        "modelName": label,
        "outputTokens": output,
    }
    if not is_priced:
        told["missingPricing"] = True
    return told


def _block(row: BlockRow) -> Json:
    block, spending = row.block, row.spending
    read, output, write_5m, write_1h, cache_read = spending.tokens
    start = moment(block.start_ms)
    told: Json = {
        "actualEndTime": None if spending.last_ms is None else moment(spending.last_ms),
        "burnRate": None,
        "costUSD": _whole_if_possible(spending.cost),
        "endTime": moment(block.end_ms),
        "entries": spending.answers,
        "id": f"gap-{start}" if block.is_gap else start,
        "isActive": row.is_active,
        "isGap": block.is_gap,
        "models": [model.label for model in spending.models],
        "projection": None,
        "startTime": start,
        "tokenCounts": {
            "cacheCreationInputTokens": write_5m + write_1h,
            "cacheReadInputTokens": cache_read,
            "inputTokens": read,
            "outputTokens": output,
        },
        "totalTokens": read + output + write_5m + write_1h + cache_read,
    }
    if row.rate is not None:
        told["burnRate"] = {
            "costPerHour": row.rate.cost_per_hour,
            "tokensPerMinute": row.rate.tokens_per_minute,
            "tokensPerMinuteForIndicator": row.rate.input_output_tokens_per_minute,
        }
    if row.projection is not None:
        told["projection"] = {
            "remainingMinutes": row.projection.remaining_minutes,
            "totalCost": row.projection.total_cost,
            "totalTokens": row.projection.total_tokens,
        }
    if row.limit is not None:
        told["tokenLimitStatus"] = {
            "limit": row.limit.limit_tokens,
            "percentUsed": row.limit.percent_used,
            "projectedUsage": row.limit.projected_tokens,
            "status": row.limit.verdict.value,
        }
    if spending.limit_reset_ms is not None:
        told["usageLimitResetTime"] = moment(spending.limit_reset_ms)
    if spending.web_searches:
        told |= _web_searches(spending)
    return with_part(told, row)


def _whole_if_possible(dollars: float) -> float | int:
    """Return whole dollars without a decimal point, like ccusage's blocks."""
    return int(dollars) if float(dollars).is_integer() else dollars
