"""The scripts by which shells complete our commands.

Each asks the program at every press of Tab (`cli.completing` answers) and does what only a shell
can: complete names of files, quote, show what a value means. Libraries were tried in real shells:
argcomplete completes nothing inside quotes in zsh, and lets bash look for files, which Windows has
not; shtab completes no ``--option=value`` in bash and zsh, and in bash no names with blanks.
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
"""By the shell's name, what its script is called where it looks for it."""


def script_file(shell: str) -> Path:
    """Return the file that holds the script for a shell."""
    return resource("completion", FILES[shell])
