"""Generates a session line by line, in the formats of several versions of Claude Code."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from spendlight.demo.shape import DemoTokens, DemoWritten
from spendlight.demo.texts import PROMPTS, all_texts

MAIN_MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-6")
AGENT_MODEL = "claude-haiku-4-5-20251001"

FULL_CONTEXT = 150_000
"""The context size at which a session compacts itself; below the long-context price of 200,000
tokens."""

_LINES_AN_ANSWER = ((1, 2, 3, 4), (42, 36, 15, 7))

_BRANCHES = ("main", "fog-horn", "fix/night-watch", "try-smaller-lamp")


_TOOLS = (b"Edit", b"Bash", b"Read", b"Edit", b"Grep", b"Bash", b"Edit", b"Write")
_SKILLS = ("", "", "tide-charts", "", "release-notes", "", "", "")
_SERVERS = (("browser", "click"), ("harbour-db", "query"))
_AGENT_TYPES = ("Explore", "general-purpose", "test-runner")
_EFFORTS = ("high", "high", "medium", "xhigh")
"""What is chosen by the session's id, so that it does not change what else is random."""


class Style(NamedTuple):
    """How one version of Claude Code writes its lines."""

    version: str
    has_envelope_first: bool
    is_final_on_every_line: bool
    has_hour_cache: bool
    has_attribution: bool = False


STYLES = (
    Style("2.1.34", has_envelope_first=True, is_final_on_every_line=False, has_hour_cache=False),
    Style("2.1.81", has_envelope_first=False, is_final_on_every_line=False, has_hour_cache=True),
    Style(
        "2.1.219",
        has_envelope_first=False,
        is_final_on_every_line=True,
        has_hour_cache=True,
        has_attribution=True,
    ),
)


@dataclass(slots=True)
class Tally:
    """Counts while lines are made."""

    files: int = 0
    size: int = 0
    lines: int = 0
    usage_lines: int = 0
    answers: int = 0
    by_model: dict[str, DemoTokens] = field(default_factory=dict)

    def add(self, model: str, tokens: DemoTokens) -> None:
        """Count one answer."""
        self.answers += 1
        before = self.by_model.get(model, DemoTokens(0, 0, 0, 0, 0))
        self.by_model[model] = DemoTokens(*map(sum, zip(before, tokens, strict=True)))

    def result(self) -> DemoWritten:
        """Return the totals."""
        return DemoWritten(
            self.files, self.size, self.lines, self.usage_lines, self.answers, self.by_model
        )


@dataclass(frozen=True, slots=True)
class Outline:
    """When a session takes place, and its length; no line is later than *latest*."""

    project: str
    start: float
    seconds: float
    latest: float
    answers: int
    style: Style
    agents: tuple[int, ...] = ()
    is_resumed: bool = False


class Log:
    """A running session or subagent: its clock, its context, and its lines."""

    def __init__(
        self,
        outline: Outline,
        rng: random.Random,
        tally: Tally,
        *,
        session: str = "",
        agent_id: str = "",
    ) -> None:
        self.outline, self.rng, self.tally = outline, rng, tally
        self.clock = outline.start
        self.scale = 1.0
        self.session = session or _uuid(rng)
        self.agent_id = agent_id
        self.context = 0
        self._model = AGENT_MODEL if agent_id else rng.choices(MAIN_MODELS, (45, 55))[0]
        self._texts = all_texts()
        self._parent = b"null"
        self.last_answer = b""
        self.last_usage = b""
        self._lines: list[bytes] = []
        style, branch = outline.style, rng.choice(_BRANCHES)
        self._choice = int(self.session[:8], 16)
        envelope = (
            f'"userType":"external","entrypoint":"cli","cwd":"{self._folder()}",'
            f'"sessionId":"{self.session}","version":"{style.version}",'
            f'"gitBranch":"{branch}"'
        )
        front = '"isSidechain":true,' if agent_id else '"isSidechain":false,'
        if style.has_envelope_first:
            front += envelope.replace('"entrypoint":"cli",', "") + ","
        if agent_id:
            front += f'"agentId":"{agent_id}",'
        self._front = front.encode()
        self._back = b"}\n" if style.has_envelope_first else f",{envelope}}}\n".encode()

    def _folder(self) -> str:
        """Return the working folder: most sessions are in a worktree that Claude Code made."""
        main = f"/home/ada/code/{self.outline.project}"
        tree = self._choice % 4
        return f"{main}/.claude/worktrees/tree-{tree}" if tree else main

    def _attribution(self, tool: bytes) -> bytes:
        """Return what the line of an answer says about its circumstances, if its version does."""
        if not self.outline.style.has_attribution:
            return b""
        told = {"effort": _EFFORTS[self._choice // 4 % len(_EFFORTS)]}
        if skill := _SKILLS[self._choice // 16 % len(_SKILLS)]:
            told["attributionSkill"] = skill
        if tool[-1:] in {b"3", b"7"}:
            server = _SERVERS[tool[-1:] == b"7"]
            told["attributionMcpServer"], told["attributionMcpTool"] = server
        if self.agent_id:
            told["attributionAgent"] = _AGENT_TYPES[int(self.agent_id[-4:], 16) % len(_AGENT_TYPES)]
        return "".join(f',"{name}":"{value}"' for name, value in told.items()).encode()

    def take(self) -> bytes:
        """Return the lines made so far, and remove them."""
        taken = b"".join(self._lines)
        self.tally.size += len(taken)
        self.tally.lines += taken.count(b"\n")
        self.tally.usage_lines += taken.count(b'"type":"assistant","uuid"')
        self._lines.clear()
        return taken

    def wait_until(self, moment: float) -> None:
        """Advance the clock to a *moment*, never back."""
        self.clock = max(self.clock, moment)

    def make_agent(self) -> "Log":
        """Return a subagent that starts now and logs under this session's id."""
        agent = Log(
            replace(self.outline, start=self.clock),
            self.rng,
            self.tally,
            session=self.session,
            agent_id=f"{self.rng.getrandbits(68):017x}",
        )
        agent.scale = self.scale
        return agent

    def copy_from(self, older: Path) -> None:
        """Begin with lines of an *older* log, like a resumed session."""
        copied = older.read_bytes()
        cut = copied.rfind(b"\n", 0, round(len(copied) * self.rng.uniform(0.2, 0.9))) + 1
        old_session, new_session = older.stem.encode(), self.session.encode()
        self._lines.append(copied[:cut].replace(old_session, new_session))

    def title(self) -> None:
        """Add the line that names the session."""
        words = self.rng.choice(PROMPTS).rstrip(".?!")
        self._lines.append(
            f'{{"type":"custom-title","customTitle":"{words}","sessionId":"{self.session}"}}\n'.encode()
        )

    def prompt(self) -> None:
        """Add a prompt."""
        text = self.rng.choice(PROMPTS).encode()
        if self.rng.random() < 0.3:  # noqa: PLR2004  # some contain a pasted log
            text += b"\\n\\n" + self._text(600)
        self._line(b'"type":"user","message":{"role":"user","content":"%b"}' % text)

    def answer(self, *, is_last: bool) -> None:
        """Add an answer as it streams, one line for each of its blocks, and its tool's result."""
        rng, outline = self.rng, self.outline
        tokens = self._spend()
        self.tally.add(self._model, tokens)
        message = f"msg_01{rng.getrandbits(88):022x}".encode()
        request = f"req_011C{rng.getrandbits(80):020x}".encode()
        tool = f"toolu_01{rng.getrandbits(88):022x}".encode()
        final = _usage(tokens, outline.style)
        is_final_everywhere = outline.style.is_final_on_every_line or rng.random() < 0.3  # noqa: PLR2004  # like in real logs
        early = final
        if not is_final_everywhere:
            early = _usage(
                tokens._replace(output=min(tokens.output, rng.randint(1, 8))), outline.style
            )
        stop = b'"end_turn"' if is_last else b'"tool_use"'
        early_stop = stop if outline.style.is_final_on_every_line else b"null"
        count = rng.choices(*_LINES_AN_ANSWER)[0]
        for number in range(1, count + 1):
            is_final = number == count
            self.last_answer = _ASSISTANT % (
                self._model.encode(),
                message,
                self._block(number, tool, is_last_block=is_final, ends_turn=is_last),
                stop if is_final else early_stop,
                final if is_final else early,
                request,
            )
            self._line(self.last_answer + b',"type":"assistant"', self._attribution(tool))
        self.last_usage = final
        if is_last:
            self._line(
                b'"type":"system","subtype":"turn_duration","durationMs":51141,"isMeta":false'
            )
            if rng.random() < 0.02:  # noqa: PLR2004  # an occasional broken answer
                self._line(_SYNTHETIC % _uuid(rng).encode())
        else:
            self._tool_result(tool)

    def agent_result(self, agent: "Log") -> None:
        """Add a subagent's result, with the usage that is also in the subagent's own file."""
        if self.outline.style.has_envelope_first:
            self._line(_PROGRESS % (_stamp(self.clock), agent.last_answer, agent.agent_id.encode()))
        text = self._text(1_500)
        tool = f"toolu_01{self.rng.getrandbits(88):022x}".encode()
        self._line(
            _RESULT % (tool, text),
            b',"toolUseResult":{"status":"completed","agentId":"%b","content":"%b","usage":%b}'
            % (agent.agent_id.encode(), text, agent.last_usage),
        )

    def _tool_result(self, tool: bytes) -> None:
        text = self._text(1_300)
        if self.outline.style.has_envelope_first and self.rng.random() < 0.5:  # noqa: PLR2004  # slow tools
            self._line(
                b'"type":"progress","data":{"type":"bash_progress","output":"%b",'
                b'"elapsedTimeSeconds":3,"totalLines":12},"toolUseID":"%b"'
                % (self._text(200), tool)
            )
        self._line(
            _RESULT % (tool, text),
            b',"toolUseResult":{"stdout":"%b","stderr":"","interrupted":false,"isImage":false}'
            % text,
        )

    def _block(self, number: int, tool: bytes, *, is_last_block: bool, ends_turn: bool) -> bytes:
        if is_last_block and not ends_turn:
            return (
                b'{"type":"tool_use","id":"%b","name":"%b","input":{"file_path":"/home/ada/code/tide'
                b'_%d.py","new_string":"%b"},"caller":{"type":"direct"}}'
            ) % (tool, _TOOLS[tool[-2] % len(_TOOLS)], number, self._text(250))
        if number == 1 and not is_last_block:
            signature = self._texts.signature(self.rng)
            return b'{"type":"thinking","thinking":"%b","signature":"%b"}' % (
                self._text(250),
                signature,
            )
        return b'{"type":"text","text":"%b"}' % self._text(250)

    def _spend(self) -> DemoTokens:
        """Return the tokens of the next answer, and increase the context by them."""
        rng = self.rng
        known, new = self.context, round(rng.lognormvariate(7.2, 0.7))
        if known == 0 or known > FULL_CONTEXT:
            known = 12_000
            new += rng.randrange(6_000, 14_000)
        output = min(16_000, round(rng.lognormvariate(5.3, 1.0)))
        self.context = known + new + output
        has_hour_cache = self.outline.style.has_hour_cache and not self.agent_id
        return DemoTokens(
            input=rng.randint(1, 12),
            output=output,
            cache_write_5m=0 if has_hour_cache else new,
            cache_write_1h=new if has_hour_cache else 0,
            cache_read=known,
        )

    def _text(self, median: int) -> bytes:
        return self._texts.cut(self.rng, median * self.scale)

    def _line(self, body: bytes, after: bytes = b"") -> None:
        self.clock += 0.1 + self.rng.random()
        uuid = _uuid(self.rng).encode()
        stamp = _stamp(min(self.clock, self.outline.latest))
        self._lines.append(
            b'{"parentUuid":%b,%b%b,"uuid":"%b","timestamp":"%b"%b%b'
            % (self._parent, self._front, body, uuid, stamp, after, self._back)
        )
        self._parent = b'"%b"' % uuid


_ASSISTANT = (
    b'"message":{"model":"%b","id":"%b","type":"message","role":"assistant","content":[%b],'
    b'"stop_reason":%b,"stop_sequence":null,"usage":%b},"requestId":"%b"'
)
_RESULT = (
    b'"type":"user","message":{"role":"user","content":[{"tool_use_id":"%b","type":"tool_result",'
    b'"content":"%b","is_error":false}]}'
)
_PROGRESS = (
    b'"type":"progress","data":{"message":{"type":"assistant","timestamp":"%b",%b},'
    b'"normalizedMessages":[],"type":"agent_progress","prompt":"Have a look","agentId":"%b"}'
)
_SYNTHETIC = (
    b'"message":{"id":"%b","container":null,"model":"<synthetic>","role":"assistant",'
    b'"stop_reason":"stop_sequence","stop_sequence":"","type":"message","usage":{"input_tokens":0,'
    b'"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0},"content":'
    b'[{"type":"text","text":"No response requested."}]},"isApiErrorMessage":false,'
    b'"type":"assistant"'
)


def _usage(tokens: DemoTokens, style: Style) -> bytes:
    written = tokens.cache_write_5m + tokens.cache_write_1h
    counts = (
        f'"input_tokens":{tokens.input},"cache_creation_input_tokens":{written},'
        f'"cache_read_input_tokens":{tokens.cache_read},"output_tokens":{tokens.output}'
    )
    by_age = (
        f'"cache_creation":{{"ephemeral_5m_input_tokens":{tokens.cache_write_5m},'
        f'"ephemeral_1h_input_tokens":{tokens.cache_write_1h}}}'
    )
    if not style.is_final_on_every_line:
        return f'{{{counts},{by_age},"service_tier":"standard","inference_geo":""}}'.encode()
    return (
        f'{{{counts},"server_tool_use":{{"web_search_requests":0,"web_fetch_requests":0}},'
        f'"service_tier":"standard",{by_age},"inference_geo":"not_available",'
        f'"iterations":[{{{counts},{by_age},"type":"message"}}],"speed":"standard"}}'
    ).encode()


def _uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _stamp(seconds: float) -> bytes:
    return (
        f"{datetime.fromtimestamp(seconds, UTC).isoformat(timespec='milliseconds')[:-6]}Z".encode()
    )
