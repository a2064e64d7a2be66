"""What a log says about a session beside its answers: its titles, and pull requests made in it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SessionKey = tuple[str, str]
"""What identifies a session in reports: its project's path and its id."""

MOST_TITLE: Final = 1000
"""A title is cut off after this many characters: it is a name, not a text."""


_MOST_URL: Final = 2000


class TitleKind(IntEnum):
    """Where a title comes from; the highest number wins, as in Claude Code.

    Claude Code repeats the user's own title from time to time, its own ones never, so the
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
        leaf: The id of the line that a summary leads up to, in the same log.
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


class CalledAgent(NamedTuple):
    """What a line says about a subagent; its type follows from all lines about it together.

    Attributes:
        offset: Where the line begins in its log.
        call: The id of the call of the tool that started it; "" if the line does not say.
        agent: The subagent's id; likewise.
        type: Its type, such as "Explore"; likewise.
    """

    offset: int
    call: str
    agent: str
    type: str


SessionNote = SessionTitle | PullRequest | CalledAgent


class SessionNotes(NamedTuple):
    """What is known of sessions beside their usage.

    Attributes:
        titles: The titles of those that have one.
        pull_requests: The pull requests of those that have any, the first one first.
    """

    titles: Mapping[SessionKey, str]
    pull_requests: Mapping[SessionKey, tuple[PullRequest, ...]]


def is_web_address(url: str) -> bool:
    """Return whether a text is an address that can be opened in a browser."""
    scheme, separator, rest = url.partition("://")
    return (
        bool(separator and rest.strip("/"))
        and scheme.lower() in {"http", "https"}
        and len(url) <= _MOST_URL
        and url.isascii()
        and url.isprintable()
        and " " not in url
    )


NO_NOTES: Final = SessionNotes({}, {})
