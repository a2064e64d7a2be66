"""The library of the native reader, and the wheels that contain it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import build_reader
import pytest
import wheel

from spendlight import __version__
from spendlight.logs.claude_code.native_library import load

linux = pytest.mark.skipif(sys.platform != "linux", reason="it is about Linux' libraries")

BUILD = """
import sys
from hatchling.builders.wheel import WheelBuilder
[made] = WheelBuilder(sys.argv[1]).build(directory=sys.argv[2], versions=["standard"])
print(made)
"""


def built(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel of this source, as pip does."""
    command = [sys.executable, "-c", BUILD, str(build_reader.ROOT), str(folder)]
    return subprocess.run(
        command, env=os.environ | environ, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_a_wheel_is_for_the_platform_of_its_library(tmp_path: Path) -> None:
    made = Path(built(tmp_path).stdout.strip())

    wheel._demand_wheel(made)  # noqa: SLF001  # as `make wheel` does
    assert not made.name.endswith("-any.whl")
    other = made.with_name(f"spendlight-{__version__}-py3-none-win_amd64.whl")
    made.rename(other)
    with pytest.raises(wheel.ContentError, match="is none for win_amd64"):
        wheel._demand_wheel(other)  # noqa: SLF001  # as above


@pytest.mark.slow
@pytest.mark.parametrize("environ", [{"SPENDLIGHT_PLATFORM": "any"}, {"CC": "/none/cc"}])
def test_without_a_compiler_a_wheel_is_for_any_platform(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    made = Path(built(tmp_path, **environ).stdout.strip())

    assert made.name == f"spendlight-{__version__}-py3-none-any.whl"
    wheel._demand_wheel(made)  # noqa: SLF001  # as `make wheel` does


def test_an_unknown_platform_is_rejected(tmp_path: Path) -> None:
    ran = built(tmp_path, SPENDLIGHT_PLATFORM="amiga")

    assert ran.returncode != 0
    assert "SPENDLIGHT_PLATFORM is 'amiga', which is none of any, manylinux_2_17" in ran.stderr


@linux
def test_the_tag_names_the_glibc_that_a_library_needs(tmp_path: Path) -> None:
    from elf import read_elf

    library = tmp_path / "native_reader.so"
    build_reader.build(library)
    elf = read_elf(library)

    assert elf is not None
    assert set(elf.needed) == {"libc.so.6"}
    found = build_reader.glibc_of(library.read_bytes())
    asked = [version.removeprefix("GLIBC_").split(".")[:2] for _, version in elf.versions]
    assert found == max((2, 17), *((int(major), int(minor)) for major, minor in asked))
    assert build_reader.platform_of(library).startswith(f"manylinux_2_{found[1]}_")


@pytest.mark.parametrize(
    ("names", "oldest"),
    [
        (b"\0libc.so.6\0GLIBC_2.2.5\0", (2, 17)),
        (b"\0libc.so.6\0GLIBC_2.14\0GLIBC_2.34\0GLIBC_2.2.5\0", (2, 34)),
        (b"\0libc.so.6\0GLIBC_2.2.5\0GLIBC_ABI_DT_RELR\0", (2, 36)),
        (b"\0libc.musl-x86_64.so.1\0", None),
        (b"\0libc.so.6\0libgcc_s.so.1\0GLIBC_2.2.5\0", None),
        (b"\0libc.so.6\0", None),
    ],
)
def test_the_tag_never_names_a_glibc_that_is_too_old(
    names: bytes, oldest: tuple[int, int] | None
) -> None:
    assert build_reader.glibc_of(names) == oldest


def test_after_a_failing_compiler_the_next_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = build_reader.Compiler([sys.executable, "-c", "raise SystemExit(1)"])
    (working, *_) = build_reader._compilers("")  # noqa: SLF001  # without the compilers of this machine
    monkeypatch.setattr(build_reader, "_compilers", lambda _: [broken, working])
    library = tmp_path / build_reader.library_of(sys.platform).name

    build_reader.build(library)

    load(str(library))


def test_the_error_of_the_first_compiler_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "/none/cc --fast")

    with pytest.raises(build_reader.CompilerError, match=r"/none/cc --fast .*\nNo such file"):
        build_reader.build(tmp_path / "native_reader.so")
    assert list(tmp_path.iterdir()) == []


def test_without_a_compiler_logs_are_read_in_python_with_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "native_reader.so"
    monkeypatch.setattr(build_reader, "_compilers", lambda _: [])
    library.write_bytes(b"of an older version")
    os.utime(library, (0, 0))

    monkeypatch.setattr(sys, "argv", ["build_reader.py", "--output", str(library)])
    assert build_reader.main() == 0
    assert "there is no C compiler" in capsys.readouterr().out
    assert not library.exists()
    monkeypatch.setattr(sys, "argv", ["build_reader.py", "--output", str(library), "--required"])
    assert build_reader.main() == 1
