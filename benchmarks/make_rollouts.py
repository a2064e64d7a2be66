"""Makes a data folder of Codex with synthetic rollouts, shaped like real ones.

    python benchmarks/make_rollouts.py FOLDER [--megabytes 1000] [--seed 1]

As in real rollouts, six of ten lines are parts of the conversation of a kilobyte or two, some of
up to fifty; there are two hundred lines with counters a megabyte, a third of which repeat the
counters before; each turn begins with a line of ten kilobytes, and one session in ten has been
compacted, in a line of a megabyte. All answers are different.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

MODELS: Final = ("gpt-5.5", "gpt-5.3-codex", "gpt-5.1-codex", "gpt-5.4")
SESSION_BYTES: Final = 640_000
WORDS: Final = 4000
MOST_BYTES: Final = 50_000


class Rollouts:
    """Makes the lines of rollouts.

    Args:
        seed: Makes them the same each time.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # synthetic
        letters = "etaoinshrdlucmfwypvbgk"
        words = ["".join(self._random.choices(letters, k=3 + n % 8)) for n in range(WORDS)]
        self._text = json.dumps("\n".join(self._random.choices(words, k=400_000)))[1:-1]

    def session(self, begun: datetime) -> tuple[str, Iterator[bytes]]:
        """Return the id of a session and its lines."""
        session = self._id(begun)
        return session, self._lines(session, begun)

    def _lines(self, session: str, at: datetime) -> Iterator[bytes]:
        chance, written = self._random, 0
        model = chance.choice(MODELS)
        total = [0, 0, 0, 0]
        size = SESSION_BYTES * chance.uniform(0.1, 2)
        yield self._line(
            at,
            "session_meta",
            f'{{"id":"{session}","timestamp":"{_stamp(at)}","cwd":"/home/me/project-{written % 7}",'
            '"originator":"codex-tui","cli_version":"0.140.0","source":"cli","thread_source":"user",'
            f'"model_provider":"openai","base_instructions":{{"text":"{self._words(15_000)}"}},'
            '"git":{"commit_hash":"7d2246fa4a31a37744b3c2ed047090b8be5ae938","branch":"main"}}',
        )
        if chance.random() < 0.1:
            yield self._line(at, "compacted", f'{{"message":"{self._words(1_000_000)}"}}')
        while written < size:
            turn = self._id(at)
            lines = [
                self._line(
                    at,
                    "turn_context",
                    f'{{"turn_id":"{turn}","cwd":"/home/me/project","approval_policy":"never",'
                    f'"model":"{model}","personality":"pragmatic","effort":"high",'
                    f'"user_instructions":"{self._words(10_000)}"}}',
                )
            ]
            for _ in range(chance.randint(4, 30)):
                for _ in range(chance.randint(2, 6)):
                    at += timedelta(milliseconds=chance.randint(5, 4000))
                    lines.append(self._part(at))
                at += timedelta(milliseconds=chance.randint(1000, 20_000))
                lines.append(self._count(at, total, is_new=True))
                if chance.random() < 0.5:
                    at += timedelta(milliseconds=chance.randint(5, 900))
                    lines.append(self._count(at, total, is_new=False))
            at += timedelta(minutes=chance.randint(1, 60))
            written += sum(map(len, lines))
            yield from lines

    def _part(self, at: datetime) -> bytes:
        chance = self._random
        size = min(int(chance.lognormvariate(6.2, 1.2)), MOST_BYTES)
        if chance.random() < 0.15:
            text = f'{{"type":"agent_message","message":"{self._words(size)}"}}'
            return self._line(at, "event_msg", text)
        text = (
            '{"type":"function_call_output","call_id":"call_x","output":"{\\"output\\":'
            f'\\"{self._words(size)}\\",\\"metadata\\":{{\\"exit_code\\":0}}}}"}}'
        )
        return self._line(at, "response_item", text)

    def _count(self, at: datetime, total: list[int], *, is_new: bool) -> bytes:
        chance = self._random
        if is_new:
            read, output = chance.randint(5000, 200_000), chance.randint(20, 3000)
            self._last = [read, chance.randint(0, read), output, chance.randint(0, output)]
            total[:] = [a + b for a, b in zip(total, self._last, strict=True)]
        info = (
            f'{{"total_token_usage":{_usage(total)},"last_token_usage":{_usage(self._last)},'
            '"model_context_window":272000}'
        )
        limits = (
            '{"limit_id":"codex","limit_name":null,"primary":{"used_percent":12.0,'
            '"window_minutes":300,"resets_at":1782494656},"secondary":{"used_percent":13.0,'
            '"window_minutes":10080,"resets_at":1782708127},"credits":null,"plan_type":"pro"}'
        )
        text = f'{{"type":"token_count","info":{info},"rate_limits":{limits}}}'
        return self._line(at, "event_msg", text)

    def _words(self, size: int) -> str:
        start = self._random.randrange(len(self._text) - 1_100_000)
        return self._text[start : start + size].strip("\\").replace('\\"', "")

    def _id(self, at: datetime) -> str:
        """Return an id with the time (RFC 9562, version 7)."""
        chance, time = self._random, f"{int(at.timestamp() * 1000):012x}"
        return (
            f"{time[:8]}-{time[8:]}-7{chance.getrandbits(12):03x}-8{chance.getrandbits(12):03x}"
            f"-{chance.getrandbits(48):012x}"
        )

    @staticmethod
    def _line(at: datetime, kind: str, payload: str) -> bytes:
        return f'{{"timestamp":"{_stamp(at)}","type":"{kind}","payload":{payload}}}\n'.encode()


def _usage(counts: list[int]) -> str:
    read, cached, output, reasoning = counts
    return (
        f'{{"input_tokens":{read},"cached_input_tokens":{cached},"output_tokens":{output},'
        f'"reasoning_output_tokens":{reasoning},"total_tokens":{read + output}}}'
    )


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def make(folder: Path, size: int, seed: int) -> int:
    """Write rollouts of so many bytes; return how many there are."""
    rollouts, begun, count = Rollouts(seed), datetime(2026, 1, 1, 8, tzinfo=UTC), 0
    while size > 0:
        session, lines = rollouts.session(begun)
        place = folder / "sessions" / f"{begun:%Y/%m/%d}"
        place.mkdir(parents=True, exist_ok=True)
        text = b"".join(lines)
        (place / f"rollout-{begun:%Y-%m-%dT%H-%M-%S}-{session}.jsonl").write_bytes(text)
        size -= len(text)
        begun += timedelta(minutes=97)
        count += 1
    return count


def main() -> None:
    """Make the data folder that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    count = make(wanted.folder, wanted.megabytes * 1_000_000, wanted.seed)
    print(f"{count} rollouts in {wanted.folder}")


if __name__ == "__main__":
    main()
