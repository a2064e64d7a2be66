"""The programs to measure, and the machine."""

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CCUSAGE_VERSION = "20.0.24"


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs to run; None if not installed."""

    ours: Sequence[str]
    ccusage: Path | None
    rg: str | None

    @property
    def versions(self) -> str:
        """Their versions; also makes Python compile its files once."""
        found = [self.ours, *([str(name)] for name in (self.ccusage, self.rg) if name)]
        return "; ".join(map(_version_of, found))

    @property
    def reader(self) -> str:
        """The reader of logs in our program, as a sentence."""
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [*self.ours, "doctor", "--json", "--offline"],
                env=os.environ | {"HOME": home, "SPENDLIGHT_DATA_DIR": home},
                check=False,
                capture_output=True,
            )
        try:
            reader = json.loads(done.stdout)["reader"]
        except (ValueError, KeyError):
            return "What reads is not known."
        if reader["isNative"]:
            return f"The native reader reads, with {reader['instructions']}."
        return f"Python reads: {reader['reason']}."


def find_programs(build: Path) -> Programs:
    """Return the programs to run.

    Args:
        build: Where ccusage may be installed.
    """
    return Programs(our_program(), _find_ccusage(build / "npm"), shutil.which("rg"))


def our_program() -> Sequence[str]:
    """Return the command of our program, such as a frozen one, if SPENDLIGHT names it."""
    return shlex.split(os.environ.get("SPENDLIGHT", "")) or [sys.executable, "-m", "spendlight"]


def _find_ccusage(folder: Path) -> Path | None:
    """Return the native binary of ccusage, installed with npm if possible."""
    if named := os.environ.get("CCUSAGE"):
        return Path(named)
    system = {"win32": "win32", "darwin": "darwin"}.get(sys.platform, "linux")
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower(), "x64")
    package = f"@ccusage/ccusage-{system}-{machine}"
    binary = folder / "node_modules" / package / "bin" / "ccusage"
    npm = shutil.which("npm")
    if not binary.exists() and npm:
        wanted = [f"ccusage@{CCUSAGE_VERSION}", f"{package}@{CCUSAGE_VERSION}"]
        folder.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*install, *wanted], check=False, stdout=sys.stderr)
    if binary.exists():
        binary.chmod(0o755)  # not executable in the package
        return binary
    on_path = shutil.which("ccusage")
    return Path(on_path) if on_path else None


def machine() -> str:
    """Return the machine, in one line."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        cpu = next((ln.split(":")[1].strip() for ln in lines if ln.startswith("model name")), cpu)
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} × {cpu}, {system}, Python {platform.python_version()}"


def _version_of(command: Sequence[str]) -> str:
    done = subprocess.run([*command, "--version"], check=False, capture_output=True, text=True)
    return (done.stdout.strip().splitlines() or ["version unknown"])[0]
