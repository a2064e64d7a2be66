"""Generates a log of a session or a subagent line by line."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from lifelike.figures import Figures, Tally
from lifelike.styles import (
    AGENT_MODEL,
    MAIN_MODELS,
    RESULT,
    TIERS,
    TOOL_WEIGHTS,
    TOOLS,
    Style,
    message_of,
    stamp_of,
    usage_of,
    uuid_of,
)
from lifelike.texts import all_texts
from spendlight.demo import DemoTokens

FULL_CONTEXT = 150_000
"""The context size at which a session compacts itself; below the long-context price."""

_UNUSUAL = 0.01
_BLOCKS = (("", "K", "T", "KT"), (45, 20, 25, 10))
"""The blocks of an answer before it uses tools: thoughts (K), text (T), both or none."""
_TOOLS_AN_ANSWER = ((1, 2, 3, 4, 6), (80, 11, 5, 3, 1))


@dataclass(frozen=True, slots=True)
class Setting:
    """Common properties of the logs of a session.

    Attributes:
        tally: Counts each answer.
        scale: The length of texts, relative to real ones.
    """

    style: Style
    project: str
    session: bytes
    rng: random.Random
    tally: Tally
    scale: float
    branch: str


@dataclass(slots=True)
class Answer:
    """An answer whose lines are being written.

    Attributes:
        model: Its model.
        name: Its message id.
        usages: The usage of its lines before the last one, and of the last one.
    """

    model: bytes
    name: bytes
    request: bytes
    usages: tuple[bytes, bytes]
    stops: tuple[bytes, bytes]
    is_unusual: bool


@dataclass(slots=True)
class Log:
    """A log, its clock, and the context that is sent with each request.

    Attributes:
        agent: The name of the subagent that writes, or nothing.
        lines: The lines written.
        figures: Counts of what was written, as one file.
        on_line: Called with each line of a tool or for one: its type, time, message and uuid.
        last_usage: The usage of the last answer.
    """

    setting: Setting
    clock: float
    agent: bytes = b""
    lines: list[bytes] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    on_line: Callable[[bytes, bytes, bytes, bytes], None] | None = None
    last_usage: bytes = b"{}"
    _context: int = 0
    _model: str = ""
    _parent: bytes = b"null"
    _front: bytes = b""
    _back: bytes = b""

    def __post_init__(self) -> None:
        """Prepare what is the same in all lines."""
        setting, style = self.setting, self.setting.style
        rng = setting.rng
        self._model = AGENT_MODEL if self.agent else rng.choices(MAIN_MODELS, (45, 55))[0]
        envelope = (
            f'"userType":"external","cwd":"/home/ada/code/{setting.project}","sessionId":'
            f'"{setting.session.decode()}","version":"{style.version}","gitBranch":'
            f'"{setting.branch}"'
        )
        side = b'"isSidechain":true,' if self.agent else b'"isSidechain":false,'
        own = side
        if style.has_envelope_first:
            own += envelope.encode() + b","
        if self.agent and style.agents != "inline":
            own += b'"agentId":"%b",' % self.agent
        self._front = own
        later = envelope.replace('"external",', '"external","entrypoint":"cli",')
        self._back = b"" if style.has_envelope_first else b"," + later.encode()

    def text(self, median: float) -> bytes:
        """Return a text; most have about this length in bytes, a few are many times longer."""
        return all_texts().cut(self.setting.rng, median * self.setting.scale)

    def bare(self, line: bytes) -> None:
        """Add a line without an envelope."""
        self.lines.append(line + b"\n")
        self.figures = self.figures.plus(Figures(size=len(line) + 1, lines=1))

    def copied(self, line: bytes) -> None:
        """Add a line of another log."""
        self.lines.append(line)
        is_whole = line.endswith(b"}\n")
        counts = Figures(
            size=len(line),
            lines=1,
            usage_lines=int(is_whole and b'"stop_reason":' in line),
            progress_lines=int(is_whole and b'"type":"agent_progress"' in line),
        )
        self.figures = self.figures.plus(counts)

    def line(
        self, body: bytes, after: bytes = b"", *, usage: bool = False, progress: bool = False
    ) -> bytes:
        """Add a line, and return its uuid."""
        rng = self.setting.rng
        self.clock += 0.1 + rng.random()
        uuid = uuid_of(rng)
        made = b'{"parentUuid":%b,%b%b,"uuid":"%b","timestamp":"%b"%b%b}\n' % (
            self._parent,
            self._front,
            body,
            uuid,
            stamp_of(self.clock),
            after,
            self._back,
        )
        self._parent = b'"%b"' % uuid
        self.lines.append(made)
        self.figures = self.figures.plus(
            Figures(size=len(made), lines=1, usage_lines=int(usage), progress_lines=int(progress))
        )
        return uuid

    def prompt(self, text: bytes) -> bytes:
        """Add a prompt, and return the line's uuid."""
        return self.line(b'"type":"user","message":{"role":"user","content":"%b"}' % text)

    def begin_answer(self, *, is_last: bool) -> Answer:
        """Determine the usage of an answer, and count it.

        Args:
            is_last: Whether it ends the turn.
        """
        setting, style = self.setting, self.setting.style
        rng = setting.rng
        tokens = self._spend()
        # repetitions elsewhere have the usage from when the line was written
        is_equal = bool(self.agent) and style.agents == "repeated"
        if is_equal:
            tokens = tokens._replace(output=rng.randint(1, 8))
        setting.tally.add_answer(self._model, tokens)
        tier = rng.choices(*TIERS)[0]
        final = usage_of(style, tokens, tier, is_last=not is_equal)
        self.last_usage = early = final
        if not is_equal and not style.is_final_everywhere:
            first = tokens._replace(output=min(tokens.output, rng.randint(1, 8)))
            early = usage_of(style, first, tier, is_last=False)
        stop = b'"end_turn"' if is_last else b'"tool_use"'
        is_known = not is_equal and style.is_full_at_end
        return Answer(
            self._model.encode(),
            b"msg_01%022x" % rng.getrandbits(88),
            b"req_011C%020x" % rng.getrandbits(80),
            (early, final),
            (stop if style.is_final_everywhere else b"null", stop if is_known else b"null"),
            is_unusual=rng.random() < _UNUSUAL,
        )

    def block(self, answer: Answer, content: bytes, *, is_last: bool) -> bytes:
        """Add a line with one block of an answer, and return the line's uuid."""
        message = message_of(
            self.setting.style,
            (answer.model, answer.name, content, answer.stops[is_last], answer.usages[is_last]),
            is_unusual=answer.is_unusual,
        )
        told = b'"message":%b,"requestId":"%b"' % (message, answer.request)
        uuid = self.line(b'%b,"type":"assistant"' % told, usage=True)
        if self.on_line is not None and b'"type":"tool_use"' in content:
            self.on_line(b"assistant", stamp_of(self.clock), told, uuid)
        return uuid

    def take_over(self, other: "Log") -> None:
        """Take over the lines of another log."""
        self.lines += other.lines
        self.figures = self.figures.plus(other.figures._replace(files=0))

    def answer_with_one_tool(self, use: bytes) -> bytes:
        """Add an answer that only uses a tool, without the result yet; return the use's id.

        Args:
            use: The tool's name and input.
        """
        name = b"toolu_01%022x" % self.setting.rng.getrandbits(88)
        content = b'{"type":"tool_use","id":"%b",%b}' % (name, use)
        self.block(self.begin_answer(is_last=False), content, is_last=True)
        return name

    def answer_with_tools(self, after_tool: Callable[[], None] | None = None) -> bytes:
        """Add an answer that uses tools and their results; return the id of its last use.

        Args:
            after_tool: Called before each result.
        """
        rng = self.setting.rng
        answer = self.begin_answer(is_last=False)
        words = [self._say(kind) for kind in self._words()]
        uses = [self._use() for _ in range(rng.choices(*_TOOLS_AN_ANSWER)[0])]
        # results arrive one by one while the answer streams, or after all of it
        is_parallel = rng.random() < 0.9
        due: list[tuple[bytes, bytes, bytes]] = []
        for word in words:
            self.block(answer, word, is_last=False)
        for number, (content, tool, result) in enumerate(uses, start=1):
            uuid = self.block(answer, content, is_last=number == len(uses))
            due.append((tool, result, uuid))
            if number == len(uses) or not is_parallel:
                for told in due:
                    if after_tool is not None:
                        after_tool()
                    self._result(*told)
                due.clear()
        return uses[-1][1]

    def last_answer(self) -> None:
        """Add an answer that ends the turn."""
        answer = self.begin_answer(is_last=True)
        words = [self._say(kind) for kind in [*self._words(), "T"]]
        for word, following in pairwise([*words, None]):
            assert word is not None
            self.block(answer, word, is_last=following is None)

    def _words(self) -> str:
        rng = self.setting.rng
        if self.agent and self.setting.style.agents == "repeated":
            return "T" if rng.random() < 0.1 else ""
        return rng.choices(*_BLOCKS)[0]

    def _say(self, kind: str) -> bytes:
        """Return a block of thoughts or of text."""
        if kind == "T":
            return b'{"type":"text","text":"%b"}' % self.text(220)
        rng = self.setting.rng
        size = min(8_000, round(rng.lognormvariate(6.4, 0.9)))
        signature = all_texts().signature(rng, size)
        return b'{"type":"thinking","thinking":"%b","signature":"%b"}' % (self.text(180), signature)

    def _use(self) -> tuple[bytes, bytes, bytes]:
        """Return a block that uses a tool, the use's id, and the pattern of its result."""
        rng = self.setting.rng
        name = b"toolu_01%022x" % rng.getrandbits(88)
        asked, result = rng.choices(TOOLS, TOOL_WEIGHTS)[0]
        more = b"" if self.setting.style.has_envelope_first else b',"caller":{"type":"direct"}'
        content = b'{"type":"tool_use","id":"%b",%b%b}' % (name, asked % self.text(120), more)
        return content, name, result

    def _result(self, tool: bytes, pattern: bytes, asked: bytes) -> None:
        """Add the result of a tool."""
        text = self.text(850)
        told = RESULT % (tool, text)
        after = pattern % text + b',"sourceToolAssistantUUID":"%b"' % asked
        uuid = self.line(told, after)
        if self.on_line is not None:
            message = told.partition(b'"type":"user",')[2]
            self.on_line(b"user", stamp_of(self.clock), message, uuid)

    def _spend(self) -> DemoTokens:
        """Return the tokens of the next answer, and increase the context by them."""
        rng = self.setting.rng
        known, new = self._context, round(rng.lognormvariate(7.2, 0.9))
        if known == 0 or known > FULL_CONTEXT:
            known = 12_000
            new += rng.randrange(6_000, 14_000)
        output = min(16_000, round(rng.lognormvariate(5.3, 1.0)))
        self._context = known + new + output
        hour = new if self.setting.style.has_hour_cache and not self.agent else 0
        if hour and rng.random() < 0.05:
            hour = new // 3  # some for an hour, some for five minutes
        return DemoTokens(rng.randint(1, 12), output, new - hour, hour, known)
