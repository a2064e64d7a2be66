"""Only a verified runtime is used for an AppImage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import appimage_runtime
import pytest
from appimage_runtime import download, proven
from project import ReleaseError

CONTENT = b"\x7fELF"
DIGITS = hashlib.sha256(CONTENT).hexdigest()


def test_the_verified_runtime_is_accepted() -> None:
    assert proven(CONTENT, DIGITS) == CONTENT


def test_any_other_runtime_is_rejected() -> None:
    with pytest.raises(ReleaseError, match="nothing was written"):
        proven(CONTENT + b"!", DIGITS)


def test_an_existing_runtime_is_not_downloaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appimage_runtime, "SUMS", {"x86_64": DIGITS})
    monkeypatch.setattr(appimage_runtime, "RELEASE", "file:///nowhere")
    target = tmp_path / "runtime"
    target.write_bytes(CONTENT)

    download(target, "x86_64")


def test_a_failed_download_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appimage_runtime, "RELEASE", tmp_path.as_uri())

    with pytest.raises(ReleaseError, match="cannot be downloaded"):
        download(tmp_path / "runtime", "x86_64")
    assert not (tmp_path / "runtime").exists()


def test_an_unknown_processor_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="riscv64"):
        download(tmp_path / "runtime", "riscv64")
