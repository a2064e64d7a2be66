from __future__ import annotations

from pathlib import Path

import pytest

from spendlight import assets


def _package(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = root / "src" / "spendlight"
    package.mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", package)
    return package


def _put(folder: Path, text: str) -> Path:
    path = folder / "resources" / "icons" / "a.svg"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_a_file_inside_an_installed_package_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _put(_package(tmp_path, monkeypatch), "<svg/>")

    assert assets.resource("icons", "a.svg") == path


def test_a_file_beside_src_in_a_checkout_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, monkeypatch)
    path = _put(tmp_path, "<svg/>")

    assert assets.resource("icons", "a.svg") == path


def test_the_files_of_the_package_precede_those_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _put(_package(tmp_path, monkeypatch), "inside")
    _put(tmp_path, "outside")

    assert assets.resource("icons", "a.svg") == path


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _package(tmp_path, monkeypatch)

    with pytest.raises(FileNotFoundError, match=r"icons/a\.svg"):
        assets.resource("icons", "a.svg")
