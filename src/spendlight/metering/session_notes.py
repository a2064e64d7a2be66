"""What a log says about a session beside its answers: its titles, and pull requests made in it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

MOST_TITLE: Final = 1000
"""A title is cut off after this many characters: it is a name, not a text."""


class TitleKind(IntEnum):
    """Where a title comes from; the highest number wins, as in Claude Code.

    Claude Code writes the user's own titles anew from time to time, its own ones only once, so the
    order of lines cannot decide between them.
    """

    SUMMARY = 1
    """Made by a model about the conversation up to some line, possibly in another session's log."""

    GENERATED = 2
    """Made by a model for the session."""

    CUSTOM = 3
    """Given by the user."""


class SessionTitle(NamedTuple):
    """A title that a line gives to a session; a later one of the same kind replaces it.

    Attributes:
        offset: Where the line begins in its log.
        session: The session's id; "" means the session of the log.
        kind: Where it comes from.
        title: At most `MOST_TITLE` characters; "" takes back an earlier one.
        leaf: The id of the line that a summary leads up to; it may be in another session's log.
    """

    offset: int
    session: str
    kind: TitleKind
    title: str
    leaf: str = ""


class PullRequest(NamedTuple):
    """A pull request that a line links to a session.

    Attributes:
        offset: Where the line begins in its log.
        session: The session's id; "" means the session of the log.
        url: With the scheme http or https.
        number: Its number in the repository, if the line has it.
        repository: Such as "owner/name"; "" if the line has none.
    """

    offset: int
    session: str
    url: str
    number: int | None = None
    repository: str = ""


SessionNote = SessionTitle | PullRequest
