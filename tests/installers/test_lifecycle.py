"""The life of a package on a disposable machine: installed, used, upgraded, removed."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import build_reader
import lifecycle
import pytest
import smoke
from container import command_for, inside
from lifecycle import can_install, chosen, counterpart, live_through
from project import ROOT, ReleaseError
from tests.installers.fake_programs import write_program

posix = pytest.mark.skipif("sys.platform == 'win32'", reason="it starts scripts")

PACKAGES = (
    "spendlight-1.2.3-py3-none-any.whl",
    "spendlight-1.2.3-linux-x86_64.tar.xz",
    "spendlight-1.2.3-1.x86_64.rpm",
    "spendlight-1.2.3-windows-x86_64.zip",
    "spendlight-1.2.3-linux-x86_64.cdx.json",
    "spendlight_1.2.3_amd64.deb",
    "Spendlight-1.2.3-arm64.dmg",
    "Spendlight-1.2.3-setup.exe",
    "Spendlight-1.2.3-x86_64.AppImage",
    "SHA256SUMS",
)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "_STEP_S", 0.02)
    monkeypatch.setattr(lifecycle, "version", lambda: "1.2.3")


def make_archive(folder: Path, version: str, **wrong: object) -> Path:
    """Make a portable archive of a fake program."""
    program = folder / f"program-{version}"
    for name in ("spendlight", "spendlight-tray"):
        write_program(program / name, version=version, **wrong)  # type: ignore[arg-type]  # by name
    archive = folder / f"spendlight-{version}-linux-x86_64.tar.xz"
    with tarfile.open(archive, "w:xz", preset=0) as file:
        file.add(program, f"spendlight-{version}")
    return archive


@posix
def test_a_package_is_installed_used_and_removed(tmp_path: Path) -> None:
    said = list(live_through(make_archive(tmp_path, "1.2.3"), None, None))

    assert said[0] == "installed spendlight-1.2.3-linux-x86_64.tar.xz"
    assert said[-1] == "removed: nothing of the program is left, and the ledger is"


@posix
def test_an_upgrade_keeps_the_settings_and_the_ledger(tmp_path: Path) -> None:
    before, now = make_archive(tmp_path, "1.2.2"), make_archive(tmp_path, "1.2.3")

    said = list(live_through(now, before, None))

    assert said[:2] == [f"installed {before.name}", "--version says spendlight 1.2.2"]
    assert said[3:5] == [f"installed {now.name} over it", "the user's settings are still there"]
    assert "--version says spendlight 1.2.3" in said


@posix
def test_a_package_with_wrong_totals_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="counts 1 tokens"):
        list(live_through(make_archive(tmp_path, "1.2.3", tokens=1), None, None))


def test_an_archive_without_the_program_is_rejected(tmp_path: Path) -> None:
    archive = tmp_path / "spendlight-1.2.3-windows-x86_64.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("readme.txt", "nothing")

    with pytest.raises(ReleaseError, match="there is no spendlight"):
        list(live_through(archive, None, None))


def test_anything_but_a_package_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "SHA256SUMS"
    file.touch()

    with pytest.raises(ReleaseError, match="SHA256SUMS is no package"):
        list(live_through(file, None, None))


@pytest.mark.parametrize(
    ("platform", "endings"),
    [("win32", {".zip", ".exe", ".whl"}), ("darwin", {".dmg", ".whl"})],
)
def test_each_system_tests_its_own_packages(platform: str, endings: set[str]) -> None:
    found = {Path(name).suffix for name in PACKAGES if can_install(Path(name), platform)}

    assert found == endings


@pytest.mark.parametrize(
    ("platform", "machine", "tags"),
    [
        ("win32", "AMD64", {"any", "win_amd64"}),
        ("darwin", "arm64", {"any", "macosx_11_0_arm64"}),
        ("darwin", "x86_64", {"any", "macosx_11_0_x86_64"}),
        ("linux", "x86_64", {"any", "manylinux_2_17_x86_64"}),
        ("linux", "aarch64", {"any", "manylinux_2_17_aarch64"}),
        ("linux", "riscv64", {"any"}),
    ],
)
def test_each_system_tests_its_own_wheel(platform: str, machine: str, tags: set[str]) -> None:
    begin = "spendlight-1.2.3-py3-none-"
    wheels = [Path(f"{begin}{tag}.whl") for tag in (*build_reader.PLATFORMS, "any")]

    found = {
        file.stem.removeprefix(begin) for file in wheels if can_install(file, platform, machine)
    }
    assert found == tags


def test_packages_with_their_dependencies_are_tested_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "can_install", lambda file: can_install(file, "linux"))
    monkeypatch.setattr("shutil.which", lambda name: name)
    for name in PACKAGES:
        (tmp_path / name).touch()

    endings = [file.suffix for file in chosen([tmp_path])]
    assert endings == [".rpm", ".deb", ".AppImage", ".xz", ".whl"]


def test_a_folder_without_a_package_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no package for this system"):
        chosen([tmp_path])
    with pytest.raises(ReleaseError, match="is not there"):
        chosen([tmp_path / "a.deb"])


@pytest.mark.parametrize("name", PACKAGES[:-1])
def test_finds_the_previous_version_of_a_package(tmp_path: Path, name: str) -> None:
    before = tmp_path / name.replace("1.2.3", "0.10.11")
    for other in (before, tmp_path / "SHA256SUMS", tmp_path / "spendlight-0.10.11.tar.gz"):
        other.touch()

    assert counterpart(Path(name), tmp_path) == before


def test_before_the_first_release_there_is_no_previous_version(tmp_path: Path) -> None:
    assert counterpart(Path(PACKAGES[0]), tmp_path) is None
    assert counterpart(Path(PACKAGES[0]), tmp_path / "previous") is None


def test_a_container_has_access_to_the_checkout_only(tmp_path: Path) -> None:
    assert inside(ROOT / "dist" / "a.deb") == "dist/a.deb"
    with pytest.raises(ReleaseError, match="lies outside"):
        inside(tmp_path)


def test_a_container_is_removed_after_its_use() -> None:
    command = command_for("debian:13", ["dist", "--previous", "previous"])

    assert command[:3] == ["docker", "run", "--rm"]
    assert command[-3:] == ["dist", "--previous", "previous"]
