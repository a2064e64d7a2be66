from __future__ import annotations

import json
import os
import stat
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from spendlight.claude_code.keeping import OWN, days_after, days_before, keep_logs
from spendlight.claude_code.settings import (
    ClaudeSettingsError,
    SettingsChangedError,
    UnusableSettingsError,
    apply_change,
)
from spendlight.claude_code.undoing import NothingToUndoError, setting_undone

NOW = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
TEXT = '{\r\n\t"model": "opus",\r\n\t"cleanupPeriodDays": 20,\r\n\t"x": [1,2],\r\n\t"é": "\\u00e9"}'

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX's")


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_bytes(TEXT.encode())
    return path


def change_to(folder: Path, days: int, now: datetime = NOW) -> Path | None:
    return apply_change(keep_logs(folder, days), now)


def go_back(folder: Path) -> None:
    apply_change(setting_undone(folder, OWN), NOW)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_the_number_of_days_changes(settings: Path) -> None:
    backup = change_to(settings.parent, 365)

    assert settings.read_bytes().decode() == TEXT.replace("20", "365")
    assert backup is not None
    assert backup.name == "settings.json.backup-20260301-123005-cleanupPeriodDays-365"
    assert backup.read_bytes().decode() == TEXT


def test_nothing_is_written_before_it_is_applied(settings: Path) -> None:
    change = keep_logs(settings.parent, 365)

    assert (days_before(change), days_after(change)) == (20, 365)
    assert '-\t"cleanupPeriodDays": 20,\n+\t"cleanupPeriodDays": 365,' in change.diff()
    assert change.path == str(settings)
    assert names(settings.parent) == ["settings.json"]


def test_a_value_that_is_already_set_needs_no_change(settings: Path) -> None:
    change = keep_logs(settings.parent, 20)

    assert change.is_nothing
    assert not change.diff()
    assert apply_change(change, NOW) is None
    assert names(settings.parent) == ["settings.json"]


def test_undoing_restores_the_file_exactly(settings: Path) -> None:
    change_to(settings.parent, 365)

    go_back(settings.parent)

    assert settings.read_bytes().decode() == TEXT
    assert names(settings.parent) == ["settings.json"]


def test_a_missing_file_is_created_and_removed_by_undoing(tmp_path: Path) -> None:
    backup = change_to(tmp_path, 90)

    assert (tmp_path / "settings.json").read_text() == '{\n  "cleanupPeriodDays": 90\n}\n'
    assert backup is not None
    assert backup.name.endswith("-absent")

    go_back(tmp_path)

    assert names(tmp_path) == []


@pytest.mark.parametrize("text", ["", " \n", "{}", '{"a": 1}\n', "\ufeff{}"])
def test_undoing_restores_any_valid_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode())
    change_to(tmp_path, 90)
    assert json.loads(path.read_bytes().decode("utf-8-sig"))["cleanupPeriodDays"] == 90

    go_back(tmp_path)

    assert path.read_bytes() == text.encode()


def test_several_changes_are_undone_one_by_one(settings: Path) -> None:
    folder = settings.parent
    change_to(folder, 90)
    change_to(folder, 180)
    change_to(folder, 365, NOW + timedelta(seconds=1))
    assert len(names(folder)) == 4

    steps = []
    for _ in range(3):
        go_back(folder)
        steps.append(json.loads(settings.read_bytes())["cleanupPeriodDays"])

    assert steps == [180, 90, 20]
    with pytest.raises(NothingToUndoError):
        setting_undone(folder, OWN)


def test_undoing_keeps_changes_made_by_others_in_between(settings: Path) -> None:
    change_to(settings.parent, 365)
    text = settings.read_bytes().decode().replace("opus", "haiku")
    settings.write_bytes(text.encode())

    change = setting_undone(settings.parent, OWN)
    apply_change(change, NOW)

    assert change.has_other_changes
    assert settings.read_bytes().decode() == TEXT.replace("opus", "haiku")
    assert names(settings.parent) == [
        "settings.json",
        "settings.json.undone-20260301-123005-cleanupPeriodDays-365",
    ]


def test_undoing_removes_a_new_setting_and_keeps_later_ones(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"a": 1}')
    change_to(tmp_path, 365)
    path.write_text('{"a": 1, "cleanupPeriodDays": 365, "b": 2}')

    go_back(tmp_path)

    assert path.read_text() == '{"a": 1, "b": 2}'


def test_a_setting_restored_by_hand_cannot_be_undone(settings: Path) -> None:
    change_to(settings.parent, 365)
    settings.write_bytes(TEXT.encode())

    with pytest.raises(NothingToUndoError):
        setting_undone(settings.parent, OWN)


def test_a_value_that_was_changed_by_others_is_not_undone(settings: Path) -> None:
    change_to(settings.parent, 365)
    settings.write_bytes(TEXT.replace("20", "90").encode())

    with pytest.raises(NothingToUndoError, match="another program has changed cleanupPeriodDays"):
        setting_undone(settings.parent, OWN)


def test_a_setting_that_was_removed_by_others_cannot_be_undone(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"a": 1}')
    change_to(tmp_path, 365)
    (tmp_path / "settings.json").write_text('{"b": 2}')

    with pytest.raises(NothingToUndoError):
        setting_undone(tmp_path, OWN)


@pytest.mark.parametrize("text", [b'{"a": 1,}', b"[]", b"// so\n{}", b"\xff\xfe{}", b"not"])
def test_a_file_with_invalid_json_is_left_unchanged(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text)

    with pytest.raises(UnusableSettingsError, match=r"cannot be used: it is .*Nothing was changed"):
        keep_logs(tmp_path, 365)

    assert path.read_bytes() == text
    assert names(tmp_path) == ["settings.json"]


def test_a_file_that_changes_before_it_is_written_is_left_unchanged(settings: Path) -> None:
    change = keep_logs(settings.parent, 365)
    settings.write_bytes(b"{}")

    with pytest.raises(SettingsChangedError):
        apply_change(change, NOW)

    assert settings.read_bytes() == b"{}"
    assert names(settings.parent) == ["settings.json"]


def test_an_unwritable_folder_is_reported_and_nothing_is_left_behind(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    change = keep_logs(settings.parent, 365)
    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(ClaudeSettingsError, match="Permission denied"):
        apply_change(change, NOW)

    assert settings.read_bytes() == TEXT.encode()
    assert names(settings.parent) == ["settings.json"]


@needs_posix
def test_the_files_mode_is_preserved(settings: Path) -> None:
    settings.chmod(0o640)

    backup = change_to(settings.parent, 365)

    assert stat.S_IMODE(settings.stat().st_mode) == 0o640
    assert backup is not None
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640


@needs_posix
def test_a_link_is_preserved_and_its_target_is_changed(settings: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "dotfiles"
    elsewhere.mkdir()
    settings.rename(elsewhere / "claude.json")
    settings.symlink_to(os.path.join("dotfiles", "claude.json"))  # noqa: PTH118  # relative

    backup = change_to(tmp_path, 365)

    assert settings.is_symlink()
    assert b"365" in (elsewhere / "claude.json").read_bytes()
    assert names(elsewhere) == ["claude.json"]
    assert backup is not None
    assert backup.parent == tmp_path
    assert not backup.is_symlink()

    go_back(tmp_path)

    assert settings.is_symlink()
    assert settings.read_bytes() == TEXT.encode()


@needs_posix
def test_a_dangling_link_is_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "settings.json").symlink_to("gone")

    with pytest.raises(UnusableSettingsError, match="a link to a file that does not exist"):
        keep_logs(tmp_path, 365)


@pytest.mark.parametrize("value", ["true", '"20"', "0", "null", "-3", "2.5"])
def test_an_invalid_value_is_replaced(tmp_path: Path, value: str) -> None:
    (tmp_path / "settings.json").write_text(f'{{"cleanupPeriodDays": {value}}}')

    change = keep_logs(tmp_path, 1)

    assert days_before(change) is None
    assert change.after == '{"cleanupPeriodDays": 1}'


def test_backups_are_named_after_the_time_in_utc(settings: Path) -> None:
    backup = change_to(settings.parent, 365, NOW.astimezone(timezone(timedelta(hours=9))))

    assert backup is not None
    assert backup.name == "settings.json.backup-20260301-123005-cleanupPeriodDays-365"


def test_backups_made_by_others_are_ignored(settings: Path) -> None:
    (settings.parent / "settings.json.backup").write_text("{}")
    (settings.parent / "settings.json.backup-2026").write_text("{}")

    with pytest.raises(NothingToUndoError):
        setting_undone(settings.parent, OWN)
