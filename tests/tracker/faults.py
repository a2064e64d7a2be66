"""Makes the ledger unusable, and lists temporary ledgers."""

from __future__ import annotations

from pathlib import Path

from spendlight import paths


class Fault:
    """A file in place of the data folder, like an unmounted drive."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.aside = data.with_name("aside")

    def begin(self) -> None:
        if self.data.exists():
            self.data.rename(self.aside)
        self.data.write_text("in the way")

    def end(self) -> None:
        self.data.unlink()
        if self.aside.exists():
            self.aside.rename(self.data)


def kept() -> list[Path]:
    """Return all temporary ledgers."""
    return [found for place in paths.temporary_ledgers() for found in place.glob("*/ledger*3")]
