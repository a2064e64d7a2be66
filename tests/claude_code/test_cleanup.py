from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.makers import line, write_log

from spendlight.claude_code.cleanup import (
    DEFAULT_DAYS,
    DaysOrigin,
    Override,
    has_logs,
    last_run,
    retention,
    session_logs,
    working_folders,
)
from spendlight.logs.agent import LogRoot
from spendlight.logs.claude_code.agent import CLAUDE_CODE
from spendlight.logs.discovery import discover


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "claude"
    (folder / "projects").mkdir(parents=True)
    return folder


@pytest.fixture
def managed(tmp_path: Path) -> Path:
    """The path of an organisation's settings; there are none yet."""
    return tmp_path / "etc"


def say(path: Path, **settings: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))
    return path


def test_without_settings_the_default_applies(root: Path, managed: Path) -> None:
    found = retention(root, managed=managed)

    assert (found.days, found.origin) == (DEFAULT_DAYS, DaysOrigin.DEFAULT)
    assert found.settings_path == str(root / "settings.json")
    assert (found.overrides, found.problem) == ((), "")


def test_the_users_settings_decide_how_long_logs_are_kept(root: Path, managed: Path) -> None:
    say(root / "settings.json", model="opus", cleanupPeriodDays=99_999)

    found = retention(root, managed=managed)

    assert (found.days, found.origin) == (99_999, DaysOrigin.USER)


def test_settings_of_an_organisation_take_precedence(root: Path, managed: Path) -> None:
    say(root / "settings.json", cleanupPeriodDays=365)
    first = say(managed / "managed-settings.json", cleanupPeriodDays=14)
    say(managed / "managed-settings.d" / "a.json", model="opus")
    second = say(managed / "managed-settings.d" / "b.json", cleanupPeriodDays=10)
    (managed / "managed-settings.d" / "c.json").write_text("{")

    found = retention(root, managed=managed)

    assert (found.days, found.origin) == (10, DaysOrigin.MANAGED)
    assert found.overrides == (
        Override(str(first), 14, is_managed=True),
        Override(str(second), 10, is_managed=True),
    )


def test_settings_of_a_project_apply_to_all_logs_and_are_named(
    root: Path, managed: Path, tmp_path: Path
) -> None:
    project = tmp_path / "work"
    shared = say(project / ".claude" / "settings.json", cleanupPeriodDays=7)
    own = say(project / ".claude" / "settings.local.json", cleanupPeriodDays=90)

    found = retention(root, [str(project), str(tmp_path / "gone")], managed)

    assert (found.days, found.origin) == (DEFAULT_DAYS, DaysOrigin.DEFAULT)
    assert found.overrides == (
        Override(str(shared), 7, is_managed=False),
        Override(str(own), 90, is_managed=False),
    )


def test_settings_in_the_home_folder_are_the_users_and_not_a_projects(
    tmp_path: Path, managed: Path
) -> None:
    say(tmp_path / ".claude" / "settings.json", cleanupPeriodDays=7)

    assert retention(tmp_path / ".claude", [str(tmp_path)], managed).overrides == ()


@pytest.mark.parametrize("value", [0, -1, 2.5, "30", True, None])
def test_an_invalid_number_of_days_is_reported(root: Path, managed: Path, value: object) -> None:
    say(root / "settings.json", cleanupPeriodDays=value)

    found = retention(root, managed=managed)

    assert found.days is None
    assert found.problem == (
        f"cleanupPeriodDays is {value!r} there, which Claude Code does not accept."
    )


def test_unreadable_settings_are_reported(root: Path, managed: Path) -> None:
    (root / "settings.json").write_text('{"cleanupPeriodDays": 90,}')

    found = retention(root, managed=managed)

    assert found.days is None
    assert "it is not valid JSON" in found.problem


def test_session_logs_are_sorted_by_when_they_will_be_deleted(root: Path) -> None:
    for place, seconds in (("p/new.jsonl", 300), ("q/old.jsonl", 100), ("p/mid.jsonl", 200)):
        path = write_log(root, place, line())
        os.utime(path, (seconds, seconds))
    write_log(root, "p/new/subagents/agent-1.jsonl", line())
    write_log(root, "loose.jsonl", line())

    logs = session_logs(discover([LogRoot(str(root), CLAUDE_CODE)]).files)

    assert [log.relative_path for log in logs] == ["q/old.jsonl", "p/mid.jsonl", "p/new.jsonl"]


def test_the_working_directory_of_a_session_is_read_from_its_log(root: Path) -> None:
    write_log(root, "p/a.jsonl", b'{"type":"summary"}\n', b'{"cwd":"/home/ada/\\u00fc","x":1}\n')
    write_log(root, "q/b.jsonl", b'{"text":"\\"cwd\\":\\"/bait\\""}\n')
    write_log(root, "r/c.jsonl", b'{"cwd": "/home/ada/b"}\n')

    logs = discover([LogRoot(str(root), CLAUDE_CODE)]).files

    assert working_folders(logs) == ("/home/ada/b", "/home/ada/ü")


def test_a_deleted_log_has_no_working_directory(root: Path) -> None:
    path = write_log(root, "p/a.jsonl", b'{"cwd":"/home/ada"}\n')
    logs = discover([LogRoot(str(root), CLAUDE_CODE)]).files
    path.unlink()

    assert working_folders(logs) == ()


def test_a_folder_has_logs_if_one_of_its_projects_has_any(root: Path) -> None:
    here = LogRoot(str(root), CLAUDE_CODE)
    assert not has_logs(here)
    (root / "projects" / "p").mkdir()
    (root / "projects" / "notes.txt").write_text("")
    assert not has_logs(here)

    write_log(root, "q/a.jsonl", line())

    assert has_logs(here)
    assert not has_logs(LogRoot(str(root / "gone"), CLAUDE_CODE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00.000Z\n", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_the_time_of_the_last_cleanup_is_read_from_its_file(
    root: Path, text: str, expected: datetime | None
) -> None:
    assert last_run(root) is None

    (root / ".last-cleanup").write_text(text)

    assert last_run(root) == expected
