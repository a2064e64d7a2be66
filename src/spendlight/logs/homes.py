"""How the user and the environment name the data folders of agents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.logs.agent import may_be_folder
from spendlight.paths import absolute

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def home_folder(environ: Mapping[str, str]) -> str:
    """Return the user's home directory, or "" if the environment names none."""
    drive = environ.get("HOMEDRIVE", "") + environ.get("HOMEPATH", "")
    return environ.get("HOME") or environ.get("USERPROFILE") or drive


def names_in(value: str) -> list[str]:
    """Return the folders that a variable lists, separated by commas."""
    return [name for part in value.split(",") if (name := part.strip())]


def folder_named(name: str, environ: Mapping[str, str], inner: Collection[str] = ()) -> str:
    """Return the full path of the data folder that a name means; ``~`` is the home directory.

    Args:
        name: A path, as the user or a variable wrote it.
        environ: The environment.
        inner: The names of the folders in it that contain logs: the path of one of these means
            the data folder, too.
    """
    if name == "~" or name.startswith("~/"):
        name = home_folder(environ) + name[1:]
    folder = Path(absolute(name))
    is_inner = folder.name in inner and may_be_folder(str(folder))
    return str(folder.parent if is_inner else folder)
