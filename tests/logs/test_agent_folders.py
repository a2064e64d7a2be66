"""Where the data of agents lies follows from the environment, as for the agents themselves."""

from __future__ import annotations

import sys

import pytest

from spendlight.logs.agents import AGENTS

HOME = {"HOME": "/home/ada"}
SHARE = "/home/ada/.local/share"
OWN = {"XDG_DATA_HOME": "/own"}


@pytest.mark.skipif(sys.platform == "win32", reason="has other paths")
@pytest.mark.parametrize(
    ("agent", "environ", "folders"),
    [
        ("opencode", {}, [f"{SHARE}/opencode"]),
        ("opencode", OWN, ["/own/opencode", f"{SHARE}/opencode"]),
        ("opencode", OWN | {"OPENCODE_DATA_DIR": " ~/one,/two/ ,~/one"}, ["/home/ada/one", "/two"]),
        ("opencode", {"OPENCODE_DATA_DIR": " "}, [f"{SHARE}/opencode"]),
        ("kilo", {}, [f"{SHARE}/kilo"]),
        ("kilo", {"KILO_DATA_DIR": "/two"}, ["/two"]),
        ("gemini", {}, ["/home/ada/.gemini/tmp"]),
        ("gemini", {"GEMINI_CLI_HOME": "/box"}, ["/box/.gemini/tmp"]),
        ("gemini", {"GEMINI_CLI_HOME": "/box", "GEMINI_DATA_DIR": "/two"}, ["/two"]),
        ("qwen", {}, ["/home/ada/.qwen"]),
        ("qwen", {"QWEN_HOME": "/box"}, ["/box"]),
        ("qwen", {"QWEN_HOME": "/box", "QWEN_RUNTIME_DIR": "~/run"}, ["/home/ada/run"]),
        ("qwen", {"QWEN_HOME": "/box", "QWEN_DATA_DIR": "/two"}, ["/two"]),
        ("amp", OWN, ["/own/amp", f"{SHARE}/amp"]),
        ("amp", {"AMP_DATA_DIR": "/two"}, ["/two"]),
        ("droid", {}, ["/home/ada/.factory/sessions"]),
        ("droid", {"DROID_SESSIONS_DIR": "/two"}, ["/two"]),
        (
            "goose",
            {"APPDATA": "/roaming"},
            [
                f"{SHARE}/goose",
                "/home/ada/Library/Application Support/goose",
                "/roaming/Block/goose/data",
            ],
        ),
        ("goose", {"GOOSE_PATH_ROOT": "/two"}, ["/two/data"]),
    ],
)
def test_the_data_folders_of_an_agent(
    agent: str, environ: dict[str, str], folders: list[str]
) -> None:
    found = AGENTS[agent].roots(HOME | environ, ())

    assert [root.folder for root in found] == folders
    is_named = any(
        name.startswith(agent.upper()) and value.strip() for name, value in environ.items()
    )
    variables = {"GEMINI_CLI_HOME", "QWEN_HOME", "QWEN_RUNTIME_DIR"}
    if environ.keys().isdisjoint(variables):
        assert {root.is_usual for root in found} == {not is_named}


@pytest.mark.parametrize("agent", AGENTS)
def test_without_a_home_directory_there_are_no_usual_folders(agent: str) -> None:
    assert AGENTS[agent].roots({}, ()) == []


def test_each_agent_has_names_of_its_own() -> None:
    for names in zip(*((one.name, one.title, one.verb) for one in AGENTS.values()), strict=True):
        assert len(set(names)) == len(AGENTS)
