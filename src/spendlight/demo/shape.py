"""The properties of synthetic logs, and the true totals of those written."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

REFERENCE_BYTES = 2_850_000_000
REFERENCE_FILES = 2_227
REFERENCE_ANSWERS = 240_000
"""A heavy user's folder, measured: the source of the proportions of `corpus`."""

_DEMO_NAMES = ("lighthouse", "tide-tables", "paper-boats", "weather-diary", "moss-garden", "kettle")


class DemoTokens(NamedTuple):
    """Tokens by kind."""

    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int


@dataclass(frozen=True, slots=True)
class DemoShape:
    """What to write.

    Attributes:
        seed: The same seed and moment give the same bytes.
        now: The moment at which the newest session is running, with a time zone: working hours
            are in this zone.
        days: The age of the oldest session.
        projects: Names of the projects.
        files: The number of session and subagent files together.
        answers: The approximate number of different answers.
        target_bytes: The approximate size of all files.
        agent_share: Share of the files that belong to subagents.
        resumed_share: Share of the sessions that begin with lines of an older one.
    """

    seed: int
    now: datetime
    days: int
    projects: tuple[str, ...]
    files: int
    answers: int
    target_bytes: int
    agent_share: float = 0.35
    resumed_share: float = 0.06

    def at(self, now: datetime) -> "DemoShape":
        """Return the same shape with its newest session running at *now*."""
        return replace(self, now=now)


@dataclass(frozen=True, slots=True)
class DemoWritten:
    """The true totals of what was written.

    Attributes:
        answers: Different answers of the API; `<synthetic>` lines are not answers.
        usage_lines: Lines with their own usage, copies included.
        by_model: Tokens of each model, the fullest copy of each answer counted once.
    """

    files: int
    size: int
    lines: int
    usage_lines: int
    answers: int
    by_model: dict[str, DemoTokens]

    @property
    def tokens(self) -> DemoTokens:
        """The tokens of all models together."""
        return DemoTokens(*map(sum, zip(*self.by_model.values(), strict=True)))


DEMO = DemoShape(
    seed=1842,
    now=datetime(2026, 7, 28, 14, 40, tzinfo=UTC),
    days=30,
    projects=_DEMO_NAMES,
    files=190,
    answers=5_600,
    target_bytes=36_000_000,
)
"""A month of a typical developer, some four dollars a block, working right now.

For the current time: `DEMO.at(datetime.now().astimezone())`.
"""


def corpus(target_bytes: int = REFERENCE_BYTES, files: int = REFERENCE_FILES) -> DemoShape:
    """Return the shape of a heavy user's folder of the given size, for benchmarks."""
    return DemoShape(
        seed=target_bytes + files,
        now=DEMO.now,
        days=90,
        projects=tuple(f"{name}-{number}" for name in _DEMO_NAMES for number in range(1, 9)),
        files=files,
        answers=max(files, round(target_bytes * REFERENCE_ANSWERS / REFERENCE_BYTES)),
        target_bytes=target_bytes,
    )
