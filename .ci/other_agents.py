"""Runs the reference's cases of other agents, and compares the totals of its real logs of them.

python .ci/other_agents.py TOOL FOLDER PROGRAM

Where the reference is wrong, or has something of its own, we differ on purpose: what may differ
then is here, and the reasons are in ARCHITECTURE.md ("Where it differs"). Cases of agents that are
not counted yet are pending.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from spendlight.tracker.agents import agent_verbs

ACCEPTED = {
    "h04-codex-odd-values": r"\.totalTokens$",
    "h08-codex-copied-events session": r"^\$\.sessions\[1\]\.|^\$\.totals\.",
    "h30-opencode-json calculate": r"\.(cost|totalCost)$",
    "h40-amp": r"\.credits$",
    "h42-qwen": r"\.(inputTokens|cost|totalCost|totalTokens)$",
}
"""What may differ: paths, by the case, or by the case and the name of the command."""

OURS = {
    # two forks of a missing parent: 115,689,799 - 10,410,433 - 8,502,461 + 1,911,065 + 3,093; no
    # price is invented for aide-gpt-5 and gpt-5.3-codex-spark
    "codex": (98_691_063, None),
    # the output of a session that was never shut down: 218,172 + 19,254
    "copilot": (237_426, None),
    # 11,460 tokens of reasoning that are in the output already: 3,471,709 - 11,460
    "opencode": (3_460_249, 1.456707),
    # the cache is a part of the prompt: 3,380 - 800
    "qwen": (2_580, 0.0),
}
"""The tokens and dollars of the real logs, where they are not the reference's; None is any."""

FOLDERS = {
    "CODEX_HOME": "codex-home",
    "COPILOT_HOME": "copilot-home",
    "GEMINI_DATA_DIR": "gemini-home/tmp",
    "OPENCODE_DATA_DIR": "opencode-home",
    "PI_AGENT_DIR": "pi-home/agent/sessions",
    "QWEN_DATA_DIR": "qwen-home",
}
"""Where the real logs of each agent are."""

_SUMMARY = re.compile(r"(?P<passed>\d+) passed, (?P<failed>\d+) failed, \d+ skipped")
_FAILURE = re.compile(r"(?P<case>\S+) (?P<name>\S+): (?P<words>.*)")
_DETAIL = re.compile(r" {4}(?P<path>\$\S*): .*")


def is_accepted(case: str, name: str, path: str) -> bool:
    """Return whether a difference is on purpose."""
    allowed = ACCEPTED.get(case) or ACCEPTED.get(f"{case} {name}")
    return allowed is not None and re.search(allowed, path) is not None


def verdict(exit_code: int, lines: list[str], verbs: set[str]) -> tuple[str, list[str]]:
    """Return what is wrong with a run of the tool, or "", and which cases are pending.

    Args:
        exit_code: The tool's.
        lines: What it printed.
        verbs: Those of the agents that are counted, and of the reports.
    """
    summary = _SUMMARY.fullmatch(lines[-1]) if lines else None
    if summary is None or exit_code != bool(int(summary["failed"])):
        return f"the tool broke, with exit code {exit_code}", []
    if not int(summary["passed"]):
        return "the tool ran no case", []
    pending: list[str] = []
    wrong: list[str] = []
    now = ("", "")
    is_pending = False
    for line in lines[:-1]:
        if failure := _FAILURE.fullmatch(line):
            now = failure["case"], failure["name"]
            is_pending = failure["words"].split()[0] not in verbs
            if is_pending:
                pending.append(" ".join(now))
        elif line.startswith("  rule: ") or not line or is_pending:
            continue
        elif not ((detail := _DETAIL.fullmatch(line)) and is_accepted(*now, detail["path"])):
            wrong.append(f"{' '.join(now)}: {line.strip()}")
    return "; ".join(wrong), pending


def totals(report: dict[str, Any]) -> tuple[int, float]:
    """Return the tokens and dollars of a report."""
    told = report["totals"]
    return told["totalTokens"], told.get("totalCost", told.get("costUSD"))


def sums_of(place: Path, verbs: set[str]) -> dict[str, tuple[int, float | None]]:
    """Return what each agent's reports of the real logs must have; "unified" is all together."""
    found: dict[str, tuple[int, float | None]] = {}
    for path in sorted(place.glob("expected/*.daily.json")):
        agent = path.name.partition(".")[0]
        if agent in verbs:
            found[agent] = OURS.get(agent) or totals(json.loads(path.read_text("utf-8")))
    found["unified"] = sum(tokens for tokens, _ in found.values()), None
    return found


def check_real_logs(place: Path, prices: Path, program: Path, verbs: set[str]) -> list[str]:
    """Return what is wrong with the totals of the real logs."""
    wrong: list[str] = []
    expected = sums_of(place, verbs)
    with tempfile.TemporaryDirectory() as home:
        environ = {name: str(place / folder) for name, folder in FOLDERS.items()}
        environ |= {"HOME": home, "TZ": "UTC", "PATH": os.environ["PATH"]}
        for path in sorted(place.glob("expected/*.json")):
            agent, report, *options = path.name.removesuffix(".json").split(".")
            if agent not in expected:
                continue
            words = [report, *(f"--{option}" for option in options), "--json", "--offline"]
            of_agent = [] if agent == "unified" else [agent]
            ran = subprocess.run(
                [program, *of_agent, *words, "--prices", prices],
                env=environ,
                stdout=subprocess.PIPE,
                check=True,
            )
            tokens, dollars = totals(json.loads(ran.stdout))
            right_tokens, right_dollars = expected[agent]
            is_right = tokens == right_tokens and (
                right_dollars is None or math.isclose(dollars, right_dollars, abs_tol=1e-6)
            )
            if not is_right:
                wrong.append(f"{path.name}: {tokens:,} and ${dollars}, not {expected[agent]}")
    return wrong


def main() -> int:
    """Run the cases and the real logs, and print what is wrong."""
    tool, folder, program = (Path(word).absolute() for word in sys.argv[1:])
    verbs = {*agent_verbs(), "daily", "weekly", "monthly", "session"}
    ran = subprocess.run(
        [sys.executable, tool, "--cases", folder, program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    problem, pending = verdict(ran.returncode, ran.stdout.splitlines(), verbs)
    if problem:
        print(ran.stdout)
    for case in pending:
        print(f"{case}: pending, as the agent is not counted yet")
    print(f"Other agents, {ran.stdout.splitlines()[-1]}: {problem or 'as it should be'}")
    wrong = check_real_logs(folder / "real", folder / "prices.json", program, verbs)
    print(f"Other agents, real logs: {'; '.join(wrong) or 'as it should be'}", flush=True)
    return 1 if problem or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
