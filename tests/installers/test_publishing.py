"""The name, notes and files of a release, and its publication on GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checksums import check_sums, read_sums, write_sums
from previous_release import download_previous, previous_tag
from project import ROOT, ReleaseError, version
from publish import publish
from release_notes import notes_of, section_for
from tests.installers.fake_programs import write_gh

from spendlight import __version__

posix = pytest.mark.skipif("sys.platform == 'win32'", reason="it starts scripts")

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- What comes next.

## [1.1.0] - 2026-03-01

### Fixed

- A sum.

## [1.0.0]

- The first.

[1.0.0]: https://example.org/1.0.0
"""


def test_the_version_is_read_without_importing_the_program() -> None:
    assert version() == __version__


def test_the_notes_of_one_version_are_extracted() -> None:
    assert notes_of(CHANGELOG, "1.1.0") == "### Fixed\n\n- A sum.\n"
    assert notes_of(CHANGELOG, "Unreleased") == "### Added\n\n- What comes next.\n"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("1.0.0", "no date"), ("2.0.0", "no section"), ("Unreleased", "lists nothing")],
)
def test_a_release_without_notes_is_rejected(name: str, complaint: str) -> None:
    changelog = CHANGELOG.replace("- What comes next.\n", "")

    with pytest.raises(ReleaseError, match=complaint):
        notes_of(changelog, name)


@pytest.mark.parametrize(
    ("tag", "section"),
    [("v1.1.0", "1.1.0"), ("main", "Unreleased"), ("", "Unreleased"), ("vienna", "Unreleased")],
)
def test_the_tag_selects_the_section(tag: str, section: str) -> None:
    assert section_for(tag, "1.1.0") == section


@pytest.mark.parametrize("tag", ["v1.1.1", "v1.1", "v1.1.0-rc1"])
def test_a_tag_of_another_version_is_rejected(tag: str) -> None:
    with pytest.raises(ReleaseError, match="does not fit version"):
        section_for(tag, "1.1.0")


def test_the_current_changelog_can_be_released() -> None:
    script = ROOT / "installers" / "release" / "release_notes.py"
    environ = os.environ | {"GITHUB_REF_NAME": "main"}
    ran = subprocess.run(
        [sys.executable, script], env=environ, capture_output=True, check=True, encoding="utf-8"
    )

    assert "SHA256SUMS" in ran.stdout


def test_checksums_have_the_format_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "b.deb").write_bytes(b"")
    (tmp_path / "a.rpm").write_bytes(b"abc")
    write_sums(tmp_path)

    assert (tmp_path / "SHA256SUMS").read_bytes().splitlines() == [
        b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.rpm",
        b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.deb",
    ]
    assert check_sums(tmp_path) == 2


def test_the_checksum_file_does_not_contain_itself(tmp_path: Path) -> None:
    (tmp_path / "a.deb").touch()
    first = write_sums(tmp_path).read_bytes()

    assert write_sums(tmp_path).read_bytes() == first


@pytest.mark.parametrize("spoil", ["changed", "gone"])
def test_a_file_with_a_wrong_checksum_is_named(tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "a.deb"
    file.touch()
    write_sums(tmp_path)
    if spoil == "gone":
        file.unlink()
    else:
        file.write_bytes(b"other")

    with pytest.raises(ReleaseError, match="not as SHA256SUMS says: a"):
        check_sums(tmp_path)


@pytest.mark.parametrize("line", ["abc  a.deb", f"{'0' * 64}  ../a.deb", f"{'0' * 64}", ""])
def test_an_invalid_line_of_checksums_is_rejected(tmp_path: Path, line: str) -> None:
    (tmp_path / "SHA256SUMS").write_text(line + "\n")

    with pytest.raises(ReleaseError, match="no sum of a file"):
        read_sums(tmp_path)


def test_checksums_of_no_files_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="nothing to sum up"):
        write_sums(tmp_path)


def test_the_previous_release_is_the_latest_older_one() -> None:
    tags = ["v0.9.0", "v0.10.0", "v1.0.0", "v0.10.1", "nightly", "v0.11.0-rc1", "v2.0.0"]

    assert previous_tag(tags, "1.0.0") == "v0.10.1"
    assert previous_tag(tags, "1.0.1") == "v1.0.0"
    assert previous_tag(["v1.0.0"], "1.0.0") is None
    assert previous_tag([], "1.0.0") is None


@pytest.fixture
def fake_gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at the start of PATH, for a fake `gh` that records its calls."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "a.deb").touch()
    write_sums(folder)
    return folder


def asked(path: Path) -> list[list[str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@posix
def test_the_previous_release_is_downloaded(fake_gh: Path, tmp_path: Path) -> None:
    write_gh(fake_gh, json.dumps([{"tagName": "v0.0.1"}, {"tagName": "v99.0.0"}]))

    assert download_previous(tmp_path / "previous") == "v0.0.1"
    assert [path.name for path in (tmp_path / "previous").iterdir()] == ["asset-of-v0.0.1"]


@posix
def test_before_the_first_release_nothing_is_downloaded(fake_gh: Path, tmp_path: Path) -> None:
    write_gh(fake_gh, "[]")

    assert download_previous(tmp_path / "previous") is None
    assert list((tmp_path / "previous").iterdir()) == []


@posix
def test_a_draft_with_all_files_is_created(fake_gh: Path, files: Path, tmp_path: Path) -> None:
    log = write_gh(fake_gh, "[]")

    said = publish(files, f"v{__version__}", tmp_path / "notes.md")

    created = asked(log)[-1]
    assert created[:5] == ["release", "create", f"v{__version__}", "--draft", "--verify-tag"]
    assert [Path(word).name for word in created[-2:]] == ["SHA256SUMS", "a.deb"]
    assert said == f"v{__version__}: made a draft with 2 files"


@posix
def test_an_existing_draft_is_updated(fake_gh: Path, files: Path, tmp_path: Path) -> None:
    draft = [{"tagName": f"v{__version__}", "isDraft": True}]
    log = write_gh(fake_gh, json.dumps(draft))

    publish(files, f"v{__version__}", tmp_path / "notes.md")

    assert [words[1] for words in asked(log)] == ["list", "upload", "edit"]


@posix
def test_a_published_release_is_never_changed(fake_gh: Path, files: Path, tmp_path: Path) -> None:
    published = [{"tagName": f"v{__version__}", "isDraft": False}]
    log = write_gh(fake_gh, json.dumps(published))

    with pytest.raises(ReleaseError, match="published already"):
        publish(files, f"v{__version__}", tmp_path / "notes.md")
    assert [words[1] for words in asked(log)] == ["list"]


@posix
def test_files_with_wrong_checksums_are_not_published(
    fake_gh: Path, files: Path, tmp_path: Path
) -> None:
    log = write_gh(fake_gh, "[]")
    (files / "a.deb").write_bytes(b"other")

    with pytest.raises(ReleaseError, match="SHA256SUMS"):
        publish(files, f"v{__version__}", tmp_path / "notes.md")
    assert not log.exists()


@posix
@pytest.mark.parametrize("tag", ["main", "", "v99.0.0"])
def test_nothing_is_published_without_the_tag_of_this_version(
    fake_gh: Path, files: Path, tmp_path: Path, tag: str
) -> None:
    log = write_gh(fake_gh, "[]")

    with pytest.raises(ReleaseError):
        publish(files, tag, tmp_path / "notes.md")
    assert not log.exists()


@posix
def test_errors_of_github_are_shown(fake_gh: Path, files: Path, tmp_path: Path) -> None:
    write_gh(fake_gh, "[]", fails=True)

    with pytest.raises(ReleaseError, match="release create failed: HTTP 403"):
        publish(files, f"v{__version__}", tmp_path / "notes.md")
