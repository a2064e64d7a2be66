"""A small JSON file beside the ledger in which processes tell each other something about the team.

It may be missing or damaged at any time: then nothing is known.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

NOT_READABLE: Final = (OSError, ValueError, LookupError, TypeError, RecursionError)
"""What reading such a file, and taking its content apart, may raise."""


class StateFile(NamedTuple):
    """One such file.

    Attributes:
        name: Its name in the ledger's folder.
        most_bytes: A larger one is not read.
    """

    name: str
    most_bytes: int

    def read(self, folder: Path) -> Any:  # noqa: ANN401  # what is in the file
        """Return its content, which is as trustworthy as any file.

        Raises:
            OSError, ValueError, RecursionError: If there is none.
        """
        return json.loads(read_regular(folder / self.name, self.most_bytes))

    def write(self, folder: Path, content: object) -> None:
        """Replace its content. What cannot be written is not: the disk may be full."""
        path = folder / self.name
        part = path.with_name(f"{self.name}.{os.getpid()}.part")
        with suppress(OSError):
            part.write_text(json.dumps(content), encoding="utf-8")
            part.replace(path)

    def forget(self, folder: Path) -> None:
        """Delete it."""
        with suppress(OSError):
            (folder / self.name).unlink(missing_ok=True)
