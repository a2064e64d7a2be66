"""Options that divide usage by dimensions, and select by them."""

from __future__ import annotations

import os
from argparse import Action, ArgumentError, ArgumentTypeError
from typing import TYPE_CHECKING, Final

from spendlight.metering.dimensions import (
    NONE,
    NOT_KNOWN,
    NOT_KNOWN_WORDS,
    OFFERED,
    Condition,
)
from spendlight.names import whole

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from spendlight.metering.dimensions import Dimension, Value

NONE_WORD: Final = "none"
NOT_KNOWN_WORD: Final = "not-known"
"""How to write it without a space."""

BY_AGENT: Final = "agent"
"""The same as --by-agent: which agent an answer is of follows from where its log is."""

_LITERALLY: Final = "="
"""Before a name that is one of these words, or begins with this."""

_OPTIONS: Final = {"version": "--claude-version"}
"""The options whose names are not those of their dimensions, as others have them."""

ABOUT: Final = (
    "Parts always add up to the whole: an answer that called several tools counts once, under all "
    f"of them together ('Bash + Read'); '{NONE_WORD}' is usage without a name, and "
    f"'{NOT_KNOWN_WORDS}' usage of which no log says it. As a NAME, write '{NONE_WORD}' and "
    f"'{NOT_KNOWN_WORD}', and an equals sign before a name that is one of these words. An option "
    "may be repeated, for usage with any of the names; different options must all apply."
)
"""How usage is divided and selected by dimensions."""


class circumstance:  # noqa: N801  # named like the other types of arguments
    """Parses a value of a dimension.

    Args:
        dimension: The dimension.
    """

    def __init__(self, dimension: Dimension) -> None:
        self.words = (NONE_WORD, NOT_KNOWN_WORD)
        self._dimension = dimension

    def __call__(self, text: str) -> tuple[str, Value]:
        """Return the name of the dimension and the value."""
        if not text:
            msg = f"a name is missing; '{NONE_WORD}' selects answers without any"
            raise ArgumentTypeError(msg)
        given = whole(text).removeprefix(_LITERALLY)
        if self._dimension.is_path and given.startswith("."):  # as typed in a shell
            given = os.path.realpath(given)
        name: Value = given
        if text.lower() in {NONE_WORD, self._dimension.none_words}:
            name = NONE
        elif text.lower() in {NOT_KNOWN_WORDS, NOT_KNOWN_WORD}:
            name = NOT_KNOWN
        return self._dimension.name, name


class _Once(Action):
    """Takes the value of an option that cannot be repeated."""

    def __call__(
        self,
        parser: ArgumentParser,  # noqa: ARG002  # as argparse calls it
        namespace: Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002  # likewise
    ) -> None:
        if self.dest in vars(namespace):
            raise ArgumentError(self, "may be used only once")
        setattr(namespace, self.dest, values)


def option_of(dimension: Dimension) -> str:
    """Return the option that selects by a dimension."""
    return _OPTIONS.get(dimension.name, f"--{dimension.name}")


def add_dimensions(parser: ArgumentParser) -> None:
    """Add the options that divide usage by a dimension, and those that select by them."""
    add_by(parser)
    add_conditions(parser)


def add_by(parser: ArgumentParser) -> None:
    """Add the option that divides usage by a dimension."""
    names = (*(dimension.name for dimension in OFFERED), BY_AGENT)
    parser.add_argument(
        "--by",
        action=_Once,
        choices=names,
        metavar="WHAT",
        help=f"group by one of these: {', '.join(names)}",
    )


def add_conditions(parser: ArgumentParser) -> None:
    """Add the options that select usage by dimensions."""
    for dimension in OFFERED:
        parser.add_argument(
            option_of(dimension),
            action="append",
            dest="where",
            type=circumstance(dimension),
            metavar="NAME",
            help=f"only {dimension.help}",
        )
    parser.epilog = ABOUT


def conditions(chosen: Iterable[tuple[str, Value]]) -> tuple[Condition, ...]:
    """Return the conditions that the options make up: one for each dimension."""
    values: dict[str, list[Value]] = {}
    for name, value in chosen:
        values.setdefault(name, []).append(value)
    return tuple(Condition(name, tuple(found)) for name, found in values.items())
