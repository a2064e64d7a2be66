"""The fuzz target finds no fault in the initial logs."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.native_reader.seeds import write_seeds

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "native_reader"
FLAGS = (
    *("-std=gnu11", "-g", "-O0", "-Wall", "-Wextra", "-Wno-unused-function", "-Werror"),
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", f"-I{SOURCES}"),
)
PARTS = {
    "rows": (),
    "circumstances": (),
    "pack": (),
    "runs": (),
    "lines_plain": (),
    "lines_scalar": ("-U__SSE2__", "-Dlines_plain=lines_scalar"),
    "lines_avx2": ("-mavx2",),
}


def sanitizing_compiler() -> str:
    """Return clang if it has its sanitizers, as it finds more than gcc: an offset to NULL."""
    name = f"libclang_rt.asan-{platform.machine()}.a"
    if shutil.which("clang") is not None:
        command = ["clang", f"-print-file-name={name}"]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        if Path(found).is_absolute():
            return "clang"
    return "cc"


def built(folder: Path) -> Path:
    """Build the fuzz target with the sanitizers, to be run with files."""
    compiler = sanitizing_compiler()
    flags = [*FLAGS, "-DSTANDALONE"]
    parts = dict(PARTS)
    if platform.machine() == "x86_64":
        flags.append("-DLINES_AVX2")
    else:
        del parts["lines_avx2"]
    for part, more in parts.items():
        name = "lines_plain" if part == "lines_scalar" else part
        source = SOURCES / f"{name}.c"
        subprocess.run(
            [compiler, *flags, *more, "-c", source, "-o", folder / f"{part}.o"], check=True
        )
    program = folder / "fuzzer"
    objects = [folder / f"{part}.o" for part in parts]
    source = ROOT / "tests" / "native_reader" / "fuzzer.c"
    subprocess.run([compiler, *flags, source, *objects, "-o", program], check=True)
    return program


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs the sanitizers of Linux")
def test_all_buffers_and_instruction_sets_agree_and_stay_within_their_memory(
    tmp_path: Path,
) -> None:
    program = built(tmp_path)
    (tmp_path / "seeds").mkdir()
    seeds = write_seeds(tmp_path / "seeds", 600, 2)

    ran = subprocess.run([program, *seeds], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
