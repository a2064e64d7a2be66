"""Finds the files that ship with the program: icons and the price list of the build day."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return the path of a file or folder below ``resources/``.

    A wheel and a frozen build contain the folder inside the package, a source checkout beside
    ``src``. Both locations are checked each time, which costs one ``stat``.

    Args:
        parts: The path to it, as in ``resource("icons", "spendlight.svg")``.

    Raises:
        FileNotFoundError: If there is no such file: the installation is damaged.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parents[1] / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    missing = "/".join(parts)
    raise FileNotFoundError(missing)
