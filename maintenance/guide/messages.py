"""The page of messages, generated from the errors in the source: what each means and what to do."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import spendlight

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(spendlight.__file__).parent

INTRODUCTION = """\
# Messages

Each message is one sentence on what happened and one on what to do. `…` stands for a name, a path
or a reason. On the command line messages go to stderr, and the exit code is 1, or 2 where the
command was typed wrongly. [troubleshooting.md](troubleshooting.md) goes by what you see.
"""


class Message(NamedTuple):
    """A message to users.

    Attributes:
        title: What happened; variable parts are replaced by an ellipsis.
        meaning: The first line of the error's docstring.
        advice: What to do; "" if nothing can be done.
    """

    title: str
    meaning: str
    advice: str


def page() -> str:
    """Return the page."""
    lines = [INTRODUCTION, "| message | meaning | what to do |", "|---|---|---|"]
    lines += [
        f"| {_cell(told.title)} | {_cell(told.meaning)} | {_cell(told.advice) or '–'} |"
        for told in sorted(set(messages()))
    ]
    return "\n".join(lines)


def messages() -> Iterator[Message]:
    """Yield the message of each error that has its own."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and _is_told(node):
                yield from _of(node)


def _is_told(found: ast.ClassDef) -> bool:
    """Return whether a class is an error that is shown to users."""
    bases = {ast.unparse(base).rpartition(".")[2] for base in found.bases}
    return found.name.endswith("Error") and bases.isdisjoint({"DatabaseError", "ValueError"})


def _of(error: ast.ClassDef) -> Iterator[Message]:
    meaning = (ast.get_docstring(error) or "").partition("\n")[0]
    for call in ast.walk(error):
        if not isinstance(call, ast.Call) or not _is_message(call.func):
            continue
        told = [_text(argument) for argument in call.args]
        if told and any(letter.isalpha() for letter in told[0]) and " " in told[0]:
            yield Message(told[0], meaning, told[1] if told[1:] else "")


def _is_message(function: ast.expr) -> bool:
    """Return whether a call makes the message: ``super().__init__`` or ``cls``."""
    if isinstance(function, ast.Attribute) and function.attr == "__init__":
        return isinstance(function.value, ast.Call)
    return isinstance(function, ast.Name) and function.id == "cls"


def _text(part: ast.expr) -> str:
    """Return the text of an expression, as far as the source contains it."""
    if isinstance(part, ast.Constant):
        return part.value if isinstance(part.value, str) else "…"
    if isinstance(part, ast.JoinedStr):
        return "".join(_text(value) for value in part.values)
    if isinstance(part, ast.BoolOp):
        return _text(part.values[-1])
    return "…"


def _cell(text: str) -> str:
    for sign in "\\*_<>|":
        text = text.replace(sign, f"\\{sign}")
    text = " ".join(text.split()).replace("……", "…").replace("… …", "…")
    text = re.sub(r"``(.*?)``", lambda found: f"`{found[1]}`".replace("\\", ""), text)
    return "" if text == "…" else text
