from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.survey.trees import Tree, plant, trees

from spendlight.survey import worker_processes
from spendlight.survey.filter import FileFilter
from spendlight.survey.survey import ScanMethod, Survey, SurveyProgress, WhyProcesses, survey
from spendlight.survey.walk import Task, Walker

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the trees have links")

MANY = {f"{letter}{number}": {"x.jsonl": 1} for letter in "abcdef" for number in range(30)}


def anyhow(found: Survey) -> Survey:
    """Return a survey without how it was made."""
    return replace(found, method=ScanMethod(1, WhyProcesses.ASKED))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    trees(),
    st.builds(
        FileFilter,
        extensions=st.sampled_from([frozenset[str](), frozenset({".jsonl", ""})]),
        names=st.sampled_from([(), ("a*", "?.txt")]),
        pattern=st.sampled_from(["", "p/"]),
        min_bytes=st.sampled_from([0, 100]),
        has_hidden=st.booleans(),
        is_on_one_system=st.booleans(),
    ),
)
def test_one_process_and_several_find_the_same(tree: Tree, filters: FileFilter) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "tree")
        plant(folder, tree)
        projects = str(folder / "projects")

        alone = survey(str(folder), filters, projects=projects, processes=1)
        together = survey(str(folder), filters, projects=projects, processes=2, spread_from_files=0)

        assert anyhow(together) == anyhow(alone)


def test_processes_hand_back_what_others_can_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_processes, "_BATCH_FILES", 1)
    plant(tmp_path, {"one": dict(MANY), "two": {"three": dict(MANY)}})

    found = survey(str(tmp_path), processes=2, spread_from_files=0)

    assert found.method == ScanMethod(2, WhyProcesses.MANY_FILES)
    assert found.files == 2 * len(MANY)
    assert anyhow(found) == anyhow(survey(str(tmp_path), processes=1))


@pytest.mark.slow  # spawns processes
def test_a_thread_among_others_starts_processes_anew(tmp_path: Path) -> None:
    plant(tmp_path, {"one": {"a": 1}, "two": {"b": 2}})
    methods: list[str] = []
    found: list[Survey] = []

    def look() -> None:
        methods.append(worker_processes.start_method())
        found.append(survey(str(tmp_path), processes=2, spread_from_files=0))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert methods == ["spawn"]
    assert found[0].method.processes == 2
    assert anyhow(found[0]) == anyhow(survey(str(tmp_path), processes=1))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_what_a_killed_process_had_at_hand_is_done_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, dict(MANY))
    mother = os.getpid()
    visit = Walker.visit

    def deadly(walker: Walker, task: Task) -> list[Task]:
        if os.getpid() != mother and task.path.endswith("c7"):
            os.kill(os.getpid(), signal.SIGKILL)
        return visit(walker, task)

    monkeypatch.setattr(Walker, "visit", deadly)
    found = survey(str(tmp_path), processes=2, spread_from_files=0)

    assert found.files == len(MANY)
    assert found.is_complete


def test_it_goes_on_alone_where_no_process_can_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    plant(tmp_path, dict(MANY))
    monkeypatch.setattr(worker_processes, "_Worker", refuse)
    found = survey(str(tmp_path), processes=2, spread_from_files=0)

    assert found.method == ScanMethod(1, WhyProcesses.NOT_ALLOWED)
    assert found.files == len(MANY)


def test_several_processes_can_be_stopped_too(tmp_path: Path) -> None:
    plant(tmp_path, {"one": dict(MANY), "two": dict(MANY)})
    stop = threading.Event()
    seen: list[SurveyProgress] = []

    def stop_at_once(progress: SurveyProgress) -> None:
        seen.append(progress)
        if progress.folders:
            stop.set()

    found = survey(
        str(tmp_path), stop=stop, on_progress=stop_at_once, processes=2, spread_from_files=0
    )

    assert not found.is_complete or len(seen) == 1
    assert found.files <= 2 * len(MANY)
