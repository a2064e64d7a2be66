"""Completes command lines: determines from the parser itself what may follow.

The shell runs the program for this (with the scripts of `cli.completion`) and passes the words
before the cursor, so a frozen program needs no Python, and only valid words are offered. File names
are left to the shell, which knows how to quote them.
"""

from __future__ import annotations

import argparse
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.cli import argument_types as types
from spendlight.cli import profile_arguments
from spendlight.cli.agent_arguments import agent_of
from spendlight.cli.arguments import VERBS, parser_of
from spendlight.cli.dimension_arguments import circumstance
from spendlight.tracker.agents import agent_verbs, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FOLDERS: Final = frozenset({"DIR", "PATH"})
"""The placeholders in the help for folders."""

_PROJECT: Final = "project"
"""The option whose values usually begin with a hyphen, and so must follow an equals sign."""

_MANY: Final = frozenset({"*", "+"})


class Kind(StrEnum):
    """What kind of word fits at the cursor."""

    VALUES = "values"
    FILES = "files"
    FOLDERS = "folders"


class Value(NamedTuple):
    """A word that fits, and its description."""

    text: str
    meaning: str = ""


class Offer(NamedTuple):
    """What fits at the cursor: a kind of file, or one of these values."""

    kind: Kind
    values: Sequence[Value] = ()


def answer(words: Sequence[str]) -> str:
    """Return the output for a shell: the kind of word, then a line for each value.

    Args:
        words: The word at the cursor, up to the cursor, prefixed with an equals sign, as some
            shells do not pass empty words; then the words of the command before it.
    """
    current = words[0].removeprefix("=") if words else ""
    offered = offer(words[1:], current)
    lines = (f"{value.text}\t{value.meaning}" for value in offered.values)
    return "\n".join([offered.kind, *lines])


def offer(before: Sequence[str], current: str) -> Offer:
    """Return what fits at the cursor; the beginning of the word excludes kinds, not values.

    Args:
        before: The words before it, without the program.
        current: The word at the cursor, up to the cursor.
    """
    agent = agent_of(before, VERBS)
    if agent:
        before = before[1:]
    cursor = _Cursor(parser_of(before, agent))
    for word in before:
        if not cursor.pass_by(word):
            return Offer(Kind.VALUES)
    found = cursor.offer(current)
    if not cursor.is_at_verb or found.kind is not Kind.VALUES or current.startswith("-"):
        return found
    if agent:
        return found
    agents = [Value(verb, f"usage of {title_of(name)}") for verb, name in agent_verbs().items()]
    return Offer(Kind.VALUES, [*found.values, *agents])


class _Cursor:
    """A position on a command line, with what was typed before it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._enter(parser)
        self._awaiting: argparse.Action | None = None  # an option without its value yet
        self._has_options = True

    @property
    def is_at_verb(self) -> bool:
        """Whether a verb follows, or an option before it."""
        follows = self._arguments[0] if self._arguments and self._awaiting is None else None
        return follows is not None and follows.dest == "verb"

    def _enter(self, parser: argparse.ArgumentParser) -> None:
        self._actions = [action for action in _actions_of(parser) if action.option_strings]
        self._arguments = [action for action in _actions_of(parser) if not action.option_strings]
        self._options = {name: action for action in self._actions for name in action.option_strings}
        self._excluding = [
            set(group._group_actions)  # noqa: SLF001  # argparse shows them nowhere else
            for group in parser._mutually_exclusive_groups  # noqa: SLF001  # likewise
        ]
        self._seen: set[argparse.Action] = set()

    def pass_by(self, word: str) -> bool:
        """Consume a word, and return whether anything is known about what follows."""
        if self._awaiting is not None:
            self._awaiting = None
        elif self._has_options and word == "--":
            self._has_options = False
        elif self._has_options and word.startswith("--"):
            self._pass_option(word)
        elif self._has_options and word.startswith("-") and word != "-":
            self._pass_letters(word)
        elif not self._arguments:
            return False
        elif isinstance(self._arguments[0].choices, dict):
            verb = self._arguments[0].choices.get(word)
            if verb is None:
                return False
            self._enter(verb)
        elif self._arguments[0].nargs not in _MANY:
            self._arguments = self._arguments[1:]
        return True

    def _pass_option(self, word: str) -> None:
        name, joint, _ = word.partition("=")
        action = self._options.get(name)
        if action is not None:
            self._seen.add(action)
            self._awaiting = action if action.nargs != 0 and not joint else None

    def _pass_letters(self, word: str) -> None:
        """Consume short options, which may be combined."""
        for end, letter in enumerate(word[1:], 2):
            action = self._options.get(f"-{letter}")
            if action is None:
                return
            self._seen.add(action)
            if action.nargs != 0:  # the rest is its value
                self._awaiting = action if end == len(word) else None
                return

    def offer(self, current: str) -> Offer:
        """Return what fits here."""
        if self._awaiting is not None:
            return _values_of(self._awaiting)
        if self._has_options and current.startswith("-"):
            name, joint, _ = current.partition("=")
            if not joint:
                return Offer(Kind.VALUES, list(self._offered_options()))
            action = self._options.get(name)
            if action is None or action.nargs == 0:
                return Offer(Kind.VALUES)
            found = _values_of(action, is_joined=True)
            joined = [Value(f"{name}={value.text}", value.meaning) for value in found.values]
            return Offer(found.kind, joined)
        if self._arguments:
            return _values_of(self._arguments[0])
        return Offer(Kind.VALUES, list(self._offered_options()) if self._has_options else ())

    def _offered_options(self) -> Iterator[Value]:
        """Yield the options that were not typed yet, by their long names."""
        for action in self._actions:
            if action.help != argparse.SUPPRESS and self._is_allowed(action):
                for name in action.option_strings:
                    if name.startswith("--"):
                        is_joined = action.dest == _PROJECT
                        yield Value(f"{name}=" if is_joined else name, _meaning(action))

    def _is_allowed(self, action: argparse.Action) -> bool:
        """Return whether an option is compatible with those that were typed."""
        if action in self._seen:
            return isinstance(action, argparse._AppendAction)  # noqa: SLF001  # it has no other name
        return not any(action in group and group & self._seen for group in self._excluding)


def _actions_of(parser: argparse.ArgumentParser) -> Iterable[argparse.Action]:
    return parser._actions  # noqa: SLF001  # argparse shows them nowhere else


def _meaning(action: argparse.Action) -> str:
    """Return the help of an option in one line."""
    return " ".join((action.help or "").replace("%%", "%").split())


def _values_of(action: argparse.Action, *, is_joined: bool = False) -> Offer:
    """Return the values of an option or an argument."""
    if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # it has no other name
        verbs = action._get_subactions()  # noqa: SLF001  # argparse shows them nowhere else
        return Offer(Kind.VALUES, [Value(verb.dest, _meaning(verb)) for verb in verbs])
    if action.type is Path or action.metavar == "FILE":
        return Offer(Kind.FOLDERS if action.metavar in _FOLDERS else Kind.FILES)
    return Offer(Kind.VALUES, [Value(text) for text in _texts(action, is_joined=is_joined)])


def _texts(action: argparse.Action, *, is_joined: bool) -> Iterable[str]:
    """Return the values of an option or an argument, as far as they are known."""
    kind = action.type
    if action.choices is not None:
        return map(str, action.choices)
    if isinstance(kind, (types.one_of, circumstance)):
        return kind.words
    if kind is types.zone:
        from zoneinfo import available_timezones

        return [types.LOCAL, *sorted(available_timezones())]
    if action.dest == _PROJECT:
        from spendlight.tracker.project_folders import project_folders

        names = filter(str.isprintable, project_folders(os.environ))
        return [name for name in names if is_joined or not name.startswith("-")]
    few = {
        types.agents: tuple(agent_verbs()),
        types.weekday: types.WEEKDAYS,
        types.token_limit: (types.MAX_LIMIT,),
        profile_arguments.days: (profile_arguments.FOREVER,),
    }
    return few.get(kind, ())  # type: ignore[arg-type]  # any type is possible
