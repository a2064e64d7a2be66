"""Plans the sessions of a shape over its days and writes them to disk."""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from spendlight.demo.lines import STYLES, Log, Outline, Tally
from spendlight.demo.shape import DemoShape, DemoWritten

_BYTES_AROUND_TEXT = 3_900
_MEAN_TEXT_BYTES = 11_000
"""The average size of an answer with its surroundings, to reach a target size."""

_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 9, 8, 4, 6, 9, 9, 8, 6, 3, 2, 3, 3, 1, 0)
"""How often a session starts in each hour of a working day."""

_WEEKEND = 0.25
_AT_WORK_SECONDS = 8_700.0
_QUIET_SECONDS = 18_000.0
"""No session runs this long before the running one, so that it opens the active five-hour block."""

_TURN_ENDS = 0.12


def write_logs(
    folder: Path, shape: DemoShape, on_progress: Callable[[int, int], None] | None = None
) -> DemoWritten:
    """Write `projects/<project>/<session>.jsonl` and the subagents' files below *folder*.

    Args:
        folder: The folder that replaces `~/.claude`.
        shape: What to write.
        on_progress: Called after each session with the bytes written and the bytes to write.
    """
    rng = random.Random(shape.seed)  # noqa: S311  # not for cryptography
    tally = Tally()
    written: dict[str, Path] = {}
    answers_left = shape.answers
    for outline in _outlines(shape, rng):
        log = Log(outline, rng, tally)
        bytes_an_answer = (shape.target_bytes - tally.size) / max(1, answers_left)
        log.scale = min(12.0, max(0.02, (bytes_an_answer - _BYTES_AROUND_TEXT) / _MEAN_TEXT_BYTES))
        answers_left -= outline.answers + sum(outline.agents)
        older = written.get(outline.project)
        if outline.is_resumed and older is not None:
            log.copy_from(older)
        path = folder / "projects" / _slug(outline.project) / f"{log.session}.jsonl"
        _write_session(path, log)
        written[outline.project] = path
        if on_progress is not None:
            on_progress(tally.size, shape.target_bytes)
    return tally.result()


def append_exchange(folder: Path, now: datetime, rng: random.Random) -> DemoWritten:
    """Append a question and its answers to the newest session below *folder*.

    Returns:
        The true totals of the appended lines alone.
    """
    path = max(folder.glob("projects/*/*.jsonl"), key=lambda log: log.stat().st_mtime)
    tally = Tally()
    moment, project = now.timestamp(), path.parent.name.removeprefix(_slug(""))
    outline = Outline(project, moment, 0.0, moment, 0, STYLES[-1])
    log = Log(outline, rng, tally, session=path.stem)
    log.scale = 0.3
    log.context = rng.randrange(30_000, 90_000)
    log.prompt()
    for is_last in (False, True):
        log.answer(is_last=is_last)
    with path.open("ab") as file:
        file.write(log.take())
    os.utime(path, (moment, moment))
    return tally.result()


def _outlines(shape: DemoShape, rng: random.Random) -> Iterator[Outline]:
    """Yield the sessions in the order of their start; one of them is running."""
    agents = round(shape.files * shape.agent_share)
    sessions = shape.files - agents
    weights = [rng.lognormvariate(0, 0.8) for _ in range(sessions)]
    agent_weights = [0.25 * rng.lognormvariate(0, 0.6) for _ in range(agents)]
    per_weight = shape.answers / (sum(weights) + sum(agent_weights))
    agents_of: list[list[int]] = [[] for _ in range(sessions)]
    for weight in agent_weights:
        agents_of[rng.randrange(sessions)].append(max(1, round(weight * per_weight)))

    counts = [max(1, round(weight * per_weight)) for weight in weights]
    counts[-1] = max(counts[-1], min(110, shape.answers // 20))
    spans = _spans(shape, rng, counts)
    for (start, end), answers, of_agents in sorted(zip(spans, counts, agents_of, strict=True)):
        age = (shape.now.timestamp() - end) / (shape.days * 86_400)
        yield Outline(
            rng.choice(shape.projects),
            start,
            end - start,
            shape.now.timestamp(),
            answers,
            STYLES[2 if age < 0.5 else 1 if age < 0.8 else 0],  # noqa: PLR2004  # parts of the time
            tuple(of_agents),
            is_resumed=rng.random() < shape.resumed_share,
        )


def _spans(
    shape: DemoShape, rng: random.Random, answers: Sequence[int]
) -> Iterator[tuple[float, float]]:
    """Yield the start and end of each session; the last one is running."""
    now = shape.now.timestamp()
    at_work = now - _AT_WORK_SECONDS
    slots = [shape.now - timedelta(hours=hours) for hours in range(1, shape.days * 24)]
    likely = [_HOURS[slot.hour] * (_WEEKEND if slot.weekday() > 4 else 1) for slot in slots]  # noqa: PLR2004  # Friday
    starts = rng.choices(slots, likely, k=len(answers) - 1)
    for slot, count in zip(starts, answers, strict=False):
        seconds = count * rng.uniform(25, 60)
        end = min(slot.timestamp() + rng.random() * 3_600 + seconds, now - 60)
        if end > at_work - _QUIET_SECONDS and end - seconds < at_work:
            end -= 86_400
        yield end - seconds, end
    yield at_work, now - 40


def _write_session(path: Path, log: Log) -> None:
    """Fill a session with prompts and answers, and write it and its subagents' files."""
    outline, rng = log.outline, log.rng
    moments = sorted(rng.random() * outline.seconds for _ in range(outline.answers - 1))
    spawns = sorted((rng.randrange(outline.answers), answers) for answers in outline.agents)
    log.title()
    is_turn_over = True
    for number, moment in enumerate([*moments, outline.seconds]):
        log.wait_until(outline.start + moment)
        if is_turn_over:
            log.prompt()
        is_turn_over = rng.random() < _TURN_ENDS
        log.answer(is_last=is_turn_over)
        while spawns and spawns[0][0] == number:
            _write_agent(path.with_suffix("") / "subagents", log, spawns.pop(0)[1])
    _write(path, log)


def _write_agent(folder: Path, parent: Log, answers: int) -> None:
    """Write a subagent's file, and its lines in the session that called it."""
    agent = parent.make_agent()
    agent.prompt()
    for number in range(1, answers + 1):
        agent.wait_until(agent.clock + agent.rng.expovariate(0.2))
        agent.answer(is_last=number == answers)
    _write(folder / f"agent-{agent.agent_id}.jsonl", agent)
    parent.wait_until(agent.clock)
    parent.agent_result(agent)


def _write(path: Path, log: Log) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(log.take())
    last_change = min(log.clock, log.outline.latest)
    os.utime(path, (last_change, last_change))
    log.tally.files += 1


def _slug(project: str) -> str:
    return f"-home-ada-code-{project}"
