from __future__ import annotations

import json
from pathlib import Path

import pytest

from spendlight import assets
from spendlight.build import STAMP, Build, Channel, read_build


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "src" / "spendlight"
    resources = package / "resources"
    resources.mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", package)
    return resources


def test_a_program_without_a_stamp_runs_from_source(resources: Path) -> None:
    assert resources.is_dir()
    assert read_build() == Build(Channel.SOURCE, "", is_frozen=False)


def test_a_stamp_names_the_channel_of_the_program(resources: Path) -> None:
    stamp = {"channel": "deb", "commit": "0123abc"}
    (resources / STAMP).write_text(json.dumps(stamp))

    assert read_build() == Build(Channel.DEB, "0123abc", is_frozen=False)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"channel": "cake"}', '{"commit": "a"}', "\xff"]
)
def test_an_unreadable_stamp_is_ignored(resources: Path, text: str) -> None:
    (resources / STAMP).write_bytes(text.encode("latin-1"))

    assert read_build() == Build(Channel.SOURCE, "", is_frozen=False)


@pytest.mark.parametrize(
    ("channel", "is_updated"),
    [("deb", True), ("rpm", True), ("distribution", True), ("archive", False), ("nsis", False)],
)
def test_packages_are_updated_by_their_package_manager(
    resources: Path, channel: str, *, is_updated: bool
) -> None:
    (resources / STAMP).write_text(json.dumps({"channel": channel}))

    assert read_build().is_updated_by_system is is_updated
