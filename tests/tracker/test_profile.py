from __future__ import annotations

import json
import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.makers import append, line, write_log
from tests.tracker.worlds import World

from spendlight.claude_code import cleanup
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.profile import (
    CleanupOutlook,
    FileFilter,
    NoClaudeFolderError,
    WhyThreads,
    claude_folders,
    due_after,
    retention_of,
    spending_of,
)
from spendlight.tracker.tracker import UsageTracker

DAY_S = 86_400
NOW_S = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def no_organisation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the managed settings of this machine."""
    monkeypatch.setattr(cleanup, "MANAGED_FOLDERS", {sys.platform: str(tmp_path / "etc")})


def age(path: Path, days: float) -> Path:
    """Set a file's time to a number of days before the first of March."""
    os.utime(path, (NOW_S - days * DAY_S, NOW_S - days * DAY_S))
    return path


def outlook(tracker: UsageTracker, path: Path | None = None) -> CleanupOutlook:
    found = tracker.profile(path)[0].cleanup
    assert found is not None
    return found


def test_without_a_path_the_data_folders_are_profiled(world: World) -> None:
    other = world.make_root("claude-2")
    write_log(world.root, "p/a.jsonl", line())
    (other / "settings.json").write_text("{}")

    profiles = world.read(world.root, other).profile()

    assert [profile.survey.folder for profile in profiles] == [str(world.root), str(other)]
    assert [share.name for share in profiles[0].survey.by_project] == ["p"]
    assert profiles[1].survey.files == 1


def test_machines_are_profiled_with_their_folder(world: World) -> None:
    write_log(world.root / "vms" / "box", "p/a.jsonl", line())

    (profile,) = world.read().profile()

    assert profile.survey.files == 1


def test_any_other_folder_has_no_outlook(world: World, tmp_path: Path) -> None:
    (tmp_path / "x" / "projects").mkdir(parents=True)
    (tmp_path / "x" / "a.txt").write_text("abc")

    (profile,) = world.tracker().profile(tmp_path / "x")

    assert (profile.survey.size, profile.survey.by_project) == (3, ())
    assert profile.cleanup is None


def test_logs_are_deleted_a_number_of_days_after_their_last_change(world: World) -> None:
    (world.root / "settings.json").write_text('{"cleanupPeriodDays": 10}')
    age(write_log(world.root, "q/young.jsonl", line(id="b")), 1)
    age(write_log(world.root, "p/old.jsonl", line(id="a"), line(id="c")), 9)

    found = outlook(world.read())

    assert [(log.project, log.session) for log in found.logs] == [("p", "old"), ("q", "young")]
    assert found.logs[0].deleted_from == datetime(2026, 3, 2, tzinfo=UTC)
    assert found.due(datetime(2026, 3, 2, tzinfo=UTC)) == found.logs[:1]
    assert found.due(datetime(2026, 3, 1, tzinfo=UTC)) == ()


def test_the_answers_kept_by_the_ledger_are_shown_for_a_log(world: World) -> None:
    write_log(world.root, "p/a.jsonl", line(id="a"), line(id="b"))
    write_log(world.root, "p/nothing.jsonl", b"{}\n")

    found = outlook(world.read())

    by_session = {log.session: log for log in found.logs}
    kept = by_session["a"].kept
    assert kept is not None
    assert kept.answers == 2
    assert by_session["nothing"].kept is None
    assert all(log.is_read for log in found.logs)
    assert spending_of(found.logs).cost == kept.cost


def test_usage_that_was_not_read_yet_is_reported(world: World) -> None:
    path = write_log(world.root, "p/a.jsonl", line())
    tracker = world.read()
    append(path, line(id="b"))

    (log,) = outlook(tracker).logs

    assert not log.is_read


def test_logs_of_subagents_are_distinguished(world: World) -> None:
    write_log(world.root, "p/a.jsonl", line())
    old = write_log(world.root, "p/a/subagents/agent-1.jsonl", line(id="b"))
    os.utime(old, (1_000_000_000, 1_000_000_000))
    write_log(world.root, "p/a/subagents/agent-2.jsonl", line(id="c"))

    found = outlook(world.read())

    assert [log.session for log in found.logs] == ["a"]
    assert (found.agent_logs, found.agent_size) == (1, old.stat().st_size)


def test_logs_that_are_kept_for_a_century_are_never_due(world: World) -> None:
    (world.root / "settings.json").write_text('{"cleanupPeriodDays": 99999999}')
    write_log(world.root, "p/a.jsonl", line())

    found = outlook(world.read())

    assert found.retention.days == 99_999_999
    assert found.logs[0].deleted_from is None
    assert found.due(datetime.max.replace(tzinfo=UTC)) == ()


def test_with_invalid_settings_no_deletion_is_predicted(world: World) -> None:
    (world.root / "settings.json").write_text("{")
    write_log(world.root, "p/a.jsonl", line())

    found = outlook(world.read())

    assert found.logs == ()
    assert found.retention.problem


def test_the_folder_of_projects_has_the_same_outlook(world: World) -> None:
    write_log(world.root, "p/a.jsonl", line())
    tracker = world.read()

    (profile,) = tracker.profile(world.root / "projects")

    assert profile.cleanup == outlook(tracker)
    assert [share.name for share in profile.survey.by_project] == ["p"]


@pytest.mark.skipif(sys.platform == "win32", reason="links are POSIX's")
def test_a_link_to_a_data_folder_is_that_data_folder(world: World, tmp_path: Path) -> None:
    write_log(world.root, "p/a.jsonl", line())
    (tmp_path / "link").symlink_to(world.root)
    tracker = world.read()

    found = outlook(tracker, tmp_path / "link")

    assert found == outlook(tracker)
    assert found.is_known
    assert found.logs[0].is_read


@pytest.mark.skipif(sys.platform == "win32", reason="links are POSIX's")
def test_logs_behind_a_link_are_profiled_separately(world: World, tmp_path: Path) -> None:
    (world.root / "projects").rename(tmp_path / "elsewhere")
    (world.root / "projects").symlink_to(tmp_path / "elsewhere")
    write_log(world.root, "p/a.jsonl", line())
    tracker = world.read()

    first, second = tracker.profile()

    assert (first.survey.files, second.survey.files) == (0, 1)
    assert second.survey.folder == str(world.root / "projects")
    assert first.cleanup is not None
    assert [log.is_read for log in first.cleanup.logs] == [True]
    assert second.cleanup is None


def test_a_data_folder_out_of_scope_has_no_kept_answers(world: World) -> None:
    other = world.make_root("old-claude")
    write_log(other, "p/a.jsonl", line())
    write_log(world.root, "p/a.jsonl", line())

    found = outlook(world.read(), other)

    assert not found.is_known
    assert [(log.is_read, log.kept) for log in found.logs] == [(False, None)]


def test_filters_affect_files_and_not_the_outlook(world: World) -> None:
    write_log(world.root, "p/a.jsonl", line())
    (world.root / "projects" / "p" / "b.txt").write_text("abc")

    (profile,) = world.read().profile(filters=FileFilter(extensions=frozenset({".txt"})))

    assert profile.survey.size == 3
    assert profile.cleanup is not None
    assert len(profile.cleanup.logs) == 1


def test_a_stopped_profile_has_the_results_so_far(world: World) -> None:
    write_log(world.root, "p/a.jsonl", line())
    stop = threading.Event()
    stop.set()

    (profile,) = world.read().profile(stop=stop)

    assert not profile.survey.is_complete
    assert profile.cleanup is None


def test_no_thread_is_started_if_disabled(world: World) -> None:
    (profile,) = world.tracker(has_threads=False).profile()

    assert profile.survey.method.why is WhyThreads.ASKED


def test_data_folders_are_found_by_the_environment_or_by_a_path(
    world: World, tmp_path: Path
) -> None:
    options = world.options()

    assert claude_folders(options) == (world.root,)
    assert claude_folders(options, world.root / "projects") == (world.root,)
    with pytest.raises(NoClaudeFolderError):
        claude_folders(options, tmp_path)
    nowhere = TrackerOptions(environ={"HOME": str(tmp_path)})
    assert claude_folders(nowhere) == ()


def test_settings_of_the_logs_projects_are_found(world: World, tmp_path: Path) -> None:
    settings = tmp_path / "work" / ".claude" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"cleanupPeriodDays": 3}')
    said = json.dumps({"cwd": str(tmp_path / "work")}, separators=(",", ":")).encode()
    write_log(world.root, "p/a.jsonl", said + b"\n")

    (override,) = retention_of(world.root).overrides

    assert (override.path, override.days) == (str(settings), 3)
    assert outlook(world.read()).retention == retention_of(world.root)


def test_logs_that_a_shorter_retention_would_delete_are_counted(world: World) -> None:
    path = age(write_log(world.root, "p/a.jsonl", line()), 8)
    age(write_log(world.root, "p/b.jsonl", line()), 2)
    now = datetime.fromtimestamp(NOW_S, UTC)

    assert due_after(world.root, 7, now) == (1, path.stat().st_size)
    assert due_after(world.root, 30, now) == (0, 0)
    assert due_after(world.root, 1, now + timedelta(days=1))[0] == 2
