"""Uploads a release's files and notes to GitHub as a draft, for somebody to check and publish.

    python installers/release/publish.py dist --tag v1.2.3 --notes build/release-notes.md

If the draft exists already, for example after a run that failed half-way, its files are replaced.
A published release is never changed.
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
    """Create or update the draft of a release; return a sentence about what was done.

    Raises:
        ReleaseError: If the checksums are wrong, the tag belongs to another version, or the
            release has been published already.
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
