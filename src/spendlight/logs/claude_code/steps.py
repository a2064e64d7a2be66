"""The steps that are billed in addition to an answer, from ``usage.iterations``.

The usage of an answer describes the attempt that gave it, and nothing else that was requested
within the same request. What else is billed is in the list of its steps, by the kind of each:

- ``message`` and ``fallback_message``: attempts to answer. Those of the model that answered are
  summed up in the usage. If a model refused and another one took over, each attempt that gave
  output is billed at the price of the model that ran it, even if it was refused half-way
  (Anthropic, "Refusals and fallback"; BerriAI/litellm #39294 has a cost report that says so). One
  that was refused before any output is not billed, and so not counted.
- ``compaction``: the conversation was summarized first. The usage leaves that out (Anthropic,
  "Compaction at a token threshold"), though it is billed, by the model of the answer.
- ``advisor_message``: the advisor tool asked another model (as ccusage 20.0.24 counts it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from spendlight.logs.claude_code.lines import CacheCreation, Count
from spendlight.metering.entry import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MESSAGE: Final = "message"
_FALLBACK: Final = "fallback_message"
_COMPACTION: Final = "compaction"
_ADVISOR: Final = "advisor_message"
_BILLED: Final = frozenset({_FALLBACK, _COMPACTION, _ADVISOR})
_MOST_CHARS: Final = 40


class Iteration(msgspec.Struct, gc=False):
    """One step of an answer, as logged."""

    type: str
    input_tokens: Count
    output_tokens: Count
    model: str | None = None
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation: CacheCreation | None = None
    speed: str | None = None


class _Kind(msgspec.Struct, gc=False):
    """The kind of a step."""

    type: str | None = None


class Step(NamedTuple):
    """A step that counts as a separate answer.

    Attributes:
        name: Distinguishes it from the other steps of its answer; the same in every copy of that.
        model: The model that ran it; empty if unknown.
    """

    name: str
    role: Role
    model: str
    usage: Iteration


class Steps(NamedTuple):
    """The parsed steps of an answer.

    Attributes:
        billed: Those that count in addition to it.
        problems: What could not be counted, and why.
    """

    billed: list[Step]
    problems: list[str]


NO_STEPS: Final = Steps([], [])

_decode: Final = msgspec.json.Decoder(list[Iteration]).decode
_decode_kinds: Final = msgspec.json.Decoder(list[_Kind]).decode
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_steps(raw: msgspec.Raw, model: str | None) -> Steps:
    """Return the steps that are billed in addition to an answer.

    One malformed step makes all others of its answer doubtful, and none of them is counted. If
    nothing else is billed, the form of the steps does not matter.

    Args:
        raw: The steps as logged.
        model: The model that answered.
    """
    try:
        kinds = {step.type for step in _decode_kinds(raw) if step.type}
    except _UNREADABLE:
        text = bytes(raw)
        kinds = {kind for kind in _BILLED if f'"{kind}"'.encode() in text}
    if kinds <= {_MESSAGE}:
        return NO_STEPS
    problems = [
        f"the answer has a step of unknown type {kind[:_MOST_CHARS]!r}; it was not counted"
        for kind in sorted(kinds - _BILLED - {_MESSAGE})
    ]
    if kinds.isdisjoint(_BILLED):
        return Steps([], problems)
    try:
        steps = _decode(raw)
    except _UNREADABLE as error:
        return Steps(
            [], [(f"a step of the answer is malformed; none of them were counted: {error}")]
        )
    billed = [*_advisors(steps), *_compactions(steps, model)]
    for step in _attempts(steps, model):
        if step.model:
            billed.append(step)
        else:
            problems.append("an attempt before the answer has no model; it was not counted")
    return Steps(billed, problems)


def _advisors(steps: Sequence[Iteration]) -> Iterator[Step]:
    """Yield the advisors' steps, if they name a model."""
    asked = (step for step in steps if step.type == _ADVISOR and step.model)
    for number, step in enumerate(asked):
        yield Step(f"advisor:{number}", Role.ADVISOR, step.model or "", step)


def _compactions(steps: Sequence[Iteration], model: str | None) -> Iterator[Step]:
    for number, step in enumerate(step for step in steps if step.type == _COMPACTION):
        yield Step(f"compaction:{number}", Role.COMPACTION, step.model or model or "", step)


def _attempts(steps: Sequence[Iteration], model: str | None) -> Iterator[Step]:
    """Yield the steps of attempts that gave output, but not the answer.

    Without a fallback every attempt is of the answering model: a loop of the server's tools, which
    the answer's usage includes. With one, an attempt is a series of steps of one model; the answer
    is the last one of the model that answered.
    """
    tries = [step for step in steps if step.type in {_MESSAGE, _FALLBACK}]
    if all(step.type == _MESSAGE for step in tries):
        return
    begins = [at for at, step in enumerate(tries) if not at or _takes_over(step, tries[at - 1])]
    rows = [range(*ends) for ends in zip(begins, [*begins[1:], len(tries)], strict=True)]
    names = [next((tries[at].model for at in row if tries[at].model), None) for row in rows]
    of_the_answer = [number for number, name in enumerate(names) if name in {None, model}]
    answer = of_the_answer[-1] if of_the_answer else len(rows) - 1
    for number, row in enumerate(rows):
        if number != answer and any(tries[at].output_tokens for at in row):
            for at in row:
                yield Step(f"attempt:{at}", Role.ATTEMPT, names[number] or "", tries[at])


def _takes_over(step: Iteration, before: Iteration) -> bool:
    """Return whether a step is of another model than the one before it."""
    if step.model and before.model:
        return step.model != before.model
    return step.type == _FALLBACK and before.type == _MESSAGE
