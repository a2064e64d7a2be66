"""Reads the sessions of Gemini CLI, of both forms, and the statistics of its runs in scripts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
from spendlight.logs.json_lines import JsonLines, read_json_lines
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.project_names import project_of
from spendlight.metering.session_names import UNKNOWN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_ANSWER: Final = "gemini"
_MOST_PATH: Final = 4096

_ROOT_FILE: Final = ".project_root"
"""The file in a project's folder that names the folder of the project itself."""


class Chat(NamedTuple):
    """What is known of a session.

    Attributes:
        hash: The hash by which the agent names the project.
        kind: "main" or "subagent"; "" in older versions.
        model: The model that was named last; lines may leave it out.
    """

    session: str = ""
    hash: str = ""
    kind: str = ""
    model: str = ""


def parse(job: ReadJob) -> ParsedRange:
    """Read a session."""
    if job.path.endswith(".json"):
        folder = project_folder(job.path)
        return read_document(
            job, job.agent, lambda document, found: _add_document(document, found, job, folder)
        )
    return read_json_lines(job, _Lines)


def project_folder(path: str) -> str:
    """Return the folder of the project that a session is about, if the agent has noted it.

    Args:
        path: The session's log, in ``<project>/chats``.
    """
    folder = os.path.dirname(path)  # noqa: PTH120  # text
    for _ in range(3):
        try:
            with open(os.path.join(folder, _ROOT_FILE), encoding="utf-8") as file:  # noqa: PTH118, PTH123  # text
                return as_text(file.read(_MOST_PATH).strip())
        except (OSError, UnicodeDecodeError):
            folder = os.path.dirname(folder)  # noqa: PTH120  # text
    return ""


def _add_document(
    document: Mapping[str, Any], found: FoundUsage, job: ReadJob, folder: str
) -> None:
    """Add the answers of a session, or the statistics of a run."""
    session = document.get("sessionId", document.get("session_id"))
    kind = as_text(document.get("kind"))
    chat = Chat(as_text(session) or job.session, as_text(document.get("projectHash")), kind)
    if "messages" in document:
        found.owner = _owner(chat, folder)
        found.title(document.get("summary"))
        for index, message in enumerate(as_list(document["messages"], "messages")):
            try:
                chat = _add_message(as_object(message, "it"), chat, found, folder, index)
            except BadValueError as error:
                found.problem(f"message {index + 1}: {error}", index)
    elif "stats" in document:
        found.owner = _owner(chat, folder)
        _add_statistics(document, chat, found, job, folder)


class _Lines(JsonLines):
    """Lines with messages; a later line may repeat a message, or change what is known."""

    needles = (b'"tokens"', b'"sessionId"', b'"model"', b'"summary"')

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        super().__init__(job, state)
        self._folder = project_folder(job.path)

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in a line."""
        changes = as_object(line.get("$set"), "$set")
        if changes:
            self.found.title(changes.get("summary"))
            return
        chat = Chat(**self.remembered)
        if "sessionId" in line and "tokens" not in line:
            told = {"session": "sessionId", "hash": "projectHash", "kind": "kind"}
            texts = {name: as_text(line.get(key)) for name, key in told.items()}
            chat = chat._replace(**{name: text for name, text in texts.items() if text})
            self.found.owner = _owner(chat, self._folder)
        chat = _add_message(line, chat, self.found, self._folder, offset)
        self.remembered = {name: text for name, text in chat._asdict().items() if text}


def _add_message(
    message: Mapping[str, Any], chat: Chat, found: FoundUsage, folder: str, offset: int
) -> Chat:
    """Add the usage of a message, if it has any; return what is known now.

    Raises:
        BadValueError: If a value is impossible.
    """
    model = as_text(message.get("model")) or chat.model
    chat = chat._replace(model=model)
    if message.get("type") != _ANSWER or message.get("tokens") is None:
        return chat
    tokens, reasoning = tokens_of(as_object(message["tokens"], "tokens"))
    if not tokens.total:
        return chat
    at_ms = as_moment(message.get("timestamp"), "timestamp")
    key = as_text(message.get("id")) or chat.session
    found.add(
        f"{key}:{at_ms}",
        at_ms,
        model,
        tokens,
        offset=offset,
        reasoning=reasoning,
        told=_told(chat, folder),
    )
    return chat


def tokens_of(counts: Mapping[str, Any]) -> tuple[TokenCounts, int]:
    """Return the tokens of a message, and how many of its output are of reasoning.

    Thoughts are beside the output. What was read from the cache is part of the input if the total
    says so; and the results of tools that the server called are input, too.

    Raises:
        BadValueError: If one is impossible.
    """
    sent, output, cached, thoughts, tool = (
        as_count(counts.get(kind), kind)
        for kind in ("input", "output", "cached", "thoughts", "tool")
    )
    is_within = counts.get("total") == sent + output + thoughts + tool
    fresh = max(0, sent - cached) if is_within else sent
    return TokenCounts(fresh + tool, output + thoughts, 0, 0, cached), thoughts


def _add_statistics(
    document: Mapping[str, Any], chat: Chat, found: FoundUsage, job: ReadJob, folder: str
) -> None:
    """Add the sums that a run in a script has printed: one for each model.

    Raises:
        BadValueError: If a value is impossible.
    """
    if document.get("timestamp") is None:  # it was redirected to the file when the run ended
        at_ms = Path(job.path).stat().st_mtime_ns // 1_000_000
    else:
        at_ms = as_moment(document["timestamp"], "timestamp")
    models = as_object(as_object(document["stats"], "stats").get("models"), "models")
    for index, (model, sums) in enumerate(models.items()):
        counts = as_object(as_object(sums, "it").get("tokens"), "tokens")
        sent, output, cached, thoughts, tool = (
            as_count(counts.get(kind), kind)
            for kind in ("prompt", "candidates", "cached", "thoughts", "tool")
        )
        tokens = TokenCounts(max(0, sent - cached) + tool, output + thoughts, 0, 0, cached)
        if tokens.total:
            found.add(
                f"{chat.session}:{model}",
                at_ms,
                model,
                tokens,
                offset=index,
                reasoning=thoughts,
                told=_told(chat, folder),
            )


def _owner(chat: Chat, folder: str) -> SessionName | None:
    project = project_of(folder) or chat.hash or UNKNOWN_PROJECT
    return SessionName(project, project, chat.session) if chat.session else None


def _told(chat: Chat, folder: str) -> Attribution:
    return Attribution(folder=folder, agent=chat.session if chat.kind == "subagent" else "")
