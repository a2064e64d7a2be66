"""The runtime of an AppImage is the one that was looked at, or none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import appimage_runtime
import pytest
from appimage_runtime import download, proven
from project import ReleaseError

CONTENT = b"\x7fELF"
DIGITS = hashlib.sha256(CONTENT).hexdigest()


def test_what_was_looked_at_is_taken() -> None:
    assert proven(CONTENT, DIGITS) == CONTENT


def test_anything_else_is_refused() -> None:
    with pytest.raises(ReleaseError, match="nothing was written"):
        proven(CONTENT + b"!", DIGITS)


def test_what_is_there_is_not_downloaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appimage_runtime, "SUMS", {"x86_64": DIGITS})
    monkeypatch.setattr(appimage_runtime, "RELEASE", "file:///nowhere")
    target = tmp_path / "runtime"
    target.write_bytes(CONTENT)

    download(target, "x86_64")


def test_what_cannot_be_downloaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appimage_runtime, "RELEASE", tmp_path.as_uri())

    with pytest.raises(ReleaseError, match="cannot be downloaded"):
        download(tmp_path / "runtime", "x86_64")
    assert not (tmp_path / "runtime").exists()


def test_a_processor_that_is_not_known_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="riscv64"):
        download(tmp_path / "runtime", "riscv64")
