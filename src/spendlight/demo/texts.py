"""Filler text: prompts, code, output of tools, usage quoted in text."""

import base64
import json
import random
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

MAX_TEXT_BYTES = 170_000
"""A tool's result occurs twice in its line, and the longest real line had 343,491 bytes."""

PROMPTS = (
    "The lamp keeps blinking when the fog sensor wakes up. Can you find out why?",
    "Please write a test for the night watch before we touch it.",
    "Why is the spring tide off by eleven minutes on the north side?",
    "Rename keeper to watch everywhere, the docs too, and run the tests.",
    "That works! Now make it readable – a stranger should follow it.",
    "How much memory does the chart need with ten years of readings?",
    "Add a command that prints tomorrow's high water in local time.",
    "The build is red on the older compiler only, have a look at the log.",
)

_TEXT_LINES = (
    "   {n}\tdef keep_watch(lamp: Lamp, tide: Tide) -> Iterator[Signal]:",
    '   {n}\t    """Yield a signal whenever the water has risen by more than {n} cm."""',
    '   {n}\t    if lamp.state == "fog" and tide.height > threshold:',
    "   {n}\t        yield Signal(lamp.name, at=tide.at, strength=0.{n})",
    "I'll read the module first, then the test that fails; the {n} others pass already.",
    "src/harbour/tide_{n}.py:{n}: error: Incompatible types in assignment",
    "\x1b[32m✓\x1b[0m {n} passed, {n} skipped in 1.{n}s — café, naïve, 港の灯り",
    '{{"usage":{{"input_tokens":{n},"output_tokens":{n}}},"model":"claude-sonnet-4-6"}}',
    'grep -rn "\\"usage\\":{{" logs/ | wc -l  # {n}',
    '"message":{{"id":"msg_{n}","usage":{{"input_tokens":{n}99,"output_tokens":{n}}}}}',
    "-rw-r--r-- 1 ada ada {n}42 tide_tables_{n}.csv",
    "diff --git a/kettle/boil.rs b/kettle/boil.rs\n@@ -{n},7 +{n},9 @@ impl Kettle {{",
    "The tests are green. What changed: the fog sensor is asked once in {n} ms, not always.",
    "C:\\harbour\\build\\tide_{n}.obj : warning C4244: possible loss of data",
)


class Texts:
    """A long text, already escaped for JSON, to cut pieces from.

    Args:
        patterns: Patterns of its lines; `{n}` is a number.
    """

    def __init__(self, patterns: Sequence[str] = _TEXT_LINES) -> None:
        rng = random.Random(7)  # noqa: S311  # not for cryptography
        lines = [
            json.dumps(line.format(n=rng.randrange(1_000)) + "\n", ensure_ascii=False)[
                1:-1
            ].encode()
            for line in rng.choices(patterns, k=12_000)
        ]
        self._text = b"".join(lines)
        self._line_ends = [0]
        for line in lines:
            self._line_ends.append(self._line_ends[-1] + len(line))
        self._signatures = base64.b64encode(rng.randbytes(30_000))

    def cut(self, rng: random.Random, median: float) -> bytes:
        """Return whole lines; the sizes of pieces have a heavy-tailed distribution."""
        size = min(MAX_TEXT_BYTES, median * rng.lognormvariate(0, 1.47))
        start = self._line_ends[int(rng.random() * len(self._line_ends) / 2)]
        return self._text[start : self._line_ends[bisect_left(self._line_ends, start + size)]]

    def signature(self, rng: random.Random, size: int = 0) -> bytes:
        """Return something like an encrypted thought, of this size or of a usual one."""
        start = rng.randrange(30_000)
        return self._signatures[start : start + (size or 300 + rng.randrange(600))]


@cache
def all_texts() -> Texts:
    """Return the text that all pieces are cut from, made on first use."""
    return Texts()
