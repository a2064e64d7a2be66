"""Compiles the native reader (src/native_reader) into a library that Python loads.

    python packaging/build_reader.py [--output FILE] [--platform TAG] [--checked] [--required]

For this machine it uses the compiler in CC, otherwise cc, gcc or clang, otherwise the package
ziglang, otherwise a zig on the path. Zig also compiles for any of PLATFORMS. Without a compiler
there is no library, and Spendlight reads in Python: slower, with the same result.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform as running
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ROOT / "src" / "native_reader"
LIBRARY: Final = ROOT / "src" / "spendlight" / "logs" / "claude_code" / "native_reader.so"
"""Where the library lies in the source; on macOS, too. Windows has a .dll there."""

PLATFORMS: Final = {
    "manylinux_2_17_x86_64": "x86_64-linux-gnu.2.17",
    "manylinux_2_17_aarch64": "aarch64-linux-gnu.2.17",
    "macosx_11_0_arm64": "aarch64-macos.11.0",
    "macosx_11_0_x86_64": "x86_64-macos.11.0",
    "win_amd64": "x86_64-windows-gnu",
}
"""The platforms with wheels: their tags, and their targets in Zig's notation."""

OLDEST_MACOS: Final = "11.0"
OLDEST_GLIBC: Final = (2, 17)
"""No wheel claims to run with an older one."""

PLAIN: Final = (
    "reader.c",
    "rows.c",
    "ids.c",
    "circumstances.c",
    "pack.c",
    "runs.c",
    "copies.c",
    "exports.c",
    "whole.c",
    "rollout.c",
    "totals.c",
    "attributed.c",
    "walk.c",
    "lines_plain.c",
)
AVX2: Final = "lines_avx2.c"

FLAGS: Final = ("-std=gnu11", "-O2", "-fvisibility=hidden", "-ffp-contract=off")
"""The last, so that costs are the same on each machine: none fuses multiplication and addition."""
CHECKED: Final = (
    "-g",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wno-unused-function",
    "-Werror",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-DFIRST_CAPACITY=256",  # so that most lines are longer than the buffer at first
)
SANITIZERS: Final = "-fsanitize=address,undefined"

_GLIBC: Final = re.compile(rb"\0GLIBC_(\d+)\.(\d+)[\d.]*(?=\0)")
_RELATIVE: Final = b"\0GLIBC_ABI_DT_RELR\0"
"""What a library needs whose relocations are packed, as glibc 2.36 was the first to read them."""
_NEEDED: Final = re.compile(rb"\0((?:lib|ld-)[\w.+-]*\.so[\w.]*)(?=\0)")
_OF_GLIBC: Final = re.compile(rb"lib[cm]\.so\.6|ld-linux-.*")


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


class Compiler(NamedTuple):
    """A compiler and its target.

    Attributes:
        command: The command that starts it.
        machine: Its target, such as x86_64-linux-gnu; empty if the compiler must be asked.
    """

    command: list[str]
    machine: str = ""


def library_of(system: str) -> Path:
    """Return the path of the library in the source, for a value of `sys.platform`."""
    return LIBRARY.with_suffix(".dll") if system.startswith("win") else LIBRARY


def is_up_to_date(library: Path) -> bool:
    """Return whether a library is newer than all its sources."""
    made_of = [*SOURCES.rglob("*.[ch]"), Path(__file__)]
    return library.exists() and library.stat().st_mtime > max(
        path.stat().st_mtime for path in made_of
    )


def build(library: Path, platform: str = "", *, is_checked: bool = False) -> None:
    """Compile the library.

    Args:
        library: The file to write; an existing one is replaced.
        platform: The target, a tag of PLATFORMS; by default this machine.
        is_checked: Build it for tests: with the sanitizers, and with a small buffer.

    Raises:
        NoCompilerError: If there is no compiler.
        CompilerError: If all compilers failed; the text is the output of the first.
    """
    failure: CompilerError | None = None
    for compiler in _compilers(platform):
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, library.name)
            try:
                _build(compiler, made, is_checked=is_checked)
                if not (platform or is_checked):
                    _demand_that_it_loads(made, compiler)
            except CompilerError as error:
                failure = failure or error
                continue
            library.parent.mkdir(parents=True, exist_ok=True)
            waiting = library.with_name(f".{library.name}.{os.getpid()}")
            shutil.copyfile(made, waiting)
            waiting.replace(library)
            return
    raise failure or NoCompilerError


def platform_of(library: Path) -> str:
    """Return the platform tag of a wheel with a library that was built for this machine."""
    name, _, machine = sysconfig.get_platform().partition("-")
    if name == "linux":
        glibc = glibc_of(library.read_bytes())
        if glibc is not None:
            return f"manylinux_{glibc[0]}_{glibc[1]}_{machine}"
    if name == "macosx":
        return f"macosx_{OLDEST_MACOS.replace('.', '_')}_{running.machine()}"
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def glibc_of(library: bytes) -> tuple[int, int] | None:
    """Return the oldest glibc that a library for Linux runs with, or None if it needs more.

    It looks at all the names in the file, so it may ask for too much, never for too little.
    """
    if not all(map(_OF_GLIBC.fullmatch, _NEEDED.findall(library))):
        return None
    versions = [(int(major), int(minor)) for major, minor in _GLIBC.findall(library)]
    if not versions:
        return None
    if _RELATIVE in library:
        versions.append((2, 36))
    return max(OLDEST_GLIBC, *versions)


def _build(compiler: Compiler, made: Path, *, is_checked: bool) -> None:
    """Compile with one compiler."""
    command = compiler.command
    machine = compiler.machine or _run([*command, "-dumpmachine"]).strip()
    is_windows = "windows" in machine or "mingw" in machine
    is_mac = "macos" in machine or "darwin" in machine
    flags = [*FLAGS, *(CHECKED if is_checked else ())]
    if not is_windows:
        flags.append("-fPIC")
    if is_mac:
        flags.append(f"-mmacosx-version-min={OLDEST_MACOS}")
    has_avx2 = machine.startswith(("x86_64", "amd64"))
    if has_avx2:
        flags.append("-DHAS_LINES_AVX2")
    objects = [_compile(command, flags, name, made.parent) for name in PLAIN]
    if has_avx2:
        objects.append(_compile(command, [*flags, "-mavx2"], AVX2, made.parent))
    link = ["-shared", "-o", str(made), *objects]
    if is_checked:
        link.append(SANITIZERS)
    elif not is_mac:
        link.append("-s")
    if is_mac:
        # Its own name would otherwise be the temporary path.
        name = f"-Wl,-install_name,@rpath/{made.name}"
        link += [f"-mmacosx-version-min={OLDEST_MACOS}", name]
    if "mingw" in machine:
        link.append("-static-libgcc")
    _run([*command, *link])


def _compile(command: list[str], flags: list[str], name: str, folder: Path) -> str:
    made = str((folder / name).with_suffix(".o"))
    _run([*command, *flags, "-c", str(SOURCES / name), "-o", made])
    return made


def _compilers(platform: str) -> list[Compiler]:
    """Return the compilers for a platform, the preferred one first."""
    named = os.environ.get("CC")
    if platform:
        return [
            Compiler([*zig, "-target", PLATFORMS[platform]], PLATFORMS[platform]) for zig in _zigs()
        ]
    if named:
        return [Compiler(shlex.split(named))]
    found = [Compiler([path]) for path in map(shutil.which, ("cc", "gcc", "clang")) if path]
    target = _target_here()
    if target:  # else Zig would use instructions that this processor alone has
        zigs = [Compiler([*zig, "-target", target], target) for zig in _zigs()]
        # On Windows a gcc may be of any kind, and Zig's is the one that wheels are made with.
        return [*zigs, *found] if sys.platform == "win32" else [*found, *zigs]
    return found


def _zigs() -> list[list[str]]:
    """Return the commands that start Zig's compiler."""
    found = []
    if importlib.util.find_spec("ziglang") is not None:
        found.append([sys.executable, "-m", "ziglang", "cc"])
    zig = shutil.which("zig")
    if zig:
        found.append([zig, "cc"])
    return found


def _target_here() -> str:
    """Return Zig's target for this machine; empty if it is not known."""
    system, _, machine = sysconfig.get_platform().partition("-")
    if system == "macosx":
        return PLATFORMS.get(f"macosx_11_0_{running.machine()}", "")
    if system == "linux":
        is_glibc = running.libc_ver()[0] == "glibc"
        return PLATFORMS.get(f"manylinux_2_17_{machine}", "") if is_glibc else ""
    return PLATFORMS.get(sysconfig.get_platform().replace("-", "_"), "")


def _demand_that_it_loads(library: Path, compiler: Compiler) -> None:
    """Load a library in a separate process, as the compiler may be one for another machine.

    Raises:
        CompilerError: It does not load.
    """
    code = f"import ctypes; ctypes.CDLL({str(library)!r}).reader_abi()"
    try:
        _run([sys.executable, "-I", "-S", "-c", code])
    except CompilerError as error:
        reason = f"makes a library that does not load here: {error}"
        raise CompilerError(compiler.command, reason) from error


def _run(command: list[str]) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CompilerError(command, error.strerror) from error
    if ran.returncode:
        raise CompilerError(command, ran.stderr)
    return ran.stdout


def main() -> int:
    """Build the library; print why if that is impossible."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=library_of(sys.platform))
    parser.add_argument("--platform", choices=PLATFORMS, default="", help="what to compile for")
    parser.add_argument("--checked", action="store_true", help="with AddressSanitizer and UBSan")
    parser.add_argument("--required", action="store_true", help="fail where there is no compiler")
    arguments = parser.parse_args()
    is_special = arguments.platform or arguments.checked
    if not is_special and is_up_to_date(arguments.output):
        return 0
    try:
        build(arguments.output, arguments.platform, is_checked=arguments.checked)
    except (NoCompilerError, CompilerError) as error:
        print(f"No native reader: {error}; logs are read in Python, which takes longer.")
        if is_special or arguments.required:
            return 1
        arguments.output.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
