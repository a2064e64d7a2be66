"""A world with a data folder of the agent of `tally_agent` and one of Claude Code's."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from tests.makers import NOON, OPUS, encoded
from tests.tracker.worlds import World

from spendlight.ledger.opening import connect
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

Row = tuple[str, str, int, int]


class Home(World):
    """A place with a data folder of Claude Code's and one of the other agent's."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.tally = place / "tally"
        (self.tally / "runs").mkdir(parents=True, exist_ok=True)

    def open(
        self, *, data: str = "data", tally: Path | None = None, **changes: object
    ) -> UsageTracker:
        """Return a tracker of both, which has read nothing yet."""
        environ = {
            "CLAUDE_CONFIG_DIR": str(self.root),
            "TALLY_HOME": str(tally or self.tally),
            "SPENDLIGHT_MACHINE": "desk",
        }
        return self.tracker(data=data, environ=environ, **changes)

    def count(
        self, *, data: str = "data", tally: Path | None = None, **changes: object
    ) -> UsageTracker:
        """Return a tracker of both that has read everything."""
        tracker = self.open(data=data, tally=tally, **changes)
        tracker.refresh()
        return tracker

    @property
    def ledger(self) -> Path:
        """The path of the default ledger."""
        return self.place / "data" / "ledger.sqlite3"

    def roots(self) -> list[tuple[str, str]]:
        """Return the data folders in the ledger with their agents."""
        with closing(connect(self.ledger)) as connection:
            return sorted(connection.execute("SELECT folder, agent FROM roots").fetchall())


def start(session: str = "s1", project: str = "engine") -> bytes:
    """Return the line that names the session of a log."""
    return encoded({"kind": "start", "session": session, "project": project})


def model(name: str) -> bytes:
    """Return the line that names the model of the following counts."""
    return encoded({"kind": "model", "model": name})


def count(*total: int, minutes: int = 0) -> bytes:
    """Return a line with all tokens of the session so far, input and output."""
    at = datetime.fromisoformat(NOON) + timedelta(minutes=minutes)
    return encoded({"kind": "count", "at": at.isoformat(), "total": total})


RUN = (start(), model(OPUS), count(100, 10), count(100, 10), count(250, 30, minutes=5))


def sessions(tracker: UsageTracker) -> list[Row]:
    """Return project, session, input and output of all sessions, by name."""
    found = tracker.ask(Sessions()).rows
    return sorted(
        (row.name.project, row.name.session, row.spending.tokens.input, row.spending.tokens.output)
        for row in found
    )


def write(folder: Path, place: str, *lines: bytes) -> Path:
    """Write a log of the other agent's, or replace it."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path
