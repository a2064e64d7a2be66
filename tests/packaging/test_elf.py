from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
import xxhash
from elf import Elf, elves_in, is_library, read_elf, unneeded
from glibc import demands, version_of
from libraries import asked_of_system, is_everywhere

PACKAGING = Path(__file__).parents[2] / "packaging"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads files of Linux")

MakeElf = Callable[..., Elf]


def make_elf(*needed: str, is_program: bool = False, **versions: str) -> Elf:
    wanted = tuple((f"{library}.so.6", version) for library, version in versions.items())
    return Elf(is_program, needed, wanted)


def check(script: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PACKAGING / f"{script}.py", folder, *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with a program that requires the C library and others."""
    (tmp_path / "notes.txt").write_text("no program")
    shutil.copy("/bin/sh", tmp_path / "spendlight")
    (tmp_path / "link").symlink_to("spendlight")
    return tmp_path


@linux_only
def test_programs_and_libraries_are_read_and_nothing_else(bundle: Path) -> None:
    elves = elves_in(bundle)

    assert list(elves) == [bundle / "spendlight"]
    elf = elves[bundle / "spendlight"]
    assert elf.is_program
    assert "libc.so.6" in elf.needed
    assert {library for library, _ in elf.versions} >= {"libc.so.6"}


@linux_only
def test_a_python_module_is_not_a_program() -> None:
    elf = read_elf(Path(xxhash.__file__).with_name(f"_xxhash{EXTENSION_SUFFIXES[0]}"))

    assert elf is not None
    assert not elf.is_program


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("libz.so.1", True),
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("libpyside6.abi3.so.6.11", True),
        ("PySide6/QtCore.abi3.so", False),
        ("lib-dynload/_json.cpython-311-x86_64-linux-gnu.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
    ],
)
def test_libraries_are_distinguished_from_plugins(name: str, *, expected: bool) -> None:
    assert is_library(name) is expected


def test_libraries_of_required_libraries_are_required() -> None:
    elves = {
        "QtCore.abi3.so": make_elf("libQt6Core.so.6", "libc.so.6"),
        "Qt/lib/libQt6Core.so.6": make_elf("libicu.so.73"),
        "Qt/lib/libicu.so.73": make_elf(),
        "libpython3.11.so.1.0": make_elf("libexpat.so.1"),
        "libexpat.so.1": make_elf(),
        "libjpeg.so.62": make_elf("libturbo.so.1"),
        "libturbo.so.1": make_elf("libjpeg.so.62"),
        "Qt/plugins/libqsvg.so": make_elf(),
    }

    assert unneeded(elves) == {"libjpeg.so.62", "libturbo.so.1"}


def test_a_library_of_the_system_is_required_even_if_bundled() -> None:
    program, module, library = Path("spendlight"), Path("x.abi3.so"), Path("libz.so.1")
    elves = {
        program: make_elf("libz.so.1", "libc.so.6", is_program=True),
        module: make_elf("libz.so.1", "libfoo.so.2"),
        library: make_elf("libc.so.6"),
    }

    assert asked_of_system(elves) == {
        "libc.so.6": [program, library],
        "libfoo.so.2": [module],
        "libz.so.1": [program],
    }


@pytest.mark.parametrize("name", ["libc.so.6", "libstdc++.so.6", "libxkbcommon-x11.so.0"])
def test_libraries_of_every_desktop_may_be_required(name: str) -> None:
    assert is_everywhere(name)


@pytest.mark.parametrize("name", ["libQt6OpenGL.so.6", "libc.so.60", "libgtk-3.so.0"])
def test_no_other_library_may_be_required(name: str) -> None:
    assert not is_everywhere(name)


def test_versions_are_compared_as_numbers_and_only_those_of_the_system() -> None:
    elves = {
        Path("a.abi3.so"): make_elf(libc="GLIBC_2.4", libstdc="GLIBCXX_3.4.29"),
        Path("b.abi3.so"): make_elf(libc="GLIBC_2.34", libown="GLIBC_9.9"),
        Path("c.abi3.so"): make_elf(libc="GLIBC_PRIVATE"),
        Path("libown.so.6"): make_elf(),
    }

    found = demands(elves)

    assert {family: demand[0].version for family, demand in found.items()} == {
        "GLIBC": "GLIBC_2.34",
        "GLIBCXX": "GLIBCXX_3.4.29",
    }
    assert found["GLIBC"][0].path == Path("b.abi3.so")


@pytest.mark.parametrize("text", ["", "2.36", "GLIBC", "GLIBC_", "GLIBC_2.x", "V_0.5.0"])
def test_an_invalid_version_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        version_of(text)


@linux_only
def test_a_bundle_that_needs_a_newer_c_library_fails_and_names_the_file(bundle: Path) -> None:
    assert check("glibc", bundle, "--at-most", "GLIBC_99.1").returncode == 0

    ran = check("glibc", bundle, "--at-most", "GLIBC_2.1")

    assert ran.returncode == 1
    assert "spendlight needs GLIBC_2." in ran.stderr


@linux_only
def test_a_bundle_with_common_libraries_passes(bundle: Path) -> None:
    ran = check("libraries", bundle, "--names")

    assert ran.returncode == 0, ran.stderr
    assert "libc.so.6" in ran.stdout.splitlines()


@linux_only
@pytest.mark.parametrize("script", ["glibc", "libraries"])
def test_a_folder_without_a_program_fails(script: str, tmp_path: Path) -> None:
    ran = check(script, tmp_path)

    assert ran.returncode == 1
    assert "holds no program for Linux" in ran.stderr
