"""Compiles the native reader (src/native_reader) into a library that Python loads.

    python packaging/build_reader.py [--output FILE] [--target TARGET] [--checked]

It uses the compiler in CC, otherwise cc, gcc or clang, otherwise that of the package ziglang, which
compiles for any TARGET (such as aarch64-linux-gnu or x86_64-windows-gnu). Without a compiler there
is no library, and Spendlight reads in Python: slower, with the same result.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ROOT / "src" / "native_reader"
LIBRARY: Final = ROOT / "src" / "spendlight" / "logs" / "claude_code" / "native_reader.so"
"""Where the library lies in the source; on macOS, too. Windows has a .dll there."""

PLAIN: Final = ("reader.c", "rows.c", "pack.c", "lines_plain.c")
AVX2: Final = "lines_avx2.c"

FLAGS: Final = (
    "-std=gnu11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wno-unused-function",
    "-Werror",
    "-fvisibility=hidden",
)
CHECKED: Final = (
    "-g",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-DFIRST_CAPACITY=256",  # so that most lines are longer than the buffer at first
)


class NoCompilerError(Exception):
    """There is no C compiler."""

    def __init__(self) -> None:
        super().__init__("there is no C compiler (cc, gcc, clang, or the Python package ziglang)")


class CompilerError(Exception):
    """The compiler failed.

    Args:
        command: The command.
        reason: Its output.
    """

    def __init__(self, command: list[str], reason: str | None) -> None:
        super().__init__(f"{shlex.join(command)}\n{reason}")


def library_of(system: str) -> Path:
    """Return the path of the library in the source, for a value of `sys.platform`."""
    return LIBRARY.with_suffix(".dll") if system == "win32" else LIBRARY


def is_up_to_date(library: Path) -> bool:
    """Return whether a library is newer than all its sources."""
    made_of = [*SOURCES.rglob("*.[ch]"), Path(__file__)]
    return library.exists() and library.stat().st_mtime > max(
        path.stat().st_mtime for path in made_of
    )


def build(library: Path, target: str = "", *, is_checked: bool = False) -> None:
    """Compile the library.

    Args:
        library: The file to write; an existing one is replaced.
        target: The target in Zig's notation; by default this machine.
        is_checked: Build it for tests: with the sanitizers, and with a small buffer.

    Raises:
        NoCompilerError: If there is no compiler.
        CompilerError: If it fails; the text says why.
    """
    compiler = _compiler(target)
    machine = target or _machine(compiler)
    is_windows = "windows" in machine or "mingw" in machine
    flags = [*FLAGS, *(CHECKED if is_checked else ())]
    if not is_windows:
        flags.append("-fPIC")
    has_avx2 = machine.startswith(("x86_64", "amd64"))
    if has_avx2:
        flags.append("-DHAS_LINES_AVX2")
    with tempfile.TemporaryDirectory() as folder:
        objects = [_compile(compiler, flags, name, folder) for name in PLAIN]
        if has_avx2:
            objects.append(_compile(compiler, [*flags, "-mavx2"], AVX2, folder))
        made = Path(folder, library.name)
        link = [*(CHECKED[1:2] if is_checked else ("-s",)), "-shared", "-o", str(made), *objects]
        if "macos" in machine or "darwin" in machine:
            link.remove("-s") if "-s" in link else None
        _run([*compiler, *link])
        library.parent.mkdir(parents=True, exist_ok=True)
        waiting = library.with_name(f".{library.name}.{os.getpid()}")
        shutil.copyfile(made, waiting)
        waiting.replace(library)


def _compile(compiler: list[str], flags: list[str], name: str, folder: str) -> str:
    made = str(Path(folder, name).with_suffix(".o"))
    _run([*compiler, *flags, "-c", str(SOURCES / name), "-o", made])
    return made


def _compiler(target: str) -> list[str]:
    """Return the command that compiles."""
    if not target:
        named = os.environ.get("CC")
        if named:
            return shlex.split(named)
        for name in ("cc", "gcc", "clang"):
            found = shutil.which(name)
            if found:
                return [found]
    if importlib.util.find_spec("ziglang") is None:
        raise NoCompilerError
    zig = [sys.executable, "-m", "ziglang", "cc"]
    return [*zig, "-target", target] if target else zig


def _machine(compiler: list[str]) -> str:
    """Return the target of a compiler, such as x86_64-linux-gnu."""
    return _run([*compiler, "-dumpmachine"]).strip()


def _run(command: list[str]) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CompilerError(command, error.strerror) from error
    if ran.returncode:
        raise CompilerError(command, ran.stderr)
    return ran.stdout


def main() -> int:
    """Build the library; print one line if there is no compiler."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=library_of(sys.platform))
    parser.add_argument("--target", default="", help="what to compile for, as Zig calls it")
    parser.add_argument("--checked", action="store_true", help="with AddressSanitizer and UBSan")
    arguments = parser.parse_args()
    if not (arguments.target or arguments.checked) and is_up_to_date(arguments.output):
        return 0
    try:
        build(arguments.output, arguments.target, is_checked=arguments.checked)
    except NoCompilerError as error:
        print(f"No native reader: {error}; logs are read in Python, which takes longer.")
        arguments.output.unlink(missing_ok=True)
        return 0
    except CompilerError as error:
        print(f"The native reader cannot be compiled: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
