"""Asks git about a repository on this machine: it only reads, runs no hooks, and never goes online.

A repository's own configuration can make git run programs. So only commands are used that run
none, and what could start one anyway is switched off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import UsageError
from spendlight.names import name, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S: Final = 20.0
"""How long git may take for each answer: some need all commits of a large repository."""

_SAFETY: Final = (
    "--no-pager",
    "--no-replace-objects",
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "log.showSignature=false"),
)

_ENVIRONMENT: Final[Mapping[str, str]] = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "",
    "LC_ALL": "C",
}

_MOST_REASON: Final = 300


class NoGitError(UsageError):
    """There is no git on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "git was not found on this machine",
            "Install it, or leave --since-merge-base out: then all answers on the branch count.",
        )


class GitError(UsageError):
    """A question to git had no answer."""

    def __init__(self, folder: Path, reason: str, advice: str = "") -> None:
        where = name(str(folder))
        super().__init__(
            f"git could not answer for {where}: {shown(shortened(reason, _MOST_REASON))}",
            advice or "Without --since-merge-base, all answers on the branch count.",
        )


class GitDistrustError(UsageError):
    """Git refuses to read a repository that belongs to another user."""

    def __init__(self, folder: Path) -> None:
        where = name(str(folder))
        super().__init__(
            f"git does not read {where}, because it belongs to another user",
            f"If you trust it: git config --global --add safe.directory {where}",
        )


class MergeBase(NamedTuple):
    """Where a branch left another one.

    Attributes:
        commit: The id of the last commit that both have.
        at: When it was made.
    """

    commit: str
    at: datetime


def merge_base(folder: Path, branch: str, base: str, *, timeout_s: float = TIMEOUT_S) -> MergeBase:
    """Return where a branch left another one.

    If it has been merged since, that is where it was before.

    Args:
        folder: A folder of the repository.
        branch: The branch, here or at the remote "origin".
        base: Another branch, or any commit.
        timeout_s: How long git may take for each of its answers.

    Raises:
        NoGitError: If there is no git.
        GitDistrustError: If git refuses to read the repository.
        GitError: If it has no answer.
    """
    git = _Git(folder, timeout_s)
    git.ask("rev-parse", "--git-dir")
    tip = git.commit(f"refs/heads/{branch}") or git.commit(f"refs/remotes/origin/{branch}")
    if not tip:
        reason = f"it has no branch {branch} (any more)"
        raise GitError(folder, reason)
    other = "" if base.startswith("-") else git.commit(base)
    if not other:
        reason = f"it has no branch {base}"
        raise GitError(folder, reason, "Name the branch that it was made from, such as main.")
    common = git.ask("merge-base", other, tip, may_fail=True)
    if not common:
        reason = f"{branch} and {base} have no commit in common"
        raise GitError(folder, reason)
    if common == tip:
        common = _before_merge(git, tip, other)
        if not common:
            reason = f"all commits of {branch} are part of {base}, which does not say where it left"
            raise GitError(folder, reason)
    return MergeBase(common, git.made_at(common))


def _before_merge(git: _Git, tip: str, other: str) -> str:
    """Return the merge base of a branch as of before its merge; "" if it was not merged so."""
    merges = git.ask("rev-list", "--merges", "--ancestry-path", "--reverse", f"{tip}..{other}")
    first = merges.partition("\n")[0]
    if not first:
        return ""
    common = git.ask("merge-base", f"{first}^1", tip, may_fail=True)
    return "" if common == tip else common


class _Git:
    """Runs git in one folder.

    Raises:
        NoGitError: If there is no git.
    """

    def __init__(self, folder: Path, timeout_s: float) -> None:
        program = shutil.which("git")
        # Windows would also find one in the working folder, which may be anybody's.
        is_odd = os.name == "nt" and program is not None and Path(program).parent == Path.cwd()
        if program is None or is_odd:
            raise NoGitError
        self._program = program
        self._folder = folder
        self._timeout_s = timeout_s
        others = {key: told for key, told in os.environ.items() if not key.startswith("GIT_")}
        self._environment = {**others, **_ENVIRONMENT}

    def ask(self, *words: str, may_fail: bool = False) -> str:
        """Return what git prints, without the last line break; "" if it fails and may.

        Raises:
            GitDistrustError: If it refuses to read the repository.
            GitError: If it fails, or takes too long.
        """
        try:
            ran = subprocess.run(  # noqa: S603  # git itself, with checked words
                [self._program, *_SAFETY, *words],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            reason = f"it took longer than {self._timeout_s:.0f} seconds"
            raise GitError(self._folder, reason) from None
        except OSError as error:
            raise GitError(self._folder, error.strerror or str(error)) from None
        if not ran.returncode:
            return ran.stdout.rstrip("\n")
        if "dubious ownership" in ran.stderr:
            raise GitDistrustError(self._folder)
        if may_fail:
            return ""
        reason = ran.stderr.strip().partition("\n")[0].removeprefix("fatal: ")
        raise GitError(self._folder, reason or f"exit code {ran.returncode}")

    def commit(self, revision: str) -> str:
        """Return the id of the commit that a revision names, or "" if there is none."""
        words = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return self.ask(*words, may_fail=True)

    def made_at(self, commit: str) -> datetime:
        """Return when a commit was made.

        Raises:
            GitError: If the commit does not say it.
        """
        for line in self.ask("cat-file", "commit", commit).split("\n\n", 1)[0].splitlines():
            if line.startswith("committer "):
                try:
                    return datetime.fromtimestamp(int(line.split()[-2]), UTC)
                except (ValueError, IndexError, OverflowError, OSError):
                    break
        reason = f"the commit {commit} has no time"
        raise GitError(self._folder, reason)
