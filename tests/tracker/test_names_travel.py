"""What is known of answers' circumstances and of sessions goes from machine to machine."""

from __future__ import annotations

import json
import string
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, encoded, line, record, write_log
from tests.tracker.machines import FORMS, Computer
from tests.tracker.worlds import World, at, total

from spendlight.ledger.attributions import Names
from spendlight.ledger.opening import connect
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.attribution import as_tools
from spendlight.metering.periods import Span
from spendlight.tracker.entry_names import tool_names, tools_named
from spendlight.tracker.entry_rows import TOLD
from spendlight.tracker.questions.sessions import Sessions

if TYPE_CHECKING:
    from pathlib import Path

LINK = "https://github.com/ada/engine/pull/7"
HOME = {"prRepository": "ada/engine"}


@pytest.fixture
def desk(world: World) -> Computer:
    return Computer(world, "desk")


@pytest.fixture
def lap(world: World) -> Computer:
    return Computer(world, "lap")


@pytest.fixture(params=["native", "python"], autouse=True)
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr("spendlight.logs.claude_code.native.NATIVE._library", None)


def write_logs(desk: Computer) -> None:
    """Write answers of many circumstances, of which one calls a subagent, and a titled session."""
    start = {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "Task",
        "input": {"subagent_type": "Explore"},
    }
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}
    lines = [
        line(
            id=f"m{n}",
            requestId=f"r{n}",
            timestamp=at(n),
            cwd=("/work/engine/.claude/worktrees/x", "C:\\ä,b", LEFT_OUT)[n % 3],
            gitBranch=("main", '="x", y', LEFT_OUT)[n // 3 % 3],
            attributionSkill=("tidy", LEFT_OUT)[n % 2],
            effort=("high", LEFT_OUT)[n // 8 % 2],
            content=[
                {"type": "tool_use", "id": f"t{tool}", "name": tool, "input": {}}
                for tool in ("Bash", "a,b\\", "-")[: n % 4]
            ],
        )
        for n in range(40)
    ]
    write_log(
        desk.roots[0],
        "p/s.jsonl",
        *lines,
        line(id="call", requestId="call", content=[start]),
        encoded(
            record(type="user", usage=LEFT_OUT, content=[result])
            | {"toolUseResult": {"agentId": "a1", "usage": {}}}
        ),
        encoded({"type": "ai-title", "aiTitle": "Mend", "sessionId": "s"}),
        encoded({"type": "custom-title", "customTitle": "=Mend, ä", "sessionId": "s"}),
        encoded({"type": "pr-link", "sessionId": "s", "prNumber": 7, "prUrl": LINK, **HOME}),
    )
    agent = {"agentId": "a1", "isSidechain": True}
    write_log(desk.roots[0], "p/s/subagents/agent-a1.jsonl", line(id="a", requestId="a", **agent))


def known(computer: Computer) -> list[tuple[object, ...]]:
    """Return what a machine knows of each answer."""
    path = computer.world.place / f"data-{computer.name}/ledger.sqlite3"
    with UsageLedger(path) as ledger, closing(connect(path)) as connection:
        names = Names(connection)
        scope = ledger.scope([root.folder for root in ledger.roots()])
        return sorted(
            (
                *(piece.first_ms, piece.tokens.total, *told, tools),
                names.agent_type(told.agent),
                names.repository(told.folder),
            )
            for piece, told, tools in ledger.attributed_answers(scope, Span(0, 2**52, 0))
        )


def titles(computer: Computer) -> list[tuple[str, list[str]]]:
    rows = computer.tracker.ask(Sessions()).rows
    return [(row.title, [one.url for one in row.pull_requests]) for row in rows]


def without_names(path: Path, to: Path) -> Path:
    """Write an exported file as an earlier version would have."""
    whole = json.loads(path.read_bytes())
    rows = [
        {key: value for key, value in row.items() if key not in TOLD} for row in whole["entries"]
    ]
    head = {key: value for key, value in whole.items() if key not in {"entries", "count"}}
    text = json.dumps(head, separators=(",", ":"))[:-1] + ',"entries":[\n'
    text += ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    to.write_text(f'{text}\n],"count":{len(rows)}}}\n')
    return to


@pytest.mark.parametrize("form", FORMS)
def test_an_import_knows_all_that_the_export_knew(desk: Computer, lap: Computer, form: str) -> None:
    write_logs(desk)
    desk.read()
    with UsageLedger(desk.world.place / "data-desk/ledger.sqlite3") as ledger:
        ledger.note_repositories({"C:\\ä,b": "C:\\ä"}, 1)

    lap.take_in(desk.export(form))

    assert known(lap) == known(desk)
    assert {row[-1] for row in known(lap)} == {"", "/work/engine", "C:\\ä"}
    assert {row[-2] for row in known(lap)} == {"", "Explore"}
    assert titles(lap) == titles(desk) == [("=Mend, ä", [LINK])]
    assert total(lap.tracker) == total(desk.tracker)
    with UsageLedger(lap.world.place / "data-lap/ledger.sqlite3") as ledger:
        assert ledger.folders_to_find(0x7FFF, 9) == []  # they are on another machine


def test_importing_twice_and_in_circles_changes_nothing(desk: Computer, lap: Computer) -> None:
    write_logs(desk)
    lap.take_in(desk.read().export())
    expected, shown = known(lap), titles(lap)

    lap.take_in(desk.export("csv"))
    desk.take_in(lap.export())

    assert known(lap) == known(desk) == expected
    assert titles(lap) == titles(desk) == shown


def test_a_file_of_an_earlier_version_is_filled_in_later_and_forgets_nothing(
    desk: Computer, lap: Computer
) -> None:
    write_logs(desk)
    new = desk.read().export()
    old = without_names(new, desk.world.place / "old.json")

    lap.take_in(old)
    before = total(lap.tracker)
    assert {row[2] for row in known(lap)} == {""}
    lap.take_in(new)
    assert known(lap) == known(desk)
    other = old.with_name("other.json")
    other.write_text(old.read_text().replace('"exportedAt":"', '"exportedAt":"  '))
    lap.take_in(other)

    assert known(lap) == known(desk)
    assert titles(lap) == titles(desk)
    assert total(lap.tracker) == before == total(desk.tracker)


@given(st.none() | st.lists(st.text(st.sampled_from(string.printable[:40] + '\\,"-é'), min_size=1)))
def test_tools_can_be_read_back(names: list[str] | None) -> None:
    tools = None if names is None else as_tools(names)

    assert tools_named(tool_names(tools)) == tools
