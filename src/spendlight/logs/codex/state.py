"""What must be remembered of the lines of a rollout to understand those that follow."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

import msgspec

from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import SessionName
from spendlight.metering.session_names import UNKNOWN_PROJECT

_NO_LETTER: Final = re.compile("[^A-Za-z0-9]")
_UUID_7: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Phase(IntEnum):
    """Whether the answers of a forked session are still those of its parent.

    Attributes:
        BEGINNING: There was none yet.
        FIRST: There was one, so far from the beginning that it may be the session's own.
        REPLAY: The last one was the parent's.
        OWN: From now on they are the session's own.
    """

    BEGINNING = 0
    FIRST = 1
    REPLAY = 2
    OWN = 3


class State(msgspec.Struct, array_like=True, gc=False):
    """What is known after some line.

    Attributes:
        session: The session's id; "" if nothing has named it yet.
        began_ms: When the session began, in Unix milliseconds, or None.
        parent: The id of the session that it was forked from, or that started it as a subagent.
        phase: Whether answers are still those of the parent.
        last_ms: When the session's beginning or the last answer was written.
        first: The hash and the time of the answer of `Phase.FIRST`.
        model: The model named last.
        tier: The service tier chosen last; "" if none was, or an unknown one.
        turn: The id of the turn, which is the same in all copies of its lines; "" if unknown.
        total: The counters shown last, or None.
        sum: The sum of all tokens so far, by these counters if they are shown.
        folder: The working folder.
        branch: The git branch when the session began.
        effort: The level of effort.
        entry_point: How Codex was started.
        version: The version of Codex.
        agent: The session's id if it is a subagent's.
        agent_type: What kind of subagent that is.
    """

    session: str = ""
    began_ms: int | None = None
    parent: str = ""
    phase: int = Phase.BEGINNING
    last_ms: int | None = None
    first: tuple[int, int] | None = None
    model: str = ""
    tier: str = ""
    turn: str = ""
    total: tuple[int, ...] | None = None
    sum: tuple[int, ...] = (0, 0, 0, 0, 0)
    folder: str = ""
    branch: str = ""
    effort: str = ""
    entry_point: str = ""
    version: str = ""
    agent: str = ""
    agent_type: str = ""

    @property
    def turn_ms(self) -> int | None:
        """When the turn began, in Unix milliseconds, if its id says so (RFC 9562, version 7)."""
        if not _UUID_7.fullmatch(self.turn):
            return None
        return int(self.turn[:8] + self.turn[9:13], 16)

    @property
    def owner(self) -> SessionName | None:
        """The session and its project, which is named as Claude Code would name it."""
        if not self.session:
            return None
        project = _NO_LETTER.sub("-", self.folder) or UNKNOWN_PROJECT
        return SessionName(project, project, self.session)

    @property
    def attribution(self) -> Attribution:
        """What is known of the circumstances of an answer."""
        return Attribution(
            self.folder,
            self.branch,
            self.agent,
            effort=self.effort,
            entry_point=self.entry_point,
            version=self.version,
            service_tier=self.tier,
        )


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(State).decode


def packed_state(state: State) -> bytes:
    """Return a state as bytes that can be stored."""
    return _encode(state)


def unpacked_state(stored: bytes) -> State | None:
    """Return the stored state; None if it is another version's."""
    try:
        return _decode(stored)
    except msgspec.MsgspecError:
        return None
