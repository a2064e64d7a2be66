"""Installs the packages of requirements/NAME.txt and the program into the Python that runs this.

    python maintenance/install_pinned.py run|test|build|bench|mutants

For disposable machines, such as CI's; elsewhere `make` maintains an environment.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]


def commands(name: str, python: str) -> list[list[str]]:
    """Return the commands that install a list of packages and then the program, editable.

    Args:
        name: The name of the list.
        python: The interpreter to install into.
    """
    pip = [python, "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    names = [name, "compiler"] if sys.platform == "win32" else [name]  # others have one
    return [
        *(
            [*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(requirements)]
            for requirements in (ROOT / "requirements" / f"{name}.txt" for name in names)
        ),
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    ]


def main() -> None:
    """Install the list that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))
    parser.add_argument("name", choices=names)
    for command in commands(parser.parse_args().name, sys.executable):
        ran = subprocess.run(command, check=False)
        if ran.returncode:
            sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
