from __future__ import annotations

import io

import pytest
from tests.cli.shell import Keyboard, Shell
from tests.makers import line

from spendlight.cli import terminal


@pytest.mark.parametrize(
    ("environ", "choice", "is_terminal", "colored"),
    [
        ({}, None, True, True),
        ({}, None, False, False),
        ({"TERM": "dumb"}, None, True, False),
        ({"NO_COLOR": "1"}, None, True, False),
        ({"NO_COLOR": ""}, None, True, True),
        ({"FORCE_COLOR": "1"}, None, False, True),
        ({"FORCE_COLOR": "0"}, None, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, None, True, False),
        ({"NO_COLOR": "1"}, True, False, True),
        ({"FORCE_COLOR": "1"}, False, True, False),
    ],
)
def test_colour_is_for_terminals_by_default(
    environ: dict[str, str],
    choice: bool | None,  # noqa: FBT001  # as typed
    is_terminal: bool,  # noqa: FBT001  # a case
    colored: bool,  # noqa: FBT001  # a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    stream = Keyboard() if is_terminal else io.StringIO()

    assert terminal.has_color(choice, stream) is colored


def test_a_pipe_has_no_width_unless_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert terminal.width() == terminal.UNLIMITED_WIDTH

    monkeypatch.setenv("COLUMNS", "72")
    assert terminal.width() == 72


def test_a_table_in_a_pipe_is_coloured_on_demand_only(shell: Shell) -> None:
    shell.log("p/s.jsonl", line())

    assert "\x1b[1m" in shell.run("daily", "--color").out
    assert "\x1b" not in shell.run("daily").out
