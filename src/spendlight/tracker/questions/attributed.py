"""Single answers with their circumstances, and those of one project, repository or branch."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import BadArgumentError
from spendlight.metering.dimensions import are_met
from spendlight.metering.periods import DAY_MS, spans
from spendlight.names import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import Source

MOST_NAMED: Final = 8
"""A message names at most so many of the names that would have been possible."""

_PROJECT: Final = "project"
_REPOSITORY: Final = "repository"
_BRANCH: Final = "branch"
_NAME: Final = "name"
"""The kinds of names in messages."""


class UnknownNameError(BadArgumentError):
    """A project, a repository or a branch without usage was named."""

    def __init__(self, kind: str, wanted: str, known: Iterable[str]) -> None:
        told = _listed(known)
        super().__init__(
            f"No usage of the {kind} {name(wanted)} was found",
            f"Found instead: {told}." if told else "There is no usage of any.",
        )

    @classmethod
    def of_branch(cls, wanted: str, found: Iterable[AttributedAnswer]) -> UnknownNameError:
        """Return the error for a branch, by the answers among which it is not."""
        return cls(_BRANCH, wanted, {answer.attribution.branch for answer in found})


class AmbiguousNameError(BadArgumentError):
    """A name means several repositories."""

    def __init__(self, kind: str, wanted: str, repositories: Iterable[str]) -> None:
        super().__init__(
            f"The {kind} {name(wanted)} is in several repositories",
            f"Choose one with --repo: {_listed(repositories)}.",
        )

    @classmethod
    def of_branch(cls, wanted: str, repositories: Iterable[str]) -> AmbiguousNameError:
        """Return the error for a branch of several repositories."""
        return cls(_BRANCH, wanted, repositories)


def _listed(known: Iterable[str]) -> str:
    """Return names for a message; "" if there are none."""
    names = sorted(filter(None, known))
    told = ", ".join(map(name, names[:MOST_NAMED]))
    return f"{told} and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else told


class AttributedAnswer(NamedTuple):
    """One answer with its circumstances.

    Attributes:
        piece: The answer, with its model as reports show it.
        attribution: What its log says about it.
        agent_type: The type of its subagent; "" if that is not known.
        tools: The tools that it called; None if that is not known.
        repository: The folder of its repository; if that is not known, the one in which it was
            requested, or "" if that is not known either.
        day: The local day on which it was given, as its number since 1970-01-01.
    """

    piece: UsageSlice
    attribution: Attribution
    agent_type: str
    tools: Tools | None
    repository: str
    day: int


def attributed_answers(source: Source, selection: Selection) -> list[AttributedAnswer]:
    """Return the selected answers with their circumstances, in no order."""
    found: list[AttributedAnswer] = []
    for span in spans(selection.zone, *source.extent(), selection.days):
        for piece, one, tools in source.ledger.answers_with_circumstances(source.scope, span):
            if selection.project is not None and piece.session.project != selection.project:
                continue
            if not are_met(selection.where, one, tools, piece.session):
                continue
            day = (piece.first_ms + span.offset_ms) // DAY_MS
            repository = one.repository or one.attribution.folder
            found.extend(
                AttributedAnswer(renamed, one.attribution, one.agent_type, tools, repository, day)
                for renamed in source.named((piece,))
            )
    return found


def chosen(
    source: Source, selection: Selection, repository: str = "", branch: str = ""
) -> list[AttributedAnswer]:
    """Return the answers of one project, repository or branch, in no order.

    Args:
        source: Where to read.
        selection: Which usage; its project may be None.
        repository: Only this one: its folder, or the last part of it; "" means all.
        branch: Only this one; "" means all.

    Raises:
        UnknownNameError: If there is no usage of one of them.
        AmbiguousNameError: If a name means several repositories.
    """
    found = attributed_answers(source, selection)
    if not found and selection.project is not None:
        projects = source.ledger.projects(source.scope)
        if selection.project not in projects:
            raise UnknownNameError(_PROJECT, selection.project, projects)
    if repository:
        found = in_repository(found, repository, source)
    if branch:
        found = _on_branch(found, branch)
    return found


def in_repository(
    found: Sequence[AttributedAnswer], wanted: str, source: Source
) -> list[AttributedAnswer]:
    """Return the answers in a repository.

    Args:
        found: The answers.
        wanted: Its folder, a worktree of it, or the last part of its folder.
        source: Where to read to which repository a folder belongs.

    Raises:
        UnknownNameError: If there are none.
        AmbiguousNameError: If the name means several repositories.
    """
    wanted = source.ledger.repositories([wanted])[wanted] or wanted
    known = {answer.repository for answer in found}
    matching = {folder for folder in known if folder and is_below(folder, wanted)}
    if matching:  # the whole path of one may be the last part of another
        return [answer for answer in found if answer.repository in matching]
    matching = {folder for folder in known if folder and last_part(folder) == wanted}
    if not matching:
        raise UnknownNameError(_REPOSITORY, wanted, known)
    if len(matching) > 1:
        raise AmbiguousNameError(_NAME, wanted, matching)
    return [answer for answer in found if answer.repository in matching]


def _on_branch(found: Sequence[AttributedAnswer], wanted: str) -> list[AttributedAnswer]:
    on_it = [answer for answer in found if answer.attribution.branch == wanted]
    if not on_it:
        raise UnknownNameError.of_branch(wanted, found)
    repositories = {answer.repository for answer in on_it}
    if len(repositories) > 1:
        raise AmbiguousNameError.of_branch(wanted, repositories)
    return on_it


def is_below(folder: str, wanted: str) -> bool:
    r"""Return whether a folder is the one at an absolute path, or below it.

    >>> is_below("/home/ada/engine/src", "/home/ada/engine"), is_below("C:\\ada", "C:\\ada")
    (True, True)
    """
    path = _path(wanted)
    return path.is_absolute() and _path(folder).is_relative_to(path)


def last_part(folder: str) -> str:
    """Return the last part of a path of any system."""
    return _path(folder).name or folder


def _path(text: str) -> PurePosixPath | PureWindowsPath:
    return PureWindowsPath(text) if "\\" in text else PurePosixPath(text)
