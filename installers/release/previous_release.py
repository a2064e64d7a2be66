"""Downloads the previous release, from which the new packages are then upgraded.

    python installers/release/previous_release.py previous

If there is none yet, it says so and leaves the folder empty.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Final

from github import gh
from project import run_script, version

_PLAIN_TAG: Final = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


def previous_tag(tags: list[str], current: str) -> str | None:
    """Return the tag of the newest release older than a version; None if there is none.

    Args:
        tags: The tags of releases, without drafts and pre-releases; those not of the form
            ``v1.2.3`` are ignored.
        current: The version that is being released.
    """
    numbers = {tag: _numbers(tag) for tag in tags}
    limit = _numbers(f"v{current}")
    older = [
        (number, tag)
        for tag, number in numbers.items()
        if number is not None and (limit is None or number < limit)
    ]
    return max(older)[1] if older else None


def _numbers(tag: str) -> tuple[int, ...] | None:
    found = _PLAIN_TAG.fullmatch(tag)
    return tuple(int(number) for number in found.groups()) if found else None


def download_previous(folder: Path) -> str | None:
    """Download the files of the previous release and return its tag.

    Raises:
        ReleaseError: If GitHub cannot be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = gh(
        "release", "list", "--exclude-drafts", "--exclude-pre-releases",
        "--limit", "100", "--json", "tagName",
    )  # fmt: skip
    tag = previous_tag([release["tagName"] for release in json.loads(listed)], version())
    if tag is not None:
        gh("release", "download", tag, "--dir", folder, "--clobber")
    return tag


def main() -> None:
    """Download into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    tag = download_previous(folder)
    if tag is None:
        print("There is no release before this one, so no upgrade from one can be tried.")
    else:
        print(f"{tag}: {len(list(folder.iterdir()))} files in {folder}")


if __name__ == "__main__":
    run_script(main)
