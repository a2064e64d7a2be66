"""Extracts a release's notes from CHANGELOG.md; refuses a tag of another version.

    python installers/release/release_notes.py --tag v1.2.3 [--output FILE]

Without a tag, or with the name of a branch (when the workflow is being tested), it extracts the
notes under "Unreleased".
"""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Final

from project import ROOT, ReleaseError, run_script, version

UNRELEASED: Final = "Unreleased"

_HEADING: Final = re.compile(r"^## \[([^\]]+)\](?: - (\S+))?\s*$", re.MULTILINE)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINK: Final = re.compile(r"^\[[^\]]+\]: \S+$", re.MULTILINE)
_VERSION_TAG: Final = re.compile(r"v\d")

_VERIFYING: Final = """
## Verify a download

`SHA256SUMS` holds the sums of all files. Who built them, and from which commit, is attested:

```
sha256sum --check --ignore-missing SHA256SUMS
gh attestation verify FILE --repo spendlight/spendlight
```
"""


def notes_of(changelog: str, name: str) -> str:
    """Return the text about a version in a changelog.

    Args:
        changelog: In the format of Keep a Changelog.
        name: The version, or "Unreleased".

    Raises:
        ReleaseError: If there is no such text, or the version has no date.
    """
    headings = list(_HEADING.finditer(changelog))
    for heading, end in zip(headings, [*(one.start() for one in headings[1:]), None], strict=True):
        if heading[1] != name:
            continue
        notes = _LINK.sub("", changelog[heading.end() : end]).strip()
        if not re.search(r"^- ", notes, re.MULTILINE):
            message = f"CHANGELOG.md lists nothing under [{name}]"
            raise ReleaseError(message)
        if name != UNRELEASED and not _DATE.fullmatch(heading[2] or ""):
            message = f"CHANGELOG.md gives [{name}] no date: ## [{name}] - YYYY-MM-DD"
            raise ReleaseError(message)
        return notes + "\n"
    message = f"CHANGELOG.md has no section [{name}]"
    raise ReleaseError(message)


def section_for(tag: str, current: str) -> str:
    """Return the name of the changelog's section for a tag.

    Args:
        tag: Of the form ``v1.2.3``; anything else means a trial.
        current: The program's version.

    Raises:
        ReleaseError: If the tag's version is not the program's.
    """
    if not _VERSION_TAG.match(tag):
        return UNRELEASED
    if tag != f"v{current}":
        message = (
            f"the tag {tag} does not fit version {current} of src/spendlight/__init__.py; "
            f"tag v{current}, or change the version first"
        )
        raise ReleaseError(message)
    return current


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tag", default=os.environ.get("GITHUB_REF_NAME", ""))
    parser.add_argument("--output", type=Path, help="instead of printing them")
    arguments = parser.parse_args()
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    notes = notes_of(changelog, section_for(arguments.tag, version())) + _VERIFYING
    if arguments.output is None:
        print(notes, end="")
    else:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(notes, encoding="utf-8", newline="\n")
        print(arguments.output)


if __name__ == "__main__":
    run_script(main)
