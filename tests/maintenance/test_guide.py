"""The user guide is correct: generated pages are up to date, links and commands work."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from maintenance.guide import settings as settings_page
from maintenance.guide.pages import pages
from maintenance.guide.reports import anchor

from spendlight.cli.arguments import VERBS, parse
from spendlight.settings.keys import AGENT_CHOICES, ALERT_POLICY, BUDGET_ALERTS, BUDGET_SCOPE, TOP
from spendlight.settings.reading import read

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted([*DOCS.glob("*.md"), DOCS.parent / "README.md"])
SCHEMAS = sorted(DOCS.glob("schemas/*.json"))

_LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)")
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"[A-Z]{3,}…?|\[[A-Z]+\]")


def _name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("name", sorted(pages(DOCS)))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    written = (DOCS / name).read_text("utf-8")

    assert written == pages(DOCS)[name], "run: python -m maintenance.guide"


def test_every_key_of_the_settings_is_documented() -> None:
    keys = {key.name for key in TOP}
    keys |= {f"alerts.{key.name}" for key in ALERT_POLICY}
    keys |= {f"agents.{key.name}" for key in AGENT_CHOICES}
    keys |= {f"limits.{key.name}" for key in (*BUDGET_SCOPE, *BUDGET_ALERTS)}

    assert set(settings_page.TEXTS) == keys | {"limits.name"}


@pytest.mark.parametrize(("name", "text"), settings_page.examples().items())
def test_every_example_of_a_setting_is_accepted(name: str, text: str) -> None:
    loaded = read(tomllib.loads(text))

    assert loaded.problems == (), name


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_settings_file_in_the_guide_is_accepted(page: Path) -> None:
    for language, text in _FENCED.findall(page.read_text("utf-8")):
        if language == "toml":
            assert read(tomllib.loads(text)).problems == ()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_has_a_target(page: Path) -> None:
    for target, heading in _LINK.findall(page.read_text("utf-8")):
        path = page.parent / target if target else page

        assert path.exists(), target
        if heading:
            assert heading in _anchors(path), f"{target}#{heading}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_is_valid(page: Path) -> None:
    for words in _commands(page):
        try:
            arguments = parse(words)
        except SystemExit as ended:
            assert ended.code == 0, f"spendlight {shlex.join(words)}"  # noqa: PT017  # after --help
            continue
        assert arguments.verb is None or arguments.verb in VERBS


def test_every_quoted_message_exists_in_the_program() -> None:
    texts = list(_texts_of_the_source())
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    quoted = [
        quote
        for row in re.findall(r"^\| (.*?) \|", page, re.MULTILINE)
        for quote in re.findall(r"`([^`]+)`", row)
        if " " in quote.strip("… ") and not quote.startswith("spendlight ")
    ]

    assert len(quoted) > 20
    assert [quote for quote in quoted if not any(_says(text, quote) for text in texts)] == []


def test_every_page_is_linked_from_the_first() -> None:
    linked = {target for target, _ in _LINK.findall((DOCS / "README.md").read_text("utf-8"))}

    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= linked


def test_every_schema_describes_every_field_and_allows_no_other() -> None:
    for path in SCHEMAS:
        schema = json.loads(path.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert schema["$id"].endswith(f"/{path.name}")
        for part in _parts(schema):
            if "properties" in part:
                assert part["additionalProperties"] is False
            for name, said in part.get("properties", {}).items():
                followed = schema["$defs"][said["$ref"].split("/")[-1]] if "$ref" in said else said
                is_plain = followed.get("type") != "object"
                assert not is_plain or said.get("description") or followed.get("description"), name


def test_every_verb_is_documented() -> None:
    page = (DOCS / "command-line.md").read_text("utf-8")

    assert all(f"\n## {verb}\n" in page for verb in VERBS)


def _parts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part)


def _texts_of_the_source() -> Iterator[str]:
    """Yield every text in the source, with an ellipsis for each inserted value."""
    for path in (DOCS.parent / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (getattr(part, "value", "…") for part in node.values)
                yield "".join(part if isinstance(part, str) else "…" for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"\{\w*\}", "…", node.value)


def _says(text: str, quote: str) -> bool:
    """Return whether a text matches a quoted message; an ellipsis in either matches anything."""
    words = [re.escape(part) for part in re.split("…", quote) if part.strip()]
    return re.search(".*".join(words), text) is not None


def _anchors(path: Path) -> set[str]:
    lines = path.read_text("utf-8").splitlines()
    return {anchor(line.lstrip("#").strip().replace("`", "")) for line in lines if line[:1] == "#"}


def _commands(page: Path) -> Iterator[list[str]]:
    """Yield what follows ``spendlight`` in each fenced line that begins with it."""
    for language, text in _FENCED.findall(page.read_text("utf-8")):
        if language not in {"", "sh", "bash"}:
            continue
        for line in text.splitlines():
            command = re.split(r"\s{3,}", line.removeprefix("$ "))[0]
            if re.match(r"spendlight(\s|$)", command):
                words = shlex.split(command.split(" | ")[0].split(" > ")[0], comments=True)[1:]
                yield from _shown(words)


def _shown(words: list[str]) -> Iterator[list[str]]:
    """Yield the command without placeholders, once for each verb in it."""
    if any(word.endswith(",") for word in words):
        yield from ([word.rstrip(","), "--help"] for word in words if word.rstrip(",") in VERBS)
    elif not any(_PLACEHOLDER.fullmatch(word) for word in words):
        yield words
