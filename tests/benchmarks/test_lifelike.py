"""The benchmarks' lifelike logs: as many lines of each kind as in real ones, and correct totals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lifelike.corpus import ALL, FOLDERS, write_corpus
from lifelike.figures import LARGE, SMALL, Figures

from spendlight.demo import DemoTokens

pytestmark = pytest.mark.slow

FACTOR = 0.05
LITTLE = 0.01

Truths = dict[str, dict[str, Any]]


class Corpus(NamedTuple):
    folder: Path
    truths: Truths

    def logs(self, *names: str) -> list[Path]:
        return sorted(log for name in names or FOLDERS for log in (self.folder / name).rglob("*.*"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("lifelike")
    return Corpus(folder, write_corpus(folder, FACTOR))


def lines_of(log: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines that can be parsed; a truncated line is skipped."""
    for line in log.read_bytes().split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:
            continue


def repeated_in(line: dict[str, Any]) -> dict[str, Any] | None:
    """Return the subagent's line that a line repeats."""
    data = line.get("data", {})
    repeated: dict[str, Any] | None = data.get("message")
    return repeated if data.get("type") == "agent_progress" else None


def usage_in(line: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (repeated_in(line) or line).get("message", {}).get("usage")
    return found


def counted(logs: list[Path]) -> Figures:
    figures = Figures()
    for log in logs:
        text = log.read_bytes()
        lines = list(lines_of(log))
        figures = figures.plus(
            Figures(
                1,
                len(text),
                text.count(b"\n") + (not text.endswith(b"\n")),
                sum(usage_in(line) is not None for line in lines),
                sum(repeated_in(line) is not None for line in lines),
            )
        )
    return figures


def spent(logs: list[Path]) -> dict[str, DemoTokens]:
    """Return the tokens of each model, each answer counted once, with its fullest usage."""
    fullest: dict[tuple[str, str], tuple[str, DemoTokens]] = {}
    for log in logs:
        for line in lines_of(log):
            answer, usage = repeated_in(line) or line, usage_in(line)
            if usage is None or answer["message"]["model"] == "<synthetic>":
                continue
            tokens = DemoTokens(
                usage["input_tokens"],
                usage["output_tokens"],
                usage["cache_creation"]["ephemeral_5m_input_tokens"],
                usage["cache_creation"]["ephemeral_1h_input_tokens"],
                usage["cache_read_input_tokens"],
            )
            key = answer["message"]["id"], answer["requestId"]
            if key not in fullest or sum(fullest[key][1]) < sum(tokens):
                fullest[key] = answer["message"]["model"], tokens
    by_model: dict[str, list[DemoTokens]] = defaultdict(list)
    for model, tokens in fullest.values():
        by_model[model].append(tokens)
    return {
        model: DemoTokens(*map(sum, zip(*every, strict=True))) for model, every in by_model.items()
    }


def reported(folders: list[Path], data: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "spendlight", "daily", "--json", "--offline"],
        env=os.environ
        | {
            "CLAUDE_CONFIG_DIR": ",".join(map(str, folders)),
            "SPENDLIGHT_DATA_DIR": str(data),
            "TZ": "UTC",
        },
        capture_output=True,
        check=True,
    )
    totals: dict[str, Any] = json.loads(done.stdout)["totals"]
    return totals


@pytest.mark.parametrize(("name", "measured"), [("large", LARGE), ("small", SMALL)])
def test_every_kind_of_line_is_as_frequent_as_measured(
    corpus: Corpus, name: str, measured: Figures
) -> None:
    wanted, found = measured.times(FACTOR), counted(corpus.logs(name))

    assert found.files == wanted.files
    assert found.size == pytest.approx(wanted.size, rel=0.03)
    assert found.lines == pytest.approx(wanted.lines, rel=0.03)
    assert found.usage_lines == pytest.approx(wanted.usage_lines, rel=0.03)
    assert found.progress_lines == pytest.approx(wanted.progress_lines, rel=0.06)


def test_the_expected_totals_describe_the_logs(corpus: Corpus) -> None:
    for name in FOLDERS:
        truth, found = corpus.truths[name], counted(corpus.logs(name))
        assert {key: truth[key] for key in found._fields} == found._asdict()


def test_the_counts_of_the_folders_add_up(corpus: Corpus) -> None:
    for key in Figures._fields:
        each = [corpus.truths[name][key] for name in FOLDERS]
        assert corpus.truths[ALL][key] == sum(each)


@pytest.mark.parametrize("names", [("large",), ("small",), FOLDERS], ids=str)
def test_tokens_agree_with_an_independent_count_and_with_spendlight(
    corpus: Corpus, names: tuple[str, ...], tmp_path: Path
) -> None:
    truth = corpus.truths[names[0] if len(names) == 1 else ALL]

    found = spent(corpus.logs(*names))
    totals = reported([corpus.folder / name for name in names], tmp_path)

    assert {model: tokens._asdict() for model, tokens in found.items()} == truth["by_model"]
    assert {key: totals[key] for key in truth["totals"]} == truth["totals"]


def test_the_same_amount_gives_identical_logs(tmp_path: Path) -> None:
    first, second = (
        Corpus(tmp_path / name, write_corpus(tmp_path / name, LITTLE)) for name in ("a", "b")
    )

    assert first.truths == second.truths
    assert [log.relative_to(first.folder) for log in first.logs()] == [
        log.relative_to(second.folder) for log in second.logs()
    ]
    assert [log.read_bytes() for log in first.logs()] == [log.read_bytes() for log in second.logs()]


def test_lines_of_subagents_are_repeated_and_some_exist_only_once(corpus: Corpus) -> None:
    own: set[str] = set()
    repeated: set[str] = set()
    for log in corpus.logs("large"):
        for line in lines_of(log):
            message = (repeated_in(line) or line).get("message", {})
            ids = repeated if repeated_in(line) else own
            ids.add(message.get("id", ""))

    assert len(repeated & own) > len(repeated) / 2
    assert repeated - own


def test_sessions_are_resumed_and_logs_copied_within_and_between_folders(corpus: Corpus) -> None:
    sessions_of: dict[str, set[str]] = defaultdict(set)
    for line in (line for log in corpus.logs("large") for line in lines_of(log)):
        if line["type"] == "assistant":
            sessions_of[line["message"]["id"]].add(line["sessionId"])
    places_of: dict[bytes, set[tuple[str, str]]] = defaultdict(set)
    for log in corpus.logs():
        home, _, project = log.relative_to(corpus.folder).parts[:3]
        places_of[log.read_bytes()].add((home, project))
    copied = [places for places in places_of.values() if len(places) > 1]

    assert any(len(sessions) > 1 for sessions in sessions_of.values())
    assert any(len({home for home, _ in places}) == 1 for places in copied)
    assert any(len({home for home, _ in places}) > 1 for places in copied)


def test_there_are_odd_lines_as_in_real_logs(corpus: Corpus) -> None:
    logs = [log.read_bytes() for log in corpus.logs()]
    text = b"\n".join(logs)
    lines = [line for log in corpus.logs() for line in lines_of(log)]
    usages = [usage for line in lines if (usage := usage_in(line)) is not None]

    assert any(not log.endswith(b"\n") for log in logs)
    assert len(lines) < corpus.truths[ALL]["lines"]  # some are truncated
    assert {"1.0.98", "2.1.59", "2.1.81", "2.1.219"} <= {line.get("version") for line in lines}
    assert {"standard", "priority"} <= {usage.get("service_tier") for usage in usages}
    assert any(all(usage.get("cache_creation", {}).values()) for usage in usages)
    assert b'"message":{"content":' in text  # keys in another order
    assert b'"isSidechain":true' in text
    assert b'"type":"summary"' in text
    assert b'"type":"file-history-snapshot"' in text
    assert b'\\"usage\\":{' in text  # quoted, so no usage
    assert "灯台".encode() in text
    assert max(map(len, text.split(b"\n"))) > 100_000
