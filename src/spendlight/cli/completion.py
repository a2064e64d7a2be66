"""The scripts with which shells complete our commands.

Each asks the program at every press of Tab (`cli.completing` answers) and does what only a shell
can: complete file names, quote, show what a value means. Libraries were tried in real shells:
argcomplete completes nothing inside quotes in zsh, and relies on bash for files, which Windows does
not have; shtab completes no ``--option=value`` in bash and zsh, and no names with spaces in bash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.assets import resource

if TYPE_CHECKING:
    from pathlib import Path

FILES: Final = {
    "bash": "spendlight.bash",
    "zsh": "_spendlight",
    "fish": "spendlight.fish",
    "powershell": "spendlight.ps1",
}
"""The file name of each shell's script where the shell looks for it."""


def script_file(shell: str) -> Path:
    """Return the file with the script for a shell."""
    return resource("completion", FILES[shell])
