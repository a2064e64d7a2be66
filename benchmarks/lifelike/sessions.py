"""A lifelike session: prompts, answers, subagents, and other lines in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lifelike.figures import Figures
from lifelike.logs import Log, Setting
from lifelike.styles import NO_RESPONSE, PROGRESS, RESULT, TASK_RESULT, stamp_of, uuid_of
from spendlight.demo.texts import PROMPTS

_TURN_ENDS = 0.12
_NOTHING_TO_ANSWER = 0.004
_TORN = 0.0015
"""The share of truncated lines, as if the program or the machine was stopped."""

_DOCUMENT = 0.0015
_DOCUMENT_BYTES = (60_000, 340_000)
"""The size of documents and pictures that a tool read."""


class AgentPlan(NamedTuple):
    """A subagent that a session calls.

    Attributes:
        uses: The number of its answers with tools.
        has_log: Whether its log still exists; if not, only the lines repeated by the session, if
            any, are left.
    """

    uses: int
    has_log: bool


@dataclass(slots=True)
class Session:
    """A running session.

    Attributes:
        log: Its own log.
        agents: The logs of its subagents that are kept.
    """

    log: Log
    agents: list[Log]

    @classmethod
    def begun(cls, setting: Setting, clock: float) -> "Session":
        """Return a session without answers yet."""
        return cls(Log(setting, clock), [])

    def work(self, goal: Figures, agents: Sequence[AgentPlan]) -> None:
        """Fill the session.

        Args:
            goal: The number of its own lines, and of those with usage, without repetitions of
                subagents' lines.
            agents: The subagents that it calls.
        """
        log, rng = self.log, self.log.setting.rng
        goal = goal._replace(usage_lines=max(1, goal.usage_lines))
        lines_each = goal.lines / goal.usage_lines
        calls = sorted((rng.random(), number) for number in range(len(agents)))
        own = Figures()
        is_turn_over = True
        while own.usage_lines < goal.usage_lines or calls:
            before = log.figures
            if is_turn_over:
                self._prompt()
            is_turn_over = rng.random() < _TURN_ENDS
            if is_turn_over:
                log.last_answer()
                self._end_turn()
            else:
                log.answer_with_tools(self._between)
            own = own.plus(log.figures.minus(before))
            while own.lines < own.usage_lines * lines_each:
                before = log.figures
                self._say_little()
                own = own.plus(log.figures.minus(before))
            while calls and own.usage_lines >= goal.usage_lines * calls[0][0]:
                self._call(agents[calls.pop(0)[1]])
            log.clock += rng.expovariate(1 / 20)
        log.bare(b'{"type":"last-prompt","lastPrompt":"%b","sessionId":"%b"}' % self._asked())

    def _asked(self) -> tuple[bytes, bytes]:
        rng = self.log.setting.rng
        return rng.choice(PROMPTS).encode(), self.log.setting.session

    def _prompt(self) -> None:
        rng = self.log.setting.rng
        text, _ = self._asked()
        if rng.random() < 0.2:  # some contain a pasted log
            text += b"\\n\\n" + self.log.text(600)
        name = self.log.prompt(text)
        self.log.bare(_SNAPSHOT % (name, name, b"", stamp_of(self.log.clock), b"false"))

    def _call(self, plan: AgentPlan) -> None:
        """Run a subagent."""
        log, setting = self.log, self.log.setting
        rng, style = setting.rng, setting.style
        agent = Log(setting, log.clock, agent=b"a%016x" % rng.getrandbits(64))
        asked = self.log.text(250)
        tool = log.answer_with_one_tool(
            b'"name":"Task","input":{"description":"Have a look","prompt":"%b",'
            b'"subagent_type":"Explore"}' % asked
        )
        if style.agents == "repeated":
            agent.on_line = self._repeat(agent, asked, tool)
        uuid = agent.prompt(asked)
        if agent.on_line is not None:
            told = b'"message":{"role":"user","content":[{"type":"text","text":"%b"}]}' % asked
            agent.on_line(b"user", stamp_of(agent.clock), told, uuid)
        for _ in range(plan.uses):
            agent.answer_with_tools()
            agent.clock += rng.expovariate(1 / 4)
            log.clock = agent.clock
        if plan.has_log:
            agent.last_answer()
        if style.agents == "inline":
            log.take_over(agent)
        elif plan.has_log:
            self.agents.append(agent)
        log.clock = agent.clock
        report = log.text(700)
        log.line(
            RESULT % (tool, report),
            TASK_RESULT % (asked, agent.agent, report, 51_141, plan.uses, agent.last_usage),
        )

    def _repeat(
        self, agent: Log, asked: bytes, tool: bytes
    ) -> Callable[[bytes, bytes, bytes, bytes], None]:
        """Return the function that repeats a subagent's line in the session's log."""
        log = self.log

        def on_line(kind: bytes, stamp: bytes, message: bytes, uuid: bytes) -> None:
            use = b"msg_01%022x" % log.setting.rng.getrandbits(88)
            body = PROGRESS % (kind, stamp, message, uuid, asked, agent.agent, use, tool)
            log.line(body, usage=kind == b"assistant", progress=True)

        return on_line

    def _between(self) -> None:
        """Add the lines between the use of a tool and its result."""
        rng = self.log.setting.rng
        if rng.random() < _DOCUMENT:
            data = b"JVBERi0xLjcK" + b"A/b+9zQ1" * (rng.randrange(*_DOCUMENT_BYTES) // 8)
            self.log.line(_DOCUMENT_READ % data)
        if rng.random() < _TORN:
            line = self.log.lines[-1]
            self.log.bare(line[: rng.randrange(40, len(line) - 1)].rstrip(b"}"))

    def _end_turn(self) -> None:
        log, rng = self.log, self.log.setting.rng
        log.line(b'"type":"system","subtype":"turn_duration","durationMs":51141,"isMeta":false')
        if rng.random() < 0.05:
            text, _ = self._asked()
            log.bare(b'{"type":"summary","summary":"%b","leafUuid":"%b"}' % (text, uuid_of(rng)))

    def _say_little(self) -> None:
        """Add one line without usage to be counted."""
        log, rng = self.log, self.log.setting.rng
        if rng.random() < _NOTHING_TO_ANSWER:
            log.line(NO_RESPONSE % uuid_of(rng), usage=True)
            return
        kinds, weights = _OLD if log.setting.style.has_envelope_first else _NEW
        kind = rng.choices(kinds, weights)[0]
        if kind == _SNAPSHOT:
            name = uuid_of(rng)
            files = b'"src/fog/sensor.py":{"backupFileName":"81f572336c9a0891@v8","version":1}'
            log.bare(_SNAPSHOT % (name, name, files, stamp_of(log.clock), b"true"))
        elif kind == _QUEUED:
            text, session = self._asked()
            log.bare(_QUEUED % (stamp_of(log.clock), session, text))
        elif kind == _MODE:
            log.bare(_MODE % log.setting.session)
        elif kind == _HOOK:
            log.line(_HOOK % (uuid_of(rng), uuid_of(rng)))
        else:
            log.line(kind % log.text(90))


_SNAPSHOT = (
    b'{"type":"file-history-snapshot","messageId":"%b","snapshot":{"messageId":"%b",'
    b'"trackedFileBackups":{%b},"timestamp":"%b"},"isSnapshotUpdate":%b}'
)
_QUEUED = (
    b'{"type":"queue-operation","operation":"enqueue","timestamp":"%b","sessionId":"%b",'
    b'"content":"%b"}'
)
_MODE = b'{"type":"permission-mode","permissionMode":"default","sessionId":"%b"}'
_HOOK = (
    b'"type":"progress","data":{"type":"hook_progress","hookEvent":"PostToolUse","hookName":'
    b'"PostToolUse:Edit","command":"${HARBOUR_HOOKS}/format.sh --quiet"},"parentToolUseID":"%b",'
    b'"toolUseID":"%b"'
)
_BASH = (
    b'"type":"progress","data":{"type":"bash_progress","output":"","fullOutput":"%b",'
    b'"elapsedTimeSeconds":2,"totalLines":3},"toolUseID":"bash-progress-0"'
)
_STOPPED = (
    b'"type":"system","subtype":"stop_hook_summary","hookCount":1,"hookInfos":[{"command":"%b"}],'
    b'"hookErrors":[],"preventedContinuation":false,"stopReason":"","level":"suggestion"'
)
_REMINDED = (
    b'"attachment":{"type":"hook_additional_context","content":["%b"],"hookName":'
    b'"UserPromptSubmit","hookEvent":"UserPromptSubmit"},"type":"attachment"'
)
_OLD = ((_HOOK, _BASH, _STOPPED, _SNAPSHOT, _QUEUED), (60, 22, 5, 11, 2))
_NEW = ((_REMINDED, _HOOK, _STOPPED, _SNAPSHOT, _QUEUED, _MODE), (40, 10, 15, 15, 8, 12))
"""Lines without usage, and how often each occurs."""

_DOCUMENT_READ = (
    b'"type":"user","message":{"role":"user","content":[{"type":"document","source":{"type":'
    b'"base64","media_type":"application/pdf","data":"%b"}}]},"isMeta":true'
)
