"""No output makes a terminal execute anything, whatever names it contains."""

from __future__ import annotations

import json
import re
import sys

import pytest
from tests.cli.pseudo_terminal import PseudoTerminal
from tests.cli.shell import Shell, minutes_ago
from tests.makers import encoded, line, price_list

EVIL = "\x1b]52;c;cHduZWQ=\x07\x1b[2J\x9b31m\u202e\x7f\r\n<b>\ud83d"
"""Sets the clipboard, clears the screen, reverses the text and ends with half a character."""

CLEAN = EVIL.replace("/", "").removesuffix("\ud83d")
"""The part of it that a file system and a JSON parser accept."""

OWN = re.compile(
    r"\x1b\[[0-9;]*m"  # colours
    r"|\r?\x1b\[K"  # a progress bar that is removed
    r"|\x1b\[\?(?:25|1049)[hl]|\x1b\[H|\x1b\[2?J|\x1b\[\d+A|\r"  # the live view
)
"""The control sequences that the program itself sends."""

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

LONG = "x" * 140 + CLEAN + "y" * 60


@pytest.fixture
def hostile(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in which all names are hostile."""
    shell.log(
        f"{CLEAN}/{CLEAN}.jsonl",
        minutes_ago(10, model=f"claude{EVIL[:-1]}"),
        minutes_ago(9, model=LONG),
        minutes_ago(8),
        b'{"type":"assistant","usage":"\x1b]52;c;cHduZWQ=\x07"\n',
        encoded({"type": "ai-title", "aiTitle": LONG}),
        encoded({"type": "pr-link", "prUrl": f"https://example.com/{CLEAN}", "prNumber": 1}),
    )
    shell.log(f"{LONG}/{LONG[:120]}.jsonl", minutes_ago(7, model=LONG))
    vm = shell.claude / "vms" / CLEAN
    (vm / "projects" / "p").mkdir(parents=True)
    (vm / "projects" / "p" / "s.jsonl").write_bytes(minutes_ago(6, model=f"vm{CLEAN}"))
    (shell.claude / "settings.json").write_text(
        json.dumps({"cleanupPeriodDays": f"{EVIL}", "statusLine": {"command": EVIL}})
    )
    prices = price_list() | {f"claude{CLEAN}": {"input_cost_per_token": 1e-6}}
    shell.prices = shell.prices.with_name(f"prices{CLEAN}.json")
    shell.prices.write_text(json.dumps(prices))
    (shell.place / ".ccusage").mkdir()
    (shell.place / ".ccusage" / "ccusage.json").write_text(
        json.dumps({"defaults": {"dataDir": EVIL, "order": EVIL, "projectAliases": {CLEAN: EVIL}}})
    )
    (shell.place / f"odd{CLEAN}.json").write_text('{"entries":[\n{"a": 1}\n],"count":1}\n')
    broken = shell.place / CLEAN
    broken.mkdir()
    (broken / f"loop{CLEAN}").symlink_to(f"loop{CLEAN}")
    monkeypatch.setenv("SPENDLIGHT_MACHINE", CLEAN)
    return shell


SAID = {"model": {"display_name": EVIL}, "session_id": EVIL, "transcript_path": EVIL}

VERBS = [
    ("daily",),
    ("daily", "--instances", "--breakdown", "--color"),
    ("weekly", "--by-machine"),
    ("monthly", "--compact"),
    ("session",),
    ("session", "--json"),
    ("session", "--id", CLEAN),
    ("session", "--by-machine", "--color"),
    ("blocks",),
    ("blocks", "--active"),
    ("blocks", "--json"),
    ("live", "--snapshot"),
    ("stats",),
    ("invoice", "--since", "2020-01-01"),
    ("invoice", "--since", "2020-01-01", "--html", "-"),
    ("invoice", "--since", "2020-01-01", "--csv", "-"),
    ("invoice", "--since", "2020-01-01", "--json"),
    ("invoice", "--since", "2020-01-01", "--branch", CLEAN),
    ("why",),
    ("why", "--json"),
    ("daily", "--by", "folder"),
    ("leaks", "--since", "2020-01-01"),
    ("leaks", "--since", "2020-01-01", "--json"),
    ("branch", CLEAN),
    ("branch", CLEAN, "--json"),
    ("doctor", "--all"),
    ("doctor", "--json"),
    ("doctor", "--verify", "--debug"),
    ("prices",),
    ("profile",),
    ("profile", CLEAN),
    ("profile", "--json"),
    ("profile", "--keep-logs", "365"),
    ("statusline", "--install"),
    ("statusline", "--color"),
    ("export", "blocks"),
    ("export", "--output", f"{CLEAN}/no/{CLEAN}"),
    ("export", "--output", f"all{CLEAN}.csv"),
    ("import", f"odd{CLEAN}.json", CLEAN),
    ("daily", "--project", CLEAN, "--machine", CLEAN),
    ("daily", "--data-dir", f"/dev/null/{CLEAN}"),
    ("daily", "--prices", CLEAN),
    ("daily", "--config", CLEAN),
    ("daily", "--since", CLEAN),
    ("daily", f"--{CLEAN}"),
    ("daily", "--timezone", CLEAN),
    (CLEAN,),
]


NAMELESS = [("live", "--snapshot", "--json"), ("profile", "--undo"), ("daily", "--help")]
"""Verbs that print no names."""


@pytest.mark.parametrize("words", [*VERBS, *NAMELESS], ids=range(len(VERBS + NAMELESS)))
def test_no_name_sends_control_sequences_to_a_terminal(
    words: tuple[str, ...], hostile: Shell
) -> None:
    told = hostile.run(*words, stdin=json.dumps(SAID).encode())

    text = told.out + told.err
    assert_harmless(text.replace("\r", "\0"))
    assert ("52;c;cHduZWQ=" in text or "xxx" in text) is (words not in NAMELESS)


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(
    "words",
    [
        ("session", "--by-machine", "--breakdown"),
        ("doctor", "--verify", "--debug", "--all"),
        ("profile",),
        ("profile", "--keep-logs", "365"),
        ("export", "--format", "csv", "--raw"),
        ("export",),
    ],
)
def test_no_name_sends_control_sequences_to_a_real_terminal(
    words: tuple[str, ...], hostile: Shell
) -> None:
    with PseudoTerminal(*words, "--prices", str(hostile.prices), columns=120) as terminal:
        if "--keep-logs" in words:
            terminal.type("n\n")
        terminal.wait()

    assert_harmless(terminal.drawn)
    assert "52;c;cHduZWQ=" in terminal.drawn.replace("\r\n", "")


def assert_harmless(drawn: str) -> None:
    left = OWN.sub("", drawn)
    found = FORBIDDEN.search(left)
    assert found is None, left[max(0, found.start() - 60) : found.end() + 60]


@pytest.mark.slow  # starts a program
def test_the_live_view_shows_names_as_data(hostile: Shell) -> None:
    with PseudoTerminal("live", "--prices", str(hostile.prices), columns=200) as terminal:
        drawn = terminal.read_until("q quits")
        terminal.type("q")
        terminal.wait()

    assert_harmless(drawn + terminal.drawn)
    assert r"\x1b]52;c;cHduZWQ=\x07" in drawn


@pytest.mark.parametrize("verb", ["daily", "weekly", "monthly", "session", "blocks"])
def test_a_long_name_does_not_make_a_table_unreadable(verb: str, shell: Shell) -> None:
    shell.log(f"{'p' * 250}/s.jsonl", line(model="m" * 300))

    text = shell.run(verb).out
    told = shell.run(verb, "--json").out

    assert max(map(len, text.splitlines())) < 320
    assert "m" * 300 in told
    assert "…" in text


def test_json_contains_names_in_full_with_escapes(shell: Shell) -> None:
    name = "m\x7f\x9b\u202e\u200b tüte 👩\u200d👧"
    shell.log("p/s.jsonl", line(model=name))

    ran = shell.run("daily", "--json")

    assert ran.json["daily"][0]["modelsUsed"] == [name]
    assert r"m\u007f\u009b\u202e\u200b tüte 👩" in ran.out
    assert_harmless(ran.out)


def test_unescaped_output_is_escaped_on_its_way_out(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: object) -> None:
        from rich.text import Text

        from spendlight.cli import terminal

        print(CLEAN)  # noqa: T201  # deliberately wrong
        print(CLEAN, file=sys.stderr)  # noqa: T201
        sys.stdout.writelines([CLEAN])
        terminal.console(choice=True).print(Text(CLEAN, "red"))
        terminal.console(choice=True).print(CLEAN)

    monkeypatch.setattr("spendlight.cli.reporting.run", run)

    ran = shell.run("daily")

    assert_harmless(ran.out.replace("\r", "\x00") + ran.err.replace("\r", "\x00"))
    assert ran.out.count(r"\x1b]52;c;cHduZWQ=") == 4
    assert "\x1b[31m" in ran.out
