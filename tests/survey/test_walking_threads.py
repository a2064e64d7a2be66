from __future__ import annotations

import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.survey.trees import Tree, plant, trees

from spendlight.survey import walking_threads
from spendlight.survey.filter import FileFilter
from spendlight.survey.survey import ScanMethod, Survey, SurveyProgress, WhyThreads, survey
from spendlight.survey.walk import Task, Walker

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the trees have links")

PATIENCE_S = 20
MANY = {f"{letter}{number}": {"x.jsonl": 1} for letter in "abcdef" for number in range(30)}


def anyhow(found: Survey) -> Survey:
    """Return a survey without the way it was made."""
    return replace(found, method=ScanMethod(1, WhyThreads.ASKED))


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
def test_one_thread_and_several_have_the_same_result(tree: Tree, filters: FileFilter) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "tree")
        plant(folder, tree)
        projects = str(folder / "projects")

        alone = survey(str(folder), filters, projects=projects, threads=1)
        together = survey(str(folder), filters, projects=projects, threads=2, spread_from_files=0)

        assert anyhow(together) == anyhow(alone)


def test_threads_share_their_remaining_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking_threads, "_BATCH_FILES", 1)
    plant(tmp_path, {"one": dict(MANY), "two": {"three": dict(MANY)}})

    found = survey(str(tmp_path), threads=2, spread_from_files=0)

    assert found.method == ScanMethod(2, WhyThreads.MANY_FILES)
    assert found.files == 2 * len(MANY)
    assert anyhow(found) == anyhow(survey(str(tmp_path), threads=1))


def test_folders_are_read_in_parallel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, dict(MANY))
    together = threading.Barrier(2, timeout=PATIENCE_S)
    visit = Walker.visit

    def meet(walker: Walker, task: Task) -> list[Task]:
        if task.path.endswith(("c7", "d7")):
            together.wait()
        return visit(walker, task)

    monkeypatch.setattr(walking_threads, "_BATCH_FILES", 1)
    monkeypatch.setattr(Walker, "visit", meet)

    assert survey(str(tmp_path), threads=2, spread_from_files=0).files == len(MANY)


def test_an_exception_in_a_thread_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, dict(MANY))
    visit = Walker.visit

    def failing(walker: Walker, task: Task) -> list[Task]:
        if task.path.endswith("c7"):
            raise ZeroDivisionError
        return visit(walker, task)

    monkeypatch.setattr(Walker, "visit", failing)
    with pytest.raises(ZeroDivisionError):
        survey(str(tmp_path), threads=2, spread_from_files=0)


def test_without_threads_it_continues_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    plant(tmp_path, dict(MANY))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    found = survey(str(tmp_path), threads=2, spread_from_files=0)

    assert found.method == ScanMethod(1, WhyThreads.NOT_ALLOWED)
    assert found.files == len(MANY)


def test_several_threads_can_be_stopped(tmp_path: Path) -> None:
    plant(tmp_path, {"one": dict(MANY), "two": dict(MANY)})
    stop = threading.Event()
    seen: list[SurveyProgress] = []

    def stop_at_once(progress: SurveyProgress) -> None:
        seen.append(progress)
        if progress.folders:
            stop.set()

    found = survey(
        str(tmp_path), stop=stop, on_progress=stop_at_once, threads=2, spread_from_files=0
    )

    assert not found.is_complete or len(seen) == 1
    assert found.files <= 2 * len(MANY)


def test_a_folder_that_never_responds_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, dict(MANY))
    stop, responds = threading.Event(), threading.Event()
    visit = Walker.visit

    def hang(walker: Walker, task: Task) -> list[Task]:
        if task.path.endswith("c7"):
            stop.set()
            responds.wait(PATIENCE_S)
        return visit(walker, task)

    monkeypatch.setattr(Walker, "visit", hang)
    try:
        found = survey(str(tmp_path), stop=stop, threads=2, spread_from_files=0)
        assert not responds.is_set()
    finally:
        responds.set()

    assert not found.is_complete
    assert found.files < len(MANY)
