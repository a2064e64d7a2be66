"""Completion with the Tab key, in real shells where possible."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from spendlight.cli.arguments import VERBS
from spendlight.cli.completing import Kind, answer, offer
from spendlight.cli.completion import FILES, script_file
from spendlight.tracker.agents import agent_verbs

if sys.platform != "win32":
    from tests.cli.pseudo_terminal import PseudoTerminal

STARTS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("setsid", "-c", "-w", "zsh", "-f", "-i"),
    "fish": ("setsid", "-c", "-w", "fish", "--no-config", "-i"),
}
"""How to start each shell interactively, without the user's settings."""

LOADS = {
    "bash": "source <(spendlight completion bash)",
    "zsh": "autoload -U compinit; compinit -u; source <(spendlight completion zsh)",
    "fish": "spendlight completion fish | source",
}
"""The lines for their settings, according to the help."""


def texts(*before: str, current: str = "") -> list[str]:
    """Return the values that are offered after some words."""
    return [value.text for value in offer(before, current).values]


def test_verbs_are_offered_first() -> None:
    assert texts() == [*_in_the_order_of_help(), *agent_verbs()]
    assert texts("--demo", "--data-dir", "daily", "-O") == texts()


def test_behind_an_agent_its_reports_are_offered() -> None:
    assert texts("claude") == list(_in_the_order_of_help())
    assert texts("codex") == ["daily", "monthly", "session"]
    assert texts("opencode") == ["daily", "weekly", "monthly", "session"]
    assert "--speed" in texts("codex", "daily", current="--")
    assert "--speed" not in texts("daily", current="--")
    assert texts("daily", "--agent") == list(agent_verbs())


def _in_the_order_of_help() -> Iterator[str]:
    from spendlight.cli.arguments import parser_of

    for action in parser_of([])._actions:  # noqa: SLF001  # argparse shows them nowhere else
        if isinstance(action.choices, dict):
            yield from action.choices


@pytest.mark.parametrize("verb", VERBS)
def test_options_of_the_verb_and_general_ones_are_offered(verb: str) -> None:
    offered = texts(verb, current="-")

    assert "--data-dir" in offered
    assert ("--breakdown" in offered) is (
        verb in {"daily", "weekly", "monthly", "session", "blocks"}
    )


def test_an_option_that_was_given_or_is_excluded_is_not_offered() -> None:
    assert "--json" not in texts("daily", "-jb", current="--")
    assert "--breakdown" not in texts("daily", "-jb", current="--")
    assert "--machine" in texts("daily", "--machine", "a", current="--")
    assert "--undo" not in texts("profile", "--keep-logs", "30", current="--")


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["daily", "--order"], ["asc", "desc"]),
        (["daily", "-o"], ["asc", "desc"]),
        (["daily", "-jbo"], ["asc", "desc"]),
        (["weekly", "-j", "--start-of-week"], ["monday", "tuesday"]),
        (["blocks", "-t"], ["max"]),
        (["profile", "--keep-logs"], ["forever"]),
        (["export"], ["entries", "daily"]),
        (["completion"], ["bash", "zsh", "fish", "powershell"]),
        (["daily", "-z"], ["local", "Africa/Abidjan"]),
    ],
)
def test_only_valid_values_are_offered(words: list[str], values: list[str]) -> None:
    assert texts(*words)[: len(values)] == values


def test_a_value_may_be_joined_to_its_option() -> None:
    assert texts("daily", current="--order=") == ["--order=asc", "--order=desc"]
    assert texts("daily", current="--json=") == []
    assert "--json" not in texts("daily", "--order=asc", "--json", current="--")


@pytest.mark.parametrize("words", [["daily", "--since"], ["nonsense"], ["daily", "surplus"]])
def test_nothing_is_offered_for_unknown_words(words: list[str]) -> None:
    assert offer(words, "").kind is Kind.VALUES
    assert texts(*words) == []


@pytest.mark.parametrize(
    ("words", "current", "kind"),
    [
        (["--data-dir"], "", Kind.FOLDERS),
        (["daily"], "--data-dir=", Kind.FOLDERS),
        (["profile"], "", Kind.FOLDERS),
        (["import"], "", Kind.FILES),
        (["import", "one", "--debug"], "", Kind.FILES),
        (["import", "--"], "-", Kind.FILES),
        (["export", "daily", "--output"], "", Kind.FILES),
    ],
)
def test_files_are_left_to_the_shell(words: list[str], current: str, kind: Kind) -> None:
    assert offer(words, current).kind is kind


def test_projects_are_offered_for_options_that_take_one(shell: Shell) -> None:
    shell.log("-home-me-app/s.jsonl")
    shell.log("plain/s.jsonl")

    assert "--project=" in texts("daily", current="--")
    assert texts("daily", current="--project=") == ["--project=-home-me-app", "--project=plain"]
    assert texts("daily", "--project") == ["plain"]


@pytest.mark.skipif(sys.platform == "win32", reason="no name of a folder holds these")
def test_names_with_control_characters_are_not_offered(shell: Shell) -> None:
    shell.log("a\x1b[2Jb/s.jsonl")
    shell.log("c\td/s.jsonl")

    assert texts("daily", "--project") == []


def test_completions_are_printed_one_a_line() -> None:
    assert answer(["=--bre", "daily"]).splitlines()[0] == "values"
    assert "--breakdown\tshow a row for each model" in answer(["=--bre", "daily"]).splitlines()
    assert answer(["=", "import"]) == "files"


@pytest.mark.parametrize("name", list(FILES))
def test_the_script_is_printed_as_shipped(shell: Shell, name: str) -> None:
    printed = shell.run("completion", name)

    assert printed.out == script_file(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["completion", "bash"], ["__complete", "=", "daily"]])
def test_no_line_has_a_windows_line_ending(words: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "spendlight", *words], capture_output=True, check=True
    )

    assert ran.stdout.count(b"\n") > 10
    assert b"\r" not in ran.stdout


def test_an_unknown_shell_is_a_usage_error(shell: Shell) -> None:
    ran = shell.run("completion", "tcsh")

    assert ran.code == 2
    assert "bash" in ran.err


def test_quotes_and_brackets_in_the_powershell_script_are_balanced() -> None:
    text = script_file("powershell").read_text(encoding="utf-8")

    for opening, closing in ("()", "{}", "[]"):
        assert text.count(opening) == text.count(closing)
    assert (
        text.isascii()
    )  # older versions read a script without a byte order mark in their code page


@pytest.fixture
def place(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with files whose names are difficult, and the program on the path."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "spendlight"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m spendlight "$@"\n')
    program.chmod(0o755)
    folder = tmp_path / "here"
    (folder / "a folder").mkdir(parents=True)
    for name in ("a file.json", "it's", "pay$day", "Größe.csv"):
        (folder / name).touch()
    for name in ("-home-me-app", "odd$(touch hit)`touch hit`;&'"):
        (home / ".claude" / "projects" / name).mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("PS1", "> ")
    monkeypatch.chdir(folder)
    return folder


TYPED = {
    "spendlight da": "spendlight daily",
    "spendlight --demo --data-dir x wee": "spendlight --demo --data-dir x weekly",
    "spendlight daily --breakd": "spendlight daily --breakdown",
    "spendlight daily --mode cal": "spendlight daily --mode calculate",
    "spendlight daily --mode=cal": "spendlight daily --mode=calculate",
    "spendlight -O weekly -jw mo": "spendlight -O weekly -jw monday",
    "spendlight daily --project=-home-me-a": "spendlight daily --project=-home-me-app",
    "spendlight daily -z Europe/Berl": "spendlight daily -z Europe/Berlin",
    "spendlight import a\\ fi": "spendlight import a file.json",
    "spendlight import 'a fi": "spendlight import a file.json",
    "spendlight import it": "spendlight import it's",
    "spendlight import pay": "spendlight import pay$day",
    "spendlight import Grö": "spendlight import Größe.csv",
    "spendlight daily --data-dir=a": "spendlight daily --data-dir=a folder",
    "spendlight profile a": "spendlight profile a folder",
    "spendlight daily --since ": "spendlight daily --since",
}
"""What is typed before Tab, and the words that the program then gets."""


@pytest.mark.slow
@pytest.mark.linux_programs("bash", "zsh", "fish", "setsid")
@pytest.mark.parametrize("name", list(STARTS))
def test_tab_completes_in_a_real_shell(name: str, place: Path) -> None:
    words = place.parent / "words"
    with PseudoTerminal(program=STARTS[name], columns=200) as terminal:
        terminal.type(f'{LOADS[name]}; echo rea""dy\n')
        terminal.read_until("ready")
        for typed, given in TYPED.items():
            terminal.type(f"{typed}\t\x01printf '%s|' \x05 > '{words}'; echo do\"\"ne\n")
            terminal.read_until("done")
            assert words.read_text().replace("/|", "|") == given_words(given), typed


def given_words(text: str) -> str:
    """Return words as `printf` wrote them; only the names of files have blanks."""
    for name in ("a file.json", "a folder"):
        text = text.replace(name, name.replace(" ", "_"))
    return "".join(f"{word.replace('a_f', 'a f')}|" for word in text.split())


@pytest.mark.slow
@pytest.mark.linux_programs("bash", "zsh", "fish", "setsid")
@pytest.mark.parametrize(
    "typed", ["--project=o", "--project o", r"--project=odd\$", r"--project odd\$"]
)
@pytest.mark.parametrize("name", list(STARTS))
def test_completing_a_name_never_runs_it(name: str, typed: str, place: Path) -> None:
    words = place.parent / "words"
    with PseudoTerminal(program=STARTS[name], columns=200) as terminal:
        terminal.type(f'{LOADS[name]}; echo rea""dy\n')
        terminal.read_until("ready")
        line = f"spendlight daily {typed}"
        terminal.type(f"{line}\t\x01printf '%s|' \x05 > '{words}'; echo do\"\"ne\n")
        terminal.read_until("done")

    separator = "=" if "=" in typed else "|"
    expected = f"spendlight|daily|--project{separator}odd$(touch hit)`touch hit`;&'|"
    assert words.read_text() == expected
    assert not (place / "hit").exists()


@pytest.mark.slow
@pytest.mark.linux_programs("zsh", "setsid")
def test_zsh_loads_the_script_from_the_folder_of_packages(place: Path) -> None:
    functions = place.parent / "site functions"
    functions.mkdir()
    (functions / FILES["zsh"]).write_bytes(script_file("zsh").read_bytes())
    words = place.parent / "words"
    with PseudoTerminal(program=STARTS["zsh"], columns=200) as terminal:
        terminal.type(f"fpath=('{functions}' $fpath); autoload -U compinit; compinit -u\n")
        for _ in range(2):  # loaded by the first Tab, there by the second
            terminal.type(f"spendlight dai\t\x01printf '%s|' \x05 > '{words}'; echo do\"\"ne\n")
            terminal.read_until("done")
            assert words.read_text() == "spendlight|daily|"
