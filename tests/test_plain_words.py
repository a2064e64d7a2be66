"""Phrases that are not idiomatic English and were used in this project before."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (".ci", "benchmarks", "docs", "installers", "maintenance", "packaging", "src", "tests")
PAGES = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md")
KINDS = frozenset({".py", ".c", ".h", ".sh", ".md", ".nsi", ".nsh", ".toml"})

SAY_INSTEAD = {
    r"anew": "again; rebuild, recompute",
    r"as (it|they) (was|were) written": "undamaged",
    r"at hand": "available; assigned to it",
    r"be it (for|in|of|that)": "whether",
    r"do as `": "like `",
    r"every so often": "at intervals",
    r"good JSON": "valid JSON",
    r"in good order": "cleanly",
    r"kept apart": "separate",
    r"known are": "known machines:",
    r"lest": "so that ... not",
    r"makes? no sense": "is invalid",
    r"nobody knows": "unknown",
    r"now and then": "at intervals",
    r"put right": "corrected",
    r"returns? of \w+ (the|what|whether)": "return the",
    r"shall": "should; will",
    r"stands? in for": "replaces",
    r"take that (it|there|the)": "note that; react to",
    r"whose word": "the source; how it is determined",
    r"where nobody \w+": "by default; if unknown",
}
"""Each phrase, as a regular expression, and what to write instead."""

STILTED = re.compile(r"\b(?:" + "|".join(SAY_INSTEAD) + r")(?!\w)", re.IGNORECASE)

QUOTED = frozenset(
    {
        "tests/test_plain_words.py",  # the list itself
        "src/spendlight/ledger/first_tables.py",  # released steps are never changed
        "src/spendlight/ledger/first_signatures.py",
        "src/spendlight/ledger/migrations.py",
    }
)


def texts() -> list[Path]:
    """Return the files of this project that people read, except those written by others."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [ROOT / name for name in PAGES] + [
        path
        for path in found
        if path.suffix in KINDS
        and "vendor" not in path.parts
        and path.relative_to(ROOT).as_posix() not in QUOTED
    ]


def test_no_stilted_phrase_comes_back() -> None:
    files = texts()

    faults = [
        f"{path.relative_to(ROOT)}:{number}: {found.group()!r}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := STILTED.search(line.replace("_", " ")))  # names are texts, too
    ]

    assert len(files) > len(PAGES)
    assert faults == [], "say it as in SAY_INSTEAD"


def test_every_stilted_phrase_is_noticed() -> None:
    assert STILTED.search("The sums are made anew.")
    assert STILTED.search("Take that there is a window now.")
    assert not STILTED.search("The latest renewal at handover.")
