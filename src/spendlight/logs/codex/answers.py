"""Makes answers of the lines of a rollout that matter.

    {"timestamp":…,"type":"session_meta","payload":{"id":…,"timestamp":…,"cwd":…,"cli_version":…,…}}
    {"timestamp":…,"type":"turn_context","payload":{"turn_id":…,"cwd":…,"model":…,"effort":…,…}}
    {"timestamp":…,"type":"event_msg","payload":{"type":"thread_settings_applied",…}}
    {"timestamp":…,"type":"event_msg","payload":{"type":"token_count","info":{
        "total_token_usage":{"input_tokens":…,…},"last_token_usage":{…},…},"rate_limits":…}}

Codex repeats the counters whenever something else changes, so the same ones twice are one answer. A
forked session begins with the lines of its parent, written again, with new timestamps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.codex.counts import Counts, counts_in
from spendlight.logs.codex.models import AUTO_REVIEW, UNNAMED, reviewer
from spendlight.logs.codex.settings import FAST_TIERS, USUAL_TIERS, service_tier
from spendlight.logs.codex.state import Phase, State
from spendlight.logs.identities import hash_of
from spendlight.logs.timestamps import parse_timestamp
from spendlight.metering.attribution import NOT_KNOWN, Attribution, clean
from spendlight.metering.entry import IS_SIDECHAIN, ModelVariant, Role, UsageEntry, rank
from spendlight.metering.session_notes import CalledAgent

if TYPE_CHECKING:
    from spendlight.logs.jobs import ReadJob
    from spendlight.metering.session_notes import SessionNote

REPLAY_MS: Final = 1000
"""A fork is written at once: answers of the parent follow each other within this time, which no
model is fast enough for (like in ccusage 20.0.24)."""

_MOST_NAME: Final = 400


class Answers:
    """Collects the answers of a range.

    Args:
        job: The range.
        state: What is known from before it; it is changed.

    Attributes:
        state: What is known after the last line.
        found: The answers by their hashes.
        variants: Their models, by number.
        attributions: Their circumstances, by number.
        notes: What the lines say about subagents.
    """

    def __init__(self, job: ReadJob, state: State) -> None:
        self.state = state
        self.found: dict[int, UsageEntry] = {}
        self.variants: dict[int, ModelVariant] = {}
        self.attributions: dict[int, Attribution] = {}
        self.notes: list[SessionNote] = []
        self._job = job
        self._attribution: Attribution | None = None
        self._tier: str | None = None
        self._variant: tuple[tuple[str, bool, bool], int] | None = None

    def add(self, line: dict[str, Any], offset: int) -> None:
        """Take in a line.

        Raises:
            BadLineError: If it should be an answer and is not.
        """
        payload, kind = line["payload"], line.get("type")
        if kind == "session_meta":
            self._begin(line, payload, offset)
        elif kind == "turn_context":
            self._turn(payload)
        elif kind == "event_msg" and payload.get("type") == "token_count":
            self._count(line, payload, offset)
        elif kind == "event_msg" and payload.get("type") == "thread_settings_applied":
            self._choose(payload.get("thread_settings"))

    def _begin(self, line: dict[str, Any], payload: dict[str, Any], offset: int) -> None:
        """Take in the beginning of this session, of another one that it contains, or a resumption.

        The first one is the session's own.
        """
        state = self.state
        session = _text(payload.get("id")) or _text(payload.get("session_id"))
        if state.session and session != state.session:
            if state.phase == Phase.BEGINNING and not state.parent:
                state.parent = session
            return
        state.folder = _text(payload.get("cwd")) or state.folder
        state.version = _text(payload.get("cli_version")) or state.version
        state.entry_point = _text(payload.get("originator")) or state.entry_point
        git = payload.get("git")
        state.branch = (_text(git.get("branch")) if isinstance(git, dict) else "") or state.branch
        self._attribution = None
        if state.session or not session:
            return
        state.session = session
        state.last_ms = _time(line.get("timestamp"))
        state.began_ms = _time(payload.get("timestamp")) or state.last_ms
        state.parent, state.agent_type = _origin(payload)
        if state.agent_type:
            state.agent = session
            self.notes.append(CalledAgent(offset, "", session, state.agent_type))

    def _turn(self, payload: dict[str, Any]) -> None:
        state = self.state
        state.model = _model_in(payload) or state.model
        state.turn = _text(payload.get("turn_id"))
        state.folder = state.folder or _text(payload.get("cwd"))
        state.effort = _text(payload.get("effort"))
        self._attribution = None

    def _choose(self, settings: object) -> None:
        tier = _text(settings.get("service_tier")) if isinstance(settings, dict) else ""
        if tier:
            self.state.tier = tier if tier in FAST_TIERS | USUAL_TIERS else ""
            self._attribution = None

    def _count(self, line: dict[str, Any], payload: dict[str, Any], offset: int) -> None:
        state, info = self.state, payload.get("info")
        state.model = _model_in(payload) or _model_in(info) or state.model
        if not isinstance(info, dict):
            return
        last, total = (counts_in(info.get(f"{name}_token_usage")) for name in ("last", "total"))
        if last is None and total is None:
            return
        at_ms = parse_timestamp(line.get("timestamp"))
        before = Counts(*state.sum)
        if total is not None and total == state.total:  # nothing was asked since
            self._repeat(at_ms)
            return
        if last is None:
            last = (total or before).since(before)
        risen = last.limited()
        state.sum = tuple(before.plus(last) if total is None else total)
        state.total = state.total if total is None else tuple(total)
        if any(risen):
            self._answer(risen, last, at_ms, offset)

    def _repeat(self, at_ms: int) -> None:
        """Take in counters that are shown again: a replay that pauses has ended."""
        state = self.state
        if state.last_ms is not None and at_ms - state.last_ms > REPLAY_MS:
            state.phase, state.first = Phase.OWN, None
        state.last_ms = at_ms

    def _answer(self, risen: Counts, last: Counts, at_ms: int, offset: int) -> None:
        state = self.state
        within = state.turn or at_ms
        answer = hash_of(f"codex:{within}:{tuple(last)}:{tuple(state.sum)}")
        phase = self._phase(at_ms)
        if phase is Phase.FIRST:
            state.first = answer, at_ms  # it is withdrawn if it was the parent's
            entry = self._entry(answer, risen, at_ms, offset)
            self._add(entry._replace(flags=IS_SIDECHAIN))
        elif phase is Phase.OWN:
            self._add(self._entry(answer, risen, at_ms, offset))
        elif state.first:
            held, held_ms = state.first
            self._add(self._entry(held, Counts(), held_ms, offset))
        if phase is not Phase.FIRST:
            state.first = None
        state.phase, state.last_ms = phase, at_ms

    def _phase(self, at_ms: int) -> Phase:
        """Return the phase with an answer at some time.

        Ids of turns say when these began, so an earlier one than the session is the parent's. In
        older logs the answers of the parent are those that are written at once.
        """
        state = self.state
        if not state.parent or state.phase == Phase.OWN:
            return Phase.OWN
        turn_ms = state.turn_ms
        if turn_ms is not None and state.began_ms is not None:
            return Phase.REPLAY if turn_ms < state.began_ms else Phase.OWN
        if state.last_ms is not None and at_ms - state.last_ms <= REPLAY_MS:
            return Phase.REPLAY
        return Phase.FIRST if state.phase == Phase.BEGINNING else Phase.OWN

    def _entry(self, answer: int, counts: Counts, at_ms: int, offset: int) -> UsageEntry:
        return UsageEntry(
            answer=answer,
            request=answer,
            at_ms=at_ms,
            file=self._job.number,
            offset=offset,
            variant=self.variant_at(at_ms),
            flags=0,
            input=counts.input - counts.cached - counts.written,
            output=counts.output,
            cache_write_5m=counts.written,
            cache_write_1h=0,
            cache_read=counts.cached,
            reasoning=counts.reasoning,
            attribution=self.circumstances(),
        )

    def _add(self, entry: UsageEntry) -> None:
        """Add a copy of an answer, if it is the best so far; the earlier one of equal ones is."""
        held = self.found.setdefault(entry.answer, entry)
        if rank(entry, "") < rank(held, ""):
            self.found[entry.answer] = entry

    def variant_at(self, at_ms: int) -> int:
        """Return the number of the model that answers at some time."""
        state = self.state
        name = reviewer(at_ms) if state.model == AUTO_REVIEW else state.model or UNNAMED
        is_fast = (state.tier or self._usual_tier()) in FAST_TIERS
        key = name, is_fast, name != state.model
        if self._variant is None or self._variant[0] != key:
            role = Role.ASSUMED if name != state.model else Role.ANSWER
            variant = ModelVariant(name, is_fast, role=role)
            self._variant = key, variant.number
            self.variants[variant.number] = variant
        return self._variant[1]

    def _usual_tier(self) -> str:
        if self._tier is None:
            self._tier = service_tier(self._job.path)
        return self._tier

    def circumstances(self) -> int:
        """Return the number of what is known of the circumstances of an answer now."""
        if self._attribution is None:
            self._attribution = self.state.attribution
            if self._attribution != NOT_KNOWN:
                self.attributions[self._attribution.number] = self._attribution
        return self._attribution.number


def _origin(payload: dict[str, Any]) -> tuple[str, str]:
    """Return the id of the session that one was made from, and the type of subagent it is."""
    parent = _text(payload.get("forked_from_id"))
    source = payload.get("source")
    subagent = source.get("subagent") if isinstance(source, dict) else None
    if isinstance(subagent, str):
        return parent, _text(subagent)
    if not isinstance(subagent, dict):
        return parent, ""
    spawned = subagent.get("thread_spawn")
    if isinstance(spawned, dict):
        kind = _text(spawned.get("agent_role")) or "thread_spawn"
        return parent or _text(spawned.get("parent_thread_id")), kind
    return parent, _text(subagent.get("other")) or _text(next(iter(subagent), ""))


def _model_in(found: object) -> str:
    """Return the model that a line or a part of it names, or ""."""
    if not isinstance(found, dict):
        return ""
    metadata = found.get("metadata")
    named = _text(found.get("model")) or _text(found.get("model_name"))
    return named or (_text(metadata.get("model")) if isinstance(metadata, dict) else "")


def _text(value: object) -> str:
    """Return a name, or "" if a value is none."""
    return clean(value.strip()[:_MOST_NAME]) if isinstance(value, str) else ""


def _time(value: object) -> int | None:
    """Return a timestamp in Unix milliseconds; None if it is invalid."""
    try:
        return parse_timestamp(value if isinstance(value, str) else None)
    except ValueError:
        return None
