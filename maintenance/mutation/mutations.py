"""Mutations, small changes that tests should notice, made with mutmut's operators.

An operator proposes a change of one expression or statement, such as ``<`` to ``<=``. This module
decides where they are applied, and gives each mutation a name that survives changes elsewhere in
the file.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal

_SQL: Final = re.compile(
    r"\b(SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|CREATE|PRAGMA|AND|ORDER|GROUP|VALUES|BEGIN|COMMIT"
    r"|ROLLBACK|SAVEPOINT|RELEASE|ATTACH|DETACH|DROP|ALTER|UNION|JOIN|VACUUM|IS NOT NULL|LIMIT)\b"
)
_LITERAL: Final = re.compile("'[^']*'")
_STRICT: Final = re.compile(r",\s*strict\s*=\s*\w+")
_LOGGERS: Final = ("log", "logger", "logging")
_STATEMENTS: Final = (
    cst.SimpleStatementLine,
    cst.BaseCompoundStatement,
    cst.ExceptHandler,
    cst.MatchCase,
    cst.Else,
    cst.Finally,
)
_OPERATORS: Final = [
    (kind, operator)
    for kind, operator in mutation_operators
    if operator is not operator_arg_removal
]
"""Those of mutmut but for one: to pass None or one argument less is what mypy is there to notice,
and would be a third of all. What only a test notices of it is in `_dropped_arguments`."""


class Mutation(NamedTuple):
    """One change of one file."""

    path: str
    """The file, below the folder of the package."""
    function: str
    """Where in it: names joined by dots; empty outside of functions."""
    first_line: int
    last_line: int
    """The lines, from 1, of the innermost statement that is changed; of a compound statement
    only those of its head."""
    is_call_time: bool
    """Whether it runs when a function is called, and not when the module is imported."""
    before: str
    after: str
    start: int
    """Where ``before`` begins in the text of the file, in characters."""
    id: str

    def apply(self, text: str) -> str:
        """Return the text of the file with the change.

        Raises:
            ValueError: If the text is not the one that the mutation was made from.
        """
        end = self.start + len(self.before)
        if text[self.start : end] != self.before:
            message = f"{self.path} has changed"
            raise ValueError(message)
        return f"{text[: self.start]}{self.after}{text[end:]}"

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        where = f"{self.path}:{self.first_line} {self.function or 'module'}"
        return f"{self.id} {where}: {before} → {after}"


def mutations_of(source: Path, path: str) -> list[Mutation]:
    """Return all mutations of a file.

    Args:
        source: The folder of the package.
        path: The file, below it.
    """
    text = (source / path).read_text(encoding="utf-8")
    visitor = _Visitor(path, text)
    MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True).visit(visitor)
    return visitor.found


def sample(mutations: list[Mutation], count: int, seed: int) -> list[Mutation]:
    """Return a random sample that stays mostly the same after changes of the code.

    Args:
        mutations: All mutations.
        count: The size of the sample.
        seed: Another number gives another sample.
    """

    def drawn(mutation: Mutation) -> bytes:
        return hashlib.sha256(f"{seed} {mutation.id}".encode()).digest()

    chosen = sorted(mutations, key=drawn)[:count]
    return sorted(chosen, key=lambda mutation: (mutation.path, mutation.start))


class _Visitor(cst.CSTVisitor):
    """Visits a file, skipping what is not behaviour."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.found: list[Mutation] = []
        self._path = path
        self._text = text
        self._lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._names: list[str] = []
        self._heads: list[tuple[int, int, bool]] = []
        self._depth = 0
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._module = cst.Module([])

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_no_behaviour(node):
            return False
        if isinstance(node, _STATEMENTS):
            self._heads.append((*self._head(node), self._depth > 0))
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._names.append(node.name.value)
            self._depth += isinstance(node, cst.FunctionDef)
        for kind, operator in _OPERATORS:
            if isinstance(node, kind):
                for mutated in operator(node):
                    self._keep(node, mutated)
        if isinstance(node, cst.Call):
            for mutated in _dropped_arguments(node):
                self._keep(node, mutated)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if _is_no_behaviour(original_node):
            return
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
            self._depth -= isinstance(original_node, cst.FunctionDef)
        if isinstance(original_node, _STATEMENTS):
            self._heads.pop()

    def _range(self, node: cst.CSTNode) -> CodeRange:
        return self.get_metadata(PositionProvider, node)

    def _head(self, node: cst.CSTNode) -> tuple[int, int]:
        whole = self._range(node)
        body = getattr(node, "body", None)
        if isinstance(body, cst.IndentedBlock):
            return whole.start.line, max(whole.start.line, self._range(body).start.line - 1)
        return whole.start.line, whole.end.line

    def _keep(self, node: cst.CSTNode, mutated: cst.CSTNode) -> None:
        try:
            where = self._range(node)
        except KeyError:  # a few nodes have no known position
            return
        if not self._heads:
            return
        start = self._starts[where.start.line - 1] + where.start.column
        end = self._starts[where.end.line - 1] + where.end.column
        before, after = self._text[start:end], self._code(node, mutated, start, end)
        if after is None or _is_certainly_equivalent(before, after):
            return
        line = self._lines[where.start.line - 1]
        column = where.start.column - (len(line) - len(line.lstrip()))
        function = ".".join(self._names)
        key = (self._path, function, line.strip(), str(column), before, after)
        self._seen[key] += 1
        name = hashlib.sha256("\0".join((*key, str(self._seen[key]))).encode()).hexdigest()[:10]
        self.found.append(
            Mutation(self._path, function, *self._heads[-1], before, after, start, name)
        )

    def _code(self, node: cst.CSTNode, mutated: cst.CSTNode, start: int, end: int) -> str | None:
        """Return the mutated code; None if nodes are not written as they are in the file."""
        if self._module.code_for_node(node).strip() == self._text[start:end].strip():
            return self._module.code_for_node(mutated).strip()
        return None


def _is_no_behaviour(node: cst.CSTNode) -> bool:
    """Whether no test needs to notice changes below a node."""
    if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom):
        return True
    if isinstance(node, cst.If):
        return isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING"
    if isinstance(node, cst.Call):  # log messages, and hints for type checkers
        function = node.func
        if isinstance(function, cst.Attribute) and isinstance(function.value, cst.Name):
            return function.value.value.lstrip("_").lower() in _LOGGERS
        return isinstance(function, cst.Name) and function.value in ("cast", "assert_never")
    return isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value == "strict"


def _dropped_arguments(call: cst.Call) -> Iterator[cst.Call]:
    """Yield a call without each argument that may have a default: named ones, and the last."""
    args = call.args
    for at, arg in enumerate(args):
        is_last = at == len(args) - 1
        if len(args) > 1 and not arg.star and (arg.keyword is not None or is_last):
            rest = [*args[:at], *args[at + 1 :]]
            if is_last:
                rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            yield call.with_changes(args=rest)


def _is_certainly_equivalent(before: str, after: str) -> bool:
    """Whether a change has no effect, according to rules of Python or SQL."""
    if _STRICT.sub("", before) == _STRICT.sub("", after):
        return True  # the strictness of zip is an assertion
    if before.lower() != after.lower() or before[-1] not in "\"'":
        return False
    words = before.strip("\"'")
    if _SQL.search(words):
        return _LITERAL.findall(words) == _LITERAL.findall(after)
    try:
        codecs.lookup(words)
    except LookupError:
        return False
    return True


def files_of(source: Path, package: str) -> Iterator[str]:
    """Yield the files of a package, relative to its parent folder, in order."""
    for path in sorted((source / package).rglob("*.py")):
        yield path.relative_to(source).as_posix()
