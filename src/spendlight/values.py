"""Named tuples that are defined in a third of the time.

`typing.NamedTuple` compiles each annotation to check it, which took a tenth of a short report: some
sixty of them are defined at each start. Type checkers check ours as well.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    _NOT_KEPT = frozenset({"__annotations__", "__module__", "__qualname__"})
    """What a class gets from `collections.namedtuple`, or has otherwise."""

    class _Maker(type):
        def __new__(cls, name, bases, members):  # noqa: ANN001, ANN204, ARG004  # a metaclass's own
            """Make a named tuple of a class statement: its fields, defaults and methods."""
            types = members.get("__annotations__", {})
            defaults = [members[field] for field in types if field in members]
            made = namedtuple(name, types, defaults=defaults, module=members["__module__"])  # noqa: PYI024
            made.__annotations__ = types
            made.__qualname__ = members["__qualname__"]
            for key, value in members.items():
                if key not in _NOT_KEPT and key not in types:
                    setattr(made, key, value)
            return made

    NamedTuple = type.__new__(_Maker, "NamedTuple", (), {})
