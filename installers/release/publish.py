"""Puts a release's files and notes on GitHub, as a draft that somebody looks at and then publishes.

    python installers/release/publish.py dist --tag v1.2.3 --notes build/release-notes.md

Where the draft is there already, as after a run that failed half-way, its files are replaced.
A release that is published is never touched.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from checksums import check_sums
from github import gh
from project import ROOT, ReleaseError, run_script, version
from release_notes import section_for


def publish(folder: Path, tag: str, notes: Path) -> str:
    """Make or renew the draft of a release, and return a sentence that says what was done.

    Raises:
        ReleaseError: The files are not as their sums say, the tag is of another version, or the
            release is published already.
    """
    if section_for(tag, version()) != version():
        message = f"{tag!r} is no tag of a version, so there is nothing to publish"
        raise ReleaseError(message)
    count = check_sums(folder) + 1
    files = sorted(path for path in folder.iterdir() if path.is_file())
    state = _state(tag)
    if state == "published":
        message = f"{tag} is published already; releases are never changed, so raise the version"
        raise ReleaseError(message)
    if state == "draft":
        gh("release", "upload", tag, "--clobber", *files)
        gh("release", "edit", tag, "--notes-file", notes)
        return f"{tag}: renewed the draft with {count} files"
    gh(
        "release", "create", tag, "--draft", "--verify-tag",
        "--title", f"Spendlight {version()}", "--notes-file", notes, *files,
    )  # fmt: skip
    return f"{tag}: made a draft with {count} files"


def _state(tag: str) -> str:
    """Return whether a release is "missing", a "draft" or "published"."""
    listed = json.loads(gh("release", "list", "--limit", "100", "--json", "tagName,isDraft"))
    for release in listed:
        if release["tagName"] == tag:
            return "draft" if release["isDraft"] else "published"
    return "missing"


def main() -> None:
    """Publish what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tag", default=os.environ.get("GITHUB_REF_NAME", ""))
    parser.add_argument("--notes", type=Path, default=ROOT / "build" / "release-notes.md")
    arguments = parser.parse_args()
    print(publish(arguments.folder, arguments.tag, arguments.notes))


if __name__ == "__main__":
    run_script(main)
