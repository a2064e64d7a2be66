"""What keeps the ledger from being used, and what is left of it then."""

from __future__ import annotations

from pathlib import Path

from spendlight import paths


class Fault:
    """A thing in the place of the data folder, as where a drive is not mounted."""

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
    """Return the temporary ledgers there are."""
    return [found for place in paths.temporary_ledgers() for found in place.glob("*/ledger*3")]
