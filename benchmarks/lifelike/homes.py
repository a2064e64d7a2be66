"""Plans the sessions of a lifelike data folder, and writes them with their copies."""

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from lifelike.figures import Figures, Tally
from lifelike.logs import Setting
from lifelike.sessions import AgentPlan, Session
from lifelike.styles import FILES, FIRST, LATEST, REPEATING, Style, uuid_of

NOW = datetime(2026, 7, 28, 14, 40, tzinfo=UTC).timestamp()
"""When the last session ends."""
DAYS = 120

_PLACE = "-home-ada-code-"
_PROJECTS = ("lighthouse", "tide-tables", "paper-boats", "weather-diary", "moss-garden", "kettle")
_BRANCHES = ("main", "fog-horn", "fix/night-watch", "søndre-fyr")
_USES_OF_AN_AGENT = 14
_LINES_OF_A_USE = 2.6
_USAGE_OF_A_USE = 1.4
"""The lines that a subagent writes for each answer with tools, and how many have usage."""
_LINES_OF_A_REPEATED_USE = 2.8
_REPEATED_OF_A_USE = 2.7
_PLAIN_LINE_BYTES = 800
_UNFINISHED = 0.1
"""The share of logs that end without a line end; the last line then has no usage."""


class Home(NamedTuple):
    """The properties of a data folder.

    Attributes:
        figures: The target figures.
        styles: The versions in use, from the oldest, each with its share of the sessions.
        agents: Share of the logs that are subagents'.
        lost: Share of the subagents with repeated lines whose log no longer exists.
        resumed: Share of the sessions that begin with the lines of an older one.
        copied: Share of the logs that are copies of sessions in another project's folder.
        foreign: Share of the logs that are copies from other data folders.
    """

    name: str
    seed: int
    figures: Figures
    styles: Sequence[tuple[Style, float]]
    agents: float
    lost: float
    resumed: float
    copied: float
    foreign: float = 0.0


MOSTLY_REPEATING = ((REPEATING, 0.9), (FILES, 0.1))
MOSTLY_LATE = ((FIRST, 0.1), (REPEATING, 0.3), (FILES, 0.3), (LATEST, 0.3))


@dataclass(slots=True)
class Written:
    """A log that was written: its path and contents."""

    path: Path
    figures: Figures
    session: bytes


@dataclass(slots=True)
class HomeWriter:
    """Writes one data folder.

    Attributes:
        folder: The data folder.
        others: Logs of other data folders, some of which are copied here.
    """

    home: Home
    folder: Path
    others: Sequence[Written] = ()
    tally: Tally = field(default_factory=Tally)
    logs: list[Written] = field(default_factory=list)
    _rng: random.Random = field(default_factory=random.Random)
    _scaled_lines: float = 0.0
    _text_bytes: float = 0.0

    def write(self) -> None:
        """Write all logs."""
        home, rng = self.home, self._rng
        rng.seed(home.seed)
        foreign = min(len(self.others), round(home.figures.files * home.foreign))
        for other in rng.sample(self.others, foreign):
            place = self.folder / "projects" / other.path.relative_to(_projects_of(other.path))
            self._copy(other, place)
        files = home.figures.files - len(self.logs)
        copies = round(files * home.copied)
        plans = _plans(home, files - copies, rng)
        middle = range(len(plans) // 5, len(plans) * 9 // 10)
        copied = set(rng.sample(middle, min(copies, len(middle))))
        resumed = set(rng.sample(middle, min(round(len(plans) * home.resumed), len(middle))))
        for number, plan in enumerate(plans):
            self._write_session(plan, plans[number:], is_resumed=number in resumed)
            if number in copied:
                self._copy_to_another_project()
        while len(self.logs) < home.figures.files:
            self._copy_to_another_project()

    def _left(self) -> Figures:
        return self.home.figures.minus(self.tally.done)

    def _write_session(
        self, plan: "SessionPlan", due: Sequence["SessionPlan"], *, is_resumed: bool
    ) -> None:
        """Write one session with its share of what is left for all remaining ones."""
        rng = self._rng
        older = rng.choice(self._sources()) if is_resumed else None
        project = older.path.parent.name if older else f"{_PLACE}{rng.choice(_PROJECTS)}"
        session = Session.begun(
            Setting(
                plan.style,
                project.removeprefix(_PLACE),
                uuid_of(rng),
                rng,
                self.tally,
                self._scale(),
                rng.choice(_BRANCHES),
            ),
            NOW - DAYS * 86_400 * (len(due) / plan.sessions) + rng.random() * 30_000,
        )
        if older:
            _resume(session, older, rng)
        left = self._left().minus(session.log.figures)
        uses_each = _uses_each(left, due)
        agents = [
            AgentPlan(
                max(1, round(weight * (uses_each if plan.is_repeating else _USES_OF_AN_AGENT))),
                has_log,
            )
            for weight, has_log in plan.agents
        ]
        share = plan.weight / sum(other.weight for other in due)
        session.work(_own_part(left, due, uses_each, share), agents)
        self._keep(session, self.folder / "projects" / project)

    def _scale(self) -> float:
        """Return the scale of texts that is needed to reach the target size."""
        left = self._left()
        wanted = left.size / max(1, left.lines) - _PLAIN_LINE_BYTES
        text_bytes = 2_800.0
        if self._scaled_lines:
            text_bytes = self._text_bytes / self._scaled_lines
        return min(4.0, max(0.1, wanted / max(100.0, text_bytes)))

    def _keep(self, session: Session, folder: Path) -> None:
        """Write the logs of a session into the folder of its project."""
        rng, log = self._rng, session.log
        path = folder / f"{log.setting.session.decode()}.jsonl"
        for one in (log, *session.agents):
            self._scaled_lines += one.figures.lines * log.setting.scale
            self._text_bytes += one.figures.size - one.figures.lines * _PLAIN_LINE_BYTES
        if rng.random() < _UNFINISHED:
            log.lines[-1] = log.lines[-1].rstrip(b"\n")
            log.figures = log.figures._replace(size=log.figures.size - 1)
        for agent in session.agents:
            place = path.with_suffix("") / "subagents" / f"agent-{agent.agent.decode()}.jsonl"
            self._write(place, b"".join(agent.lines), agent.figures, log.setting.session)
        self._write(path, b"".join(log.lines), log.figures, log.setting.session)

    def _write(self, path: Path, text: bytes, figures: Figures, session: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        age = DAYS * 86_400 * (1 - len(self.logs) / max(1, self.home.figures.files))
        os.utime(path, (NOW - age, NOW - age))
        counted = figures._replace(files=1)
        self.logs.append(Written(path, counted, session))
        self.tally.add_file(counted)

    def _sources(self) -> list[Written]:
        """Return sessions that can be copied without exceeding what is left."""
        most = self._left().times(0.05)
        sessions = [log for log in self.logs if log.path.parent.parent.name == "projects"]
        fitting = [
            log
            for log in sessions
            if all(mine <= theirs for mine, theirs in zip(log.figures[1:], most[1:], strict=True))
        ]
        return fitting or sorted(sessions, key=lambda log: log.figures.size)[:1]

    def _copy_to_another_project(self) -> None:
        """Copy a session unchanged, as when somebody moves a project or works in a copy."""
        rng = self._rng
        log = rng.choice(self._sources())
        place = f"{log.path.parent.name}-copy-{rng.randrange(3)}"
        path = self.folder / "projects" / place / log.path.name
        if path.exists():
            path = path.with_name(f"{uuid_of(rng).decode()}.jsonl")
        self._copy(log, path)

    def _copy(self, log: Written, path: Path) -> None:
        self._write(path, log.path.read_bytes(), log.figures, log.session)


class SessionPlan(NamedTuple):
    """A session to write.

    Attributes:
        weight: Its share of the lines, relative to the weights of others.
        agents: Weight of each subagent, and whether its log is kept.
        sessions: How many there are.
    """

    style: Style
    weight: float
    agents: Sequence[tuple[float, bool]]
    sessions: int

    @property
    def is_repeating(self) -> bool:
        """Whether it repeats its subagents' lines."""
        return self.style.agents == "repeated"


def _resume(session: Session, older: Written, rng: random.Random) -> None:
    """Begin a session with lines of an older one, under the new session's id."""
    log = session.log
    lines = older.path.read_bytes().splitlines(keepends=True)
    for line in lines[: round(len(lines) * rng.uniform(0.3, 0.95))]:
        if line.endswith(b"\n"):
            log.copied(line.replace(older.session, log.setting.session))


def _plans(home: Home, files: int, rng: random.Random) -> list[SessionPlan]:
    """Return the sessions, from the oldest, that make *files* logs with their subagents'."""
    agents = round(files * home.agents)
    count = files - agents
    styles = _styles(home, count)
    weights = [rng.lognormvariate(0, 0.9) for _ in range(count)]
    with_logs = [number for number, style in enumerate(styles) if style.agents != "inline"]
    callers = rng.choices(with_logs, [weights[number] for number in with_logs], k=agents)
    called: Mapping[int, list[tuple[float, bool]]] = {number: [] for number in range(count)}
    for caller in callers:
        called[caller].append((rng.lognormvariate(0, 0.6), True))
        if styles[caller].agents == "repeated" and rng.random() < home.lost:
            called[caller].append((rng.lognormvariate(0, 0.6), False))
    for number, style in enumerate(styles):
        if style.agents == "inline" and rng.random() < 0.5:
            called[number].append((rng.lognormvariate(0, 0.6), True))
    return [
        SessionPlan(style, weight, called[number], count)
        for number, (style, weight) in enumerate(zip(styles, weights, strict=True))
    ]


def _styles(home: Home, count: int) -> list[Style]:
    """Return the style of each session, from the oldest."""
    ends = []
    share = 0.0
    for style, more in home.styles:
        share += more
        ends.append((style, round(share * count)))
    return [next(style for style, end in ends if number < end) for number in range(count)]


def _uses_each(left: Figures, due: Sequence[SessionPlan]) -> float:
    """Return the answers with tools of a subagent of weight 1 whose lines are repeated."""
    weights = sum(weight for plan in due if plan.is_repeating for weight, _ in plan.agents)
    return left.progress_lines / _REPEATED_OF_A_USE / weights if weights else 0.0


def _own_part(left: Figures, due: Sequence[SessionPlan], uses_each: float, share: float) -> Figures:
    """Return a session's share of what is left after all subagents' lines."""
    lines = usage = 0.0
    for plan in due:
        for weight, has_log in plan.agents:
            uses = weight * (uses_each if plan.is_repeating else _USES_OF_AN_AGENT)
            if plan.is_repeating:
                lines += uses * _REPEATED_OF_A_USE
                usage += uses * _REPEATED_OF_A_USE / 2
            if has_log:
                lines += uses * (_LINES_OF_A_REPEATED_USE if plan.is_repeating else _LINES_OF_A_USE)
                usage += uses * _USAGE_OF_A_USE
    return Figures(
        lines=max(4, round((left.lines - lines) * share)),
        usage_lines=max(1, round((left.usage_lines - usage) * share)),
    )


def _projects_of(log: Path) -> Path:
    return next(parent for parent in log.parents if parent.name == "projects")
