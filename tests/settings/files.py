"""Writes settings files as people do."""

from __future__ import annotations

from spendlight.settings import SettingsFile


def write(file: SettingsFile, text: str | bytes) -> None:
    file.path.parent.mkdir(exist_ok=True)
    file.path.write_bytes(text if isinstance(text, bytes) else text.encode())
