"""Reads the threads of Amp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from spendlight.logs.documents import read_document
from spendlight.logs.found_usage import (
    BadValueError,
    FoundUsage,
    as_count,
    as_list,
    as_moment,
    as_object,
    as_text,
)
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.project_names import project_of
from spendlight.metering.session_names import UNKNOWN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def parse(job: ReadJob) -> ParsedRange:
    """Read a thread."""
    return read_document(job, job.agent, _add_thread)


def _add_thread(thread: Mapping[str, Any], found: FoundUsage) -> None:
    """Add the usage of a thread: its events, or in older versions that of its messages.

    An event says what was billed, but what was read from the cache or written to it is only in the
    message that it led to.
    """
    key = as_text(thread.get("id"))
    if not key:
        return
    folder = _folder(thread)
    project = project_of(folder) or UNKNOWN_PROJECT
    found.owner = SessionName(project, project, key)
    found.title(thread.get("title"))
    messages = as_list(thread.get("messages"), "messages")
    ledger = as_object(thread.get("usageLedger"), "usageLedger")
    events = as_list(ledger.get("events"), "usageLedger.events")
    usages = _usages(messages)
    told = Attribution(folder=folder)
    for index, event in enumerate(events or usages.values()):
        try:
            one = as_object(event, "it")
            beside = usages.get(one.get("toMessageId"), {}) if events else one
            counts = as_object(one.get("tokens"), "tokens") if events else _named(one)
            tokens = _tokens(counts, beside)
            if tokens.total:
                at = one.get("timestamp", thread.get("created"))
                number = as_text(one.get("id")) if events else f"message {one['messageId']}"
                found.add(
                    f"{key}:{number}",
                    as_moment(at, "timestamp"),
                    as_text(one.get("model")),
                    tokens,
                    offset=index,
                    told=told,
                )
        except BadValueError as error:
            found.problem(f"event {index + 1}: {error}", index)


def _usages(messages: Sequence[Any]) -> dict[object, dict[str, Any]]:
    """Return the usage of messages that have any, by their numbers."""
    found: dict[object, dict[str, Any]] = {}
    for message in messages:
        if isinstance(message, dict) and isinstance(message.get("usage"), dict):
            number = message.get("messageId")
            if isinstance(number, int | str):
                found[number] = message["usage"] | {"messageId": number}
    return found


def _named(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts of a message by the names that those of events have."""
    return {"input": usage.get("inputTokens"), "output": usage.get("outputTokens")}


def _tokens(counts: Mapping[str, Any], beside: Mapping[str, Any]) -> TokenCounts:
    written, read = "cacheCreationInputTokens", "cacheReadInputTokens"
    return TokenCounts(
        as_count(counts.get("input"), "input"),
        as_count(counts.get("output"), "output"),
        as_count(beside.get(written), written),
        0,
        as_count(beside.get(read), read),
    )


def _folder(thread: Mapping[str, Any]) -> str:
    """Return the folder in which a thread was begun, if it says so."""
    try:
        first = as_object(as_object(thread.get("env"), "env").get("initial"), "initial")
        trees = as_list(first.get("trees"), "trees")
        address = as_text(as_object(trees[0], "it").get("uri")) if trees else ""
        return unquote(urlsplit(address).path) if address.startswith("file://") else ""
    except ValueError:
        return ""
