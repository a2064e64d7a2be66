"""Makers of folders for surveys."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

NAMES = ("a.jsonl", "b.JSONL", "c.tar.gz", ".hidden", "d", "e.txt", "ü.md")
FOLDERS = ("projects", "p", ".q", "r s")

Tree = Mapping[str, object]
"""By name: a folder's tree, a file's size, or a link's target."""


def trees() -> st.SearchStrategy[Tree]:
    """Generate trees of files, folders, symbolic links and hard links."""
    files: st.SearchStrategy[Tree] = st.dictionaries(
        st.sampled_from(NAMES),
        st.one_of(st.integers(0, 5_000), st.sampled_from(["..", "a.jsonl", "gone", "=a.jsonl"])),
        max_size=5,
    )
    return st.recursive(
        files,
        lambda inner: st.builds(
            lambda one, other: {**one, **other},
            files,
            st.dictionaries(st.sampled_from(FOLDERS), inner, max_size=3),
        ),
        max_leaves=12,
    )


def plant(folder: Path, tree: Tree, seconds: int = 1_700_000_000) -> None:
    """Create a tree. A text is the target of a symbolic link, or after "=" that of a hard link."""
    folder.mkdir(exist_ok=True)
    for number, (name, what) in enumerate(tree.items()):
        path = folder / name
        if isinstance(what, Mapping):
            plant(path, what, seconds + 1000)
        elif isinstance(what, int):
            path.write_bytes(b"x" * what)
            os.utime(path, (seconds + number, seconds + number))
        elif isinstance(what, str) and what.startswith("="):
            if (folder / what[1:]).is_file() and not (folder / what[1:]).is_symlink():
                path.hardlink_to(folder / what[1:])
        elif isinstance(what, str):
            path.symlink_to(what)
