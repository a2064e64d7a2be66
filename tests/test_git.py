"""What git says about a repository, without its hooks, its programs and the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spendlight.git import GitDistrustError, GitError, NoGitError, merge_base

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="asks a real git")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Checkout:
    """A repository in which each commit is made an hour after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hours = 0
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def git(self, *words: str) -> str:
        at = f"{int(NOON.timestamp()) + self.hours * 3600} +0000"
        who = {"NAME": "Ada", "EMAIL": "ada@example.com", "DATE": at}
        names = {f"GIT_{role}_{key}": told for key, told in who.items() for role in ROLES}
        ran = subprocess.run(
            ["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false", *words],
            cwd=self.folder,
            env={**os.environ, **names},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return ran.stdout.strip()

    def commit(self) -> str:
        self.git("commit", "--quiet", "--allow-empty", "-m", f"Commit {self.hours}")
        self.hours += 1
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, *words: str) -> None:
        self.git("merge", "--quiet", "-m", "Merge", *words, branch)
        self.hours += 1


ROLES = ("AUTHOR", "COMMITTER")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """One commit on main, then two on a branch, then one on main."""
    made = Checkout(tmp_path / "engine")
    made.git("switch", "--quiet", "-c", "fix/clock")
    made.commit()
    made.commit()
    made.git("switch", "--quiet", "main")
    made.commit()
    return made


def test_a_branch_began_at_the_last_commit_that_both_have(checkout: Checkout) -> None:
    found = merge_base(checkout.folder, "fix/clock", "main")

    assert found.at == NOON
    assert found.commit == checkout.git("rev-parse", "main~1")


def test_a_merged_branch_began_where_it_was_before_it_was_merged(checkout: Checkout) -> None:
    checkout.merge("fix/clock", "--no-ff")
    checkout.commit()

    assert merge_base(checkout.folder, "fix/clock", "main").at == NOON


def test_a_branch_at_the_remote_is_found_after_it_was_deleted_here(checkout: Checkout) -> None:
    checkout.git("update-ref", "refs/remotes/origin/fix/clock", "fix/clock")
    checkout.git("branch", "--quiet", "-D", "fix/clock")

    assert merge_base(checkout.folder, "fix/clock", "main").at == NOON


@pytest.mark.parametrize(
    ("branch", "base", "message"),
    [
        ("gone", "main", "it has no branch gone (any more)"),
        ("fix/clock", "trunk", "it has no branch trunk. Name the branch that it was made from"),
        ("fix/clock", "--help", "it has no branch --help"),
        ("--help", "main", "it has no branch --help (any more)"),
        ("old", "main", "all commits of old are part of main"),
        ("other", "main", "other and main have no commit in common"),
    ],
)
def test_what_git_does_not_know_is_said_in_a_sentence(
    checkout: Checkout, branch: str, base: str, message: str
) -> None:
    checkout.git("branch", "old", "main~1")
    checkout.git("switch", "--quiet", "--orphan", "other")
    checkout.commit()

    with pytest.raises(GitError) as raised:
        merge_base(checkout.folder, branch, base)

    assert message in str(raised.value)


def test_a_folder_without_a_repository_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        merge_base(tmp_path, "main", "main")


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are scripts of a shell")
def test_no_program_that_the_repository_names_is_run(checkout: Checkout, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o700)
    hooks = checkout.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(program, hooks / hook)
    for key in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "diff.external"):
        checkout.git("config", key, str(program))
    checkout.git("config", "log.showSignature", "true")
    ran.unlink(missing_ok=True)

    assert merge_base(checkout.folder, "fix/clock", "main").at == NOON
    assert not ran.exists()


def test_the_environment_of_a_hook_does_not_lead_elsewhere(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    assert merge_base(checkout.folder, "fix/clock", "main").at == NOON


def test_without_git_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoGitError, match="git was not found on this machine"):
        merge_base(tmp_path, "main", "main")


@pytest.mark.skipif(sys.platform == "win32", reason="git is a script of a shell here")
@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        (
            "echo \"fatal: detected dubious ownership in repository at '/x'\" >&2; exit 128",
            GitDistrustError,
            "git config --global --add safe.directory",
        ),
        ("exec sleep 60", GitError, "it took longer than"),
        ("printf 'fatal: \\033[2Jbad\\n' >&2; exit 1", GitError, r"\\x1b\[2Jbad"),
    ],
)
def test_a_git_that_refuses_or_hangs_is_reported(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    kind: type[Exception],
    message: str,
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)

    with pytest.raises(kind, match=message):
        merge_base(tmp_path, "main", "main", timeout_s=0.3 if "sleep" in script else 20)
