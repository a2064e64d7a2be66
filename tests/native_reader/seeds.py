"""Writes the initial logs for a fuzzer of the native reader.

python -m tests.native_reader.seeds FOLDER
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Final

from tests.logs.claude_code.fuzzing import SHAPES, made_log

PLAIN: Final = bytes((0, 17, 0, 0, 0, 0, 7))
"""The header that makes fuzzer.c read a whole log, and four parts, with two instruction sets."""

MOST_BYTES: Final = 6_000


def write_seeds(folder: Path, count: int, seed: int) -> list[Path]:
    """Write inputs for fuzzer.c: each shape of a line separately, and mutated logs.

    Args:
        folder: Where to write them.
        count: The number of mutated logs.
        seed: The same seed gives the same logs.

    Returns:
        Where they lie.
    """
    rng = random.Random(seed)  # noqa: S311  # the same for the same seed
    made = [PLAIN + shape for shape in SHAPES]
    made.append(PLAIN + b"".join(SHAPES))
    base = [shape.removesuffix(b"\n") for shape in SHAPES]
    for _ in range(count):
        log = b"\n".join(made_log(base, rng))[:MOST_BYTES] + b"\n"
        options = rng.randbytes(2) + bytes(
            (
                rng.choice((0, 0, 1, 3)),
                rng.choice((0, 0, 128)),
                *rng.choice(((0, 0), (7, 0), (1, 5))),
                rng.choice((0, 1, 7, 15, 0x37)),
            )
        )
        made.append(options + log)
    paths = [folder / f"{number:04}" for number in range(len(made))]
    for path, data in zip(paths, made, strict=True):
        path.write_bytes(data)
    return paths


if __name__ == "__main__":
    write_seeds(Path(sys.argv[1]), 60, 1)
