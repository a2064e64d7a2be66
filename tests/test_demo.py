import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from spendlight.demo import (
    DEMO,
    DemoShape,
    DemoTokens,
    DemoWritten,
    append_exchange,
    corpus,
    write_logs,
)

SMALL = replace(DEMO, days=5, files=30, answers=600, target_bytes=3_000_000, resumed_share=0.3)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoWritten]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_logs(folder, SMALL)


def logs(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jsonl"))


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    for log in logs(folder):
        for line in log.read_bytes().splitlines():
            yield json.loads(line)


def usage_copies(folder: Path) -> Iterator[tuple[tuple[str, str], str, DemoTokens]]:
    """Yield key, model and tokens of each usage, including those in a subagent's parent."""
    for line in lines(folder):
        nested = line.get("data", {}).get("message")
        entry = nested or line
        message = entry.get("message", {})
        if "usage" in message and message["model"] != "<synthetic>":
            usage = message["usage"]
            yield (
                (message["id"], entry["requestId"]),
                message["model"],
                DemoTokens(
                    usage["input_tokens"],
                    usage["output_tokens"],
                    usage["cache_creation"]["ephemeral_5m_input_tokens"],
                    usage["cache_creation"]["ephemeral_1h_input_tokens"],
                    usage["cache_read_input_tokens"],
                ),
            )


def fullest(folder: Path) -> dict[tuple[str, str], tuple[str, DemoTokens]]:
    answers: dict[tuple[str, str], tuple[str, DemoTokens]] = {}
    for key, model, tokens in usage_copies(folder):
        if key not in answers or sum(tokens) > sum(answers[key][1]):
            answers[key] = model, tokens
    return answers


def moments(folder: Path) -> list[datetime]:
    return [
        datetime.fromisoformat(line["timestamp"]) for line in lines(folder) if "timestamp" in line
    ]


def test_the_expected_total_agrees_with_an_independent_count(
    written: tuple[Path, DemoWritten],
) -> None:
    folder, truth = written

    answers = fullest(folder)

    assert len(answers) == truth.answers
    for model, expected in truth.by_model.items():
        counted = [tokens for of_model, tokens in answers.values() if of_model == model]
        assert DemoTokens(*map(sum, zip(*counted, strict=True))) == expected
    assert {model for model, _ in answers.values()} == set(truth.by_model)


def test_the_expected_files_sizes_and_lines_are_correct(
    written: tuple[Path, DemoWritten],
) -> None:
    folder, truth = written

    assert len(logs(folder)) == truth.files == SMALL.files
    assert sum(log.stat().st_size for log in logs(folder)) == truth.size
    every = list(lines(folder))
    assert len(every) == truth.lines
    assert sum("usage" in line.get("message", {}) for line in every) == truth.usage_lines


def test_the_tokens_of_all_models_add_up(written: tuple[Path, DemoWritten]) -> None:
    _, truth = written

    assert sum(truth.tokens) == sum(sum(tokens) for tokens in truth.by_model.values())


def test_the_same_seed_and_moment_give_the_same_bytes(
    tmp_path: Path, written: tuple[Path, DemoWritten]
) -> None:
    folder, truth = written

    again = write_logs(tmp_path, SMALL)

    assert again == truth
    first, second = logs(folder), logs(tmp_path)
    assert [log.relative_to(folder) for log in first] == [
        log.relative_to(tmp_path) for log in second
    ]
    assert [log.read_bytes() for log in first] == [log.read_bytes() for log in second]


def test_another_seed_gives_other_sessions(
    tmp_path: Path, written: tuple[Path, DemoWritten]
) -> None:
    _, truth = written

    assert write_logs(tmp_path, replace(SMALL, seed=2)) != truth


def test_there_is_usage_at_this_moment(written: tuple[Path, DemoWritten]) -> None:
    folder, _ = written

    latest = max(moments(folder))

    assert SMALL.now - timedelta(minutes=5) < latest <= SMALL.now


def test_the_active_block_began_hours_ago_and_has_not_ended(
    written: tuple[Path, DemoWritten],
) -> None:
    folder, _ = written
    now = SMALL.now

    recent = [moment for moment in moments(folder) if moment > now - timedelta(hours=7)]

    assert now - timedelta(hours=3) < min(recent) < now - timedelta(hours=2)


def test_nothing_is_older_than_the_requested_days_and_a_shift(
    written: tuple[Path, DemoWritten],
) -> None:
    folder, _ = written

    assert min(moments(folder)) > SMALL.now - timedelta(days=SMALL.days + 2)


def test_a_file_is_as_old_as_its_last_line(written: tuple[Path, DemoWritten]) -> None:
    folder, _ = written

    for log in logs(folder):
        last = json.loads(log.read_bytes().splitlines()[-1])["timestamp"]
        age = log.stat().st_mtime - datetime.fromisoformat(last).timestamp()
        assert abs(age) < 0.01


def test_answers_are_logged_more_than_once_and_grow(written: tuple[Path, DemoWritten]) -> None:
    folder, truth = written
    answers = fullest(folder)

    copies = list(usage_copies(folder))

    assert len(copies) > 1.5 * truth.answers
    assert any(tokens.output < answers[key][1].output for key, _, tokens in copies)


def test_resumed_sessions_repeat_answers_of_older_files(written: tuple[Path, DemoWritten]) -> None:
    folder, _ = written
    files_of: dict[str, set[Path]] = {}

    for log in folder.glob("projects/*/*.jsonl"):
        for line in map(json.loads, log.read_bytes().splitlines()):
            assert line.get("sessionId") == log.stem
            if line["type"] == "assistant":
                files_of.setdefault(line["message"]["id"], set()).add(log)

    assert any(len(files) > 1 for files in files_of.values())


def test_subagents_write_beside_the_session_they_belong_to(
    written: tuple[Path, DemoWritten],
) -> None:
    folder, _ = written

    agents = [log for log in logs(folder) if log.name.startswith("agent-")]

    assert agents
    for log in agents:
        session = log.parent.parent
        assert log.parent.name == "subagents"
        assert session.with_suffix(".jsonl").exists()
        for line in map(json.loads, log.read_bytes().splitlines()):
            assert line["isSidechain"] is True
            assert line["sessionId"] == session.name


def test_there_is_usage_that_must_not_be_counted(written: tuple[Path, DemoWritten]) -> None:
    folder, _ = written
    every = b"".join(log.read_bytes() for log in logs(folder))

    assert b'\\"usage\\":{\\"input_tokens\\":' in every
    assert any("usage" in line.get("toolUseResult", {}) for line in lines(folder))
    assert any(line["type"] == "progress" for line in lines(folder))
    assert any(line.get("message", {}).get("model") == "<synthetic>" for line in lines(folder))


def test_the_size_is_approximately_the_requested_one(tmp_path: Path) -> None:
    shape = corpus(target_bytes=12_000_000, files=40)

    truth = write_logs(tmp_path, shape)

    assert truth.size == pytest.approx(shape.target_bytes, rel=0.2)
    assert truth.answers == pytest.approx(shape.answers, rel=0.1)


def test_a_corpus_has_the_measured_proportions() -> None:
    assert corpus().answers == 240_000
    assert corpus(target_bytes=285_000_000, files=240).answers == 24_000


def test_progress_is_reported_after_each_session(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    truth = write_logs(tmp_path, SMALL, lambda done, of: told.append((done, of)))

    assert told == sorted(told)
    assert told[-1] == (truth.size, SMALL.target_bytes)


def test_a_shape_can_be_moved_to_another_time(tmp_path: Path) -> None:
    now = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)

    shape: DemoShape = SMALL.at(now)
    write_logs(tmp_path, shape)

    assert now - timedelta(minutes=5) < max(moments(tmp_path)) <= now


def test_an_appended_exchange_is_in_the_newest_session_and_in_the_total(tmp_path: Path) -> None:
    before = write_logs(tmp_path, SMALL)
    newest = max(logs(tmp_path), key=lambda log: log.stat().st_mtime)
    size = newest.stat().st_size
    now = SMALL.now + timedelta(seconds=20)

    appended = append_exchange(tmp_path, now, random.Random(5))  # noqa: S311  # no secret

    assert newest.stat().st_size == size + appended.size
    assert appended.answers == 2
    answers = fullest(tmp_path)
    assert len(answers) == before.answers + appended.answers
    assert sum(sum(tokens) for _, tokens in answers.values()) == sum(before.tokens) + sum(
        appended.tokens
    )
    assert max(moments(tmp_path)) == now


def test_there_is_something_to_tell_usage_apart_by(written: tuple[Path, DemoWritten]) -> None:
    answers = [line for line in lines(written[0]) if line["type"] == "assistant"]
    tools = {
        part["name"]
        for line in answers
        for part in line["message"]["content"]
        if part["type"] == "tool_use"
    }

    def values(field: str) -> set[str]:
        return {line[field] for line in answers if field in line}

    assert len(tools) > 1
    assert len(values("gitBranch")) > 1
    assert any("/.claude/worktrees/" in folder for folder in values("cwd"))
    assert all(
        values(field)
        for field in (
            *("cwd", "gitBranch", "version", "effort", "attributionAgent"),
            *("attributionMcpServer", "attributionSkill"),
        )
    )
    assert any("effort" not in line for line in answers)  # earlier versions do not say it
