"""Reads the events of Copilot CLI's sessions.

    {"type":"session.start","timestamp":…,"data":{"sessionId":…,"copilotVersion":…,
        "selectedModel":…,"context":{"cwd":…,"branch":…}}}
    {"type":"assistant.message","timestamp":…,"data":{"model":…,"outputTokens":…,"apiCallId":…}}

An event tells the output of each request; what else it used is known when the session is shut
down, see `shutdowns`, and is then divided among the requests since. So each of them counts at its
own time, and a session that is still open, or was never shut down, counts as far as it is known.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.logs.copilot.folders import NO_PROJECT
from spendlight.logs.copilot.models import model_name
from spendlight.logs.copilot.shutdowns import Sums, since_last, sums_in
from spendlight.logs.copilot.telemetry import has_telemetry, span_keys
from spendlight.logs.found_usage import as_count, as_moment, as_object, as_text
from spendlight.logs.json_lines import JsonLines, read_json_lines
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import IS_SIDECHAIN, SessionName, TokenCounts
from spendlight.metering.project_names import project_of
from spendlight.metering.session_notes import CalledAgent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_SHUTDOWN: Final = "session.shutdown"
_MESSAGE: Final = "assistant.message"
_BEGINNINGS: Final = frozenset({"session.start", "session.resume"})
_CHANGES: Final = frozenset({"session.model_change", "session.context_changed"})
_SUBAGENT: Final = "subagent.started"


class _Request(NamedTuple):
    """A request that no shutdown has told of yet.

    Attributes:
        key: What identifies it.
        output: In tokens.
        is_named: Whether the event itself names the model.
        agent: The subagent that made it, if one did.
        known: The index of what was known of its circumstances.
    """

    key: str
    at_ms: int
    output: int
    model: str
    is_named: bool
    agent: str
    known: int


def parse_events(job: ReadJob) -> ParsedRange:
    """Read a range of a session's events."""
    return read_json_lines(job, _Events)


class _Events(JsonLines):
    """The events that say what was used, and under which circumstances."""

    needles = tuple(
        f'"{kind}"'.encode() for kind in (_SHUTDOWN, _MESSAGE, _SUBAGENT, *_BEGINNINGS, *_CHANGES)
    )

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        super().__init__(job, None)
        known: Any = json.loads(state) if state else [[{}], {}, [], 0]
        self._known: list[dict[str, str]] = known[0]
        self._before = {model: Sums._make(sums) for model, sums in known[1].items()}
        self._pending = list(map(_Request._make, known[2]))
        self._resumed: int = known[3]
        self._provisional = IS_SIDECHAIN if has_telemetry(job.path) else 0
        self._name()

    @property
    def _told(self) -> dict[str, str]:
        """The circumstances now."""
        return self._known[-1]

    @property
    def state(self) -> bytes:
        """The circumstances, the last sums, and the requests since, with those since resumed."""
        return json.dumps([self._known, self._before, self._pending, self._resumed]).encode()

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in an event."""
        kind, data = line.get("type"), as_object(line.get("data"), "data")
        if kind == _MESSAGE:
            self._answer(line, data, offset)
        elif kind == _SHUTDOWN:
            self._settle(line, data, offset)
        elif kind == _SUBAGENT:
            call = as_text(data.get("toolCallId"))
            name = as_text(data.get("agentName")) or as_text(data.get("agentDisplayName"))
            if call and name:
                self.found.notes.append(CalledAgent(offset, "", call, name))
        elif kind in _BEGINNINGS or kind in _CHANGES:
            if kind in _BEGINNINGS:
                self._resumed = len(self._pending)
            self._learn(data)

    def _learn(self, data: Mapping[str, Any]) -> None:
        """Take in circumstances that hold from now on."""
        of_event = data.get("context")
        context: Mapping[str, Any] = of_event if isinstance(of_event, dict) else data
        told = dict(self._told)
        for key, value in (
            ("session", data.get("sessionId")),
            ("version", data.get("copilotVersion")),
            ("model", data.get("newModel") or data.get("selectedModel")),
            ("effort", data.get("reasoningEffort")),
            ("folder", context.get("cwd")),
            ("branch", context.get("branch")),
        ):
            if text := as_text(value):
                told[key] = text
        if told != self._told:
            self._known.append(told)
        self._name()

    def _name(self) -> None:
        session = self._told.get("session") or self._job.session
        project = project_of(self._told.get("folder", "")) or NO_PROJECT
        self.found.owner = SessionName(project, project, session)

    def _answer(self, line: Mapping[str, Any], data: Mapping[str, Any], offset: int) -> None:
        """Take in a message, which tells the output of a request."""
        output = as_count(data.get("outputTokens"), "outputTokens")
        named = as_text(data.get("model"))
        model = model_name(named or self._told.get("model", ""))
        at_ms = as_moment(line.get("timestamp"), "timestamp")
        key = next(
            (
                text
                for key in ("apiCallId", "serviceRequestId", "requestId", "messageId")
                if (text := as_text(data.get(key)))
            ),
            f"{self._told.get('session') or self._job.session}:{at_ms}",
        )
        agent = as_text(data.get("parentToolCallId"))
        request = _Request(key, at_ms, output, model, bool(named), agent, len(self._known) - 1)
        if self._pending and key == self._pending[-1].key:  # one request, several messages
            first = self._pending.pop()
            request = first._replace(output=max(output, first.output))
        self._pending.append(request)
        self._add(request, Sums(1, 0, request.output), offset, self._provisional)

    def _settle(self, line: Mapping[str, Any], data: Mapping[str, Any], offset: int) -> None:
        """Divide what a shutdown tells among the requests since the last one."""
        now = sums_in(as_object(data.get("modelMetrics"), "modelMetrics"))
        if not now:
            return
        at_ms = as_moment(line.get("timestamp"), "timestamp")
        own_key = as_text(line.get("id")) or f"{self._told.get('session')}:{at_ms}"
        beginnings = (self._resumed, 0)
        known = [sum(one.output for one in self._pending[start:]) for start in beginnings]
        sums, beginning = since_last(now, self._before, known)
        requests = self._pending[beginnings[beginning] :]
        for model, of_model in self._by_model(requests, sums).items():
            parts = sums.get(model, Sums()).parts([one.output for one in of_model])
            for number, part in enumerate(parts):
                if number < len(of_model):
                    request = of_model[number]._replace(model=model)
                else:
                    key = f"{own_key}:{model}:{number}"
                    request = _Request(key, at_ms, 0, model, True, "", len(self._known) - 1)  # noqa: FBT003  # a row
                self._add(request, part, offset)
        self._withdraw({one.key for one in requests}, at_ms, offset)
        self._before, self._pending, self._resumed = now, [], 0
        del self._known[:-1]

    def _withdraw(self, counted: set[str], at_ms: int, offset: int) -> None:
        """Take back what the telemetry tells of the session: a shutdown tells all of it."""
        session = self._told.get("session") or self._job.session
        for key, when in span_keys(self._job.path, session):
            if key not in counted and when <= at_ms:
                self.found.add(key, when, "", TokenCounts(), offset=offset)

    @staticmethod
    def _by_model(
        requests: Sequence[_Request], sums: Mapping[str, Sums]
    ) -> dict[str, list[_Request]]:
        """Return the requests of each model: where an event names none, of one that has room."""
        found: dict[str, list[_Request]] = {model: [] for model in sums}
        room = {model: of_model.output for model, of_model in sums.items()}
        for one in sorted(requests, key=lambda one: not one.is_named):
            model = one.model
            if not one.is_named and (model not in room or room[model] < one.output):
                model = max(room, key=room.__getitem__, default=model)
            found.setdefault(model, []).append(one)
            room[model] = room.get(model, 0) - one.output
        return found

    def _add(self, request: _Request, used: Sums, offset: int, flags: int = 0) -> None:
        tokens = TokenCounts(used.input, used.output, used.written, 0, used.read)
        if not tokens.total:
            return
        told = self._known[request.known]
        self.found.add(
            request.key,
            request.at_ms,
            request.model,
            tokens,
            offset=offset,
            reasoning=used.reasoning,
            flags=flags,
            told=Attribution(
                folder=told.get("folder", ""),
                branch=told.get("branch", ""),
                agent=request.agent,
                effort=told.get("effort", ""),
                version=told.get("version", ""),
            ),
        )
