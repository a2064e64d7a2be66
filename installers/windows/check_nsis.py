"""Tests the Windows installer under wine: installs, upgrades, removes, and checks the results.

    python installers/windows/check_nsis.py [--root build/wine-root]
                                            [--pictures build/package-check]

Requires root on Debian or Ubuntu. The installer under test is compiled from the real script, but
contains a stub that records how it was called, so this does not test the frozen program itself.
On Windows, the real installer in dist is tested, see check_installed.py.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from check_installed import try_installer
from nsis import LIST, ROOT, build_installer, make_stub
from nsis_trial import (
    ENVIRONMENT,
    FOLDERS,
    HKCU,
    LEDGER,
    LINK,
    LOCAL,
    MENU,
    NOTES,
    PROGRAM,
    TRAY,
    UNINSTALL,
    WITHIN_S,
    Registry,
    Setups,
    Trial,
)
from shortcuts import app_id_of
from wine import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_SZ, Value, wine_in

from spendlight import __version__
from spendlight.autostart.run_key import APPROVED_KEY, RUN_KEY, RunKey
from spendlight.autostart.start_menu import APP_ID
from spendlight.build import STAMP

if TYPE_CHECKING:
    from wine import Wine

BY_HAND: Final = Path(__file__).with_name("by_hand.sh")
"""The actions of a user: accepts the defaults, starts the program, later opens its removal."""

OLDER: Final = "0.0.9"
IN_USE: Final = 5
NOT_SUPPORTED: Final = 3

LONG_PATH: Final = "%USERPROFILE%\\bin;" + ";".join(f"C:\\tools\\number {n:03}" for n in range(220))
"""More than 4,000 characters, which NSIS would truncate in one of its own strings."""


def try_first_install(trial: Trial) -> None:
    """Install where nothing is installed yet."""
    trial.wine.write_registry(ENVIRONMENT, "Path", LONG_PATH, REG_EXPAND_SZ)
    trial.check(
        "the older version installs in silence", is_so=trial.install(trial.setups.older) == 0
    )
    listed = trial.path(f"{PROGRAM}\\{LIST.parent}\\{LIST.name}").read_bytes().decode("utf-16-le")
    names = {line.replace("\\", "/") for line in listed.splitlines() if line[0] != "="}
    trial.check(
        f"it holds the {len(names)} files of its list, in {PROGRAM}", is_so=trial.files() == names
    )
    stamp = trial.path(f"{PROGRAM}\\_internal\\spendlight\\resources\\{STAMP}").read_text()
    trial.check("the program knows that an installer brought it", is_so='"nsis"' in stamp)
    trial.check(
        f"the shortcut has the AppUserModelID {APP_ID}",
        is_so=app_id_of(trial.path(LINK).read_bytes()) == APP_ID,
    )
    trial.check(
        "nothing starts at login unless asked",
        is_so=trial.wine.read_registry(f"{HKCU}\\{RUN_KEY}", "Spendlight") is None,
    )
    trial.check(
        f"a PATH of {len(LONG_PATH):,} letters is kept whole, and its kind",
        is_so=trial.on_path() == Value(REG_EXPAND_SZ, f"{LONG_PATH};{PROGRAM}"),
    )
    _check_listing(trial, OLDER)


def _check_listing(trial: Trial, version: str) -> None:
    values = trial.wine.read_key(UNINSTALL)
    wanted = {
        "DisplayName": "Spendlight",
        "DisplayVersion": version,
        "DisplayIcon": f"{TRAY},0",
        "InstallLocation": PROGRAM,
        "UninstallString": f'"{PROGRAM}\\uninstall.exe"',
        "QuietUninstallString": f'"{PROGRAM}\\uninstall.exe" /S',
    }
    said = {name: value.data for name, value in values.items()}
    size = values.get("EstimatedSize", Value(REG_DWORD, 0))
    trial.check(
        f"Windows lists Spendlight {version} with its icon, size, pages and uninstaller",
        is_so=wanted.items() <= said.items()
        and isinstance(size.data, int)
        and size.data > 0
        and {"URLInfoAbout", "HelpLink", "URLUpdateInfo", "NoModify"} <= said.keys(),
    )


def try_repeat(trial: Trial) -> None:
    """Install the same version once more, with an option."""
    code = trial.install(trial.setups.older, "/AUTOSTART=1")
    item = RunKey(Registry(trial.wine), [TRAY])
    state = item.state()
    trial.check("it installs once more, and starts at login if asked", is_so=code == 0)
    trial.check("the program's own settings call that 'on'", is_so=state == "on")
    before = trial.wine.read_registry(f"{HKCU}\\{RUN_KEY}", "Spendlight")
    item.enable()
    after = trial.wine.read_registry(f"{HKCU}\\{RUN_KEY}", "Spendlight")
    trial.check("and would write the very same value", is_so=before == after)
    trial.check(
        "PATH names it once",
        is_so=trial.on_path() == Value(REG_EXPAND_SZ, f"{LONG_PATH};{PROGRAM}"),
    )


def try_upgrade(trial: Trial) -> None:
    """Install a newer version over one that is running, with files of the user's in its folder."""
    ledger, own = trial.path(LEDGER), trial.path(f"{PROGRAM}\\_internal\\mine\\my notes.txt")
    for file in (ledger, own, trial.path(f"{PROGRAM}\\mine.txt")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    trial.wine.write_registry(f"{HKCU}\\{APPROVED_KEY}", "Spendlight", "03", REG_BINARY)
    trial.notes()
    tray = trial.start_tray()
    code = trial.install()
    trial.wait_for(lambda: f"{__version__} tray started" in trial.noted())
    notes = trial.notes()
    trial.check("the newer version installs over it while it runs", is_so=code == 0)
    trial.check(
        "the tray was asked to end, has ended, and the new one runs in its place",
        is_so=tray.wait(WITHIN_S) == 0
        and notes[1:]
        == [f"{OLDER} called: quit --all", f"{OLDER} tray ended", f"{__version__} tray started"],
    )
    files = trial.files()
    trial.check(
        "what the newer version has no more is gone, and what is new is there",
        is_so="_internal/older only.txt" not in files
        and "_internal/gone/deep/only.txt" not in files
        and not trial.path(f"{PROGRAM}\\_internal\\gone").exists()
        and "_internal/newer only.txt" in files,
    )
    trial.check(
        "files of the user's are where they were, and the ledger is",
        is_so=own.read_text() == "mine" and "mine.txt" in files and ledger.read_text() == "mine",
    )
    trial.check("nothing is left of the exchange", is_so=not _has_traces(trial))
    approved = trial.wine.read_registry(f"{HKCU}\\{APPROVED_KEY}", "Spendlight")
    trial.check(
        "what was turned off in the Task Manager stays off",
        is_so=approved == Value(REG_BINARY, b"\3")
        and RunKey(Registry(trial.wine), [TRAY]).state() == "blocked",
    )
    _check_listing(trial, __version__)


def _has_traces(trial: Trial) -> bool:
    return any(path.name in {".new", ".old"} for path in trial.path(PROGRAM).iterdir())


def try_in_use(trial: Trial) -> None:
    """Install and remove while the tray refuses to end and while a report is running."""
    deaf = trial.path(f"{NOTES}.deaf")
    deaf.touch()
    before = trial.files()
    code = trial.install(trial.setups.older)
    trial.check(
        f"where the tray does not end, nothing changes (exit code {IN_USE})",
        is_so=code == IN_USE and trial.files() == before and not _has_traces(trial),
    )
    code = trial.uninstall()
    trial.check(
        f"nor is it removed then (exit code {IN_USE})",
        is_so=code == IN_USE
        and trial.files() == before
        and bool(trial.wine.read_key(UNINSTALL))
        and not any("unhook" in note for note in trial.notes()),
    )
    deaf.unlink()
    trial.wine.run(f"{PROGRAM}\\spendlight.exe", "quit", "--all", STUB_NOTES=NOTES)
    trial.wine.wait()


def try_locked(trial: Trial) -> None:
    """Install and remove while one folder cannot be moved and others have been moved already."""
    before = trial.files()
    trial.notes()
    with trial.wine.held(f"{PROGRAM}\\_internal"):
        codes = trial.install(trial.setups.older), trial.uninstall()
        trial.check(
            f"where a folder cannot be moved, all is put back (exit code {IN_USE})",
            is_so=codes == (IN_USE, IN_USE) and trial.files() == before and not _has_traces(trial),
        )
    program = trial.path(f"{PROGRAM}\\spendlight.exe").read_bytes()
    trial.check(
        "the program is still the newer one, and Claude Code's settings are as they were",
        is_so=__version__.encode("utf-16-le") in program and trial.notes() == [],
    )


def try_downgrade(trial: Trial) -> None:
    """Install the older version over the newer one."""
    code = trial.install(trial.setups.older, "/AUTOSTART=0", "/PATH=0")
    files = trial.files()
    trial.check(
        "an older version can be installed over a newer one",
        is_so=code == 0
        and "_internal/older only.txt" in files
        and "_internal/newer only.txt" not in files,
    )
    trial.check(
        "login and PATH can be given up by the way",
        is_so=trial.wine.read_registry(f"{HKCU}\\{RUN_KEY}", "Spendlight") is None
        and trial.on_path() == Value(REG_EXPAND_SZ, LONG_PATH),
    )
    trial.install("", "/PATH=1", "/AUTOSTART=1")


def try_uninstall(trial: Trial) -> None:
    """Remove it while it is running; the ledger stays."""
    trial.notes()
    tray = trial.start_tray()
    trial.path(f"{NOTES}.stuck").touch()
    code = trial.uninstall()
    trial.check("it is removed in silence", is_so=code == 0 and tray.wait(WITHIN_S) == 0)
    notes = [note for note in trial.notes() if "called" in note]
    trial.check(
        "Claude Code's settings are put back before; where that fails it goes on",
        is_so=notes == [f"{__version__} called: quit --all", f"{__version__} called: unhook --yes"],
    )
    trial.check(
        "only files of the user's are left, and the ledger",
        is_so=trial.files() == {"mine.txt", "_internal/mine/my notes.txt"}
        and trial.path(LEDGER).read_text() == "mine",
    )
    trial.check(
        "shortcut, login, and the entry in Windows' list are gone; PATH is what it was",
        is_so=not trial.path(LINK).exists()
        and trial.wine.read_registry(f"{HKCU}\\{RUN_KEY}", "Spendlight") is None
        and trial.wine.read_registry(f"{HKCU}\\{APPROVED_KEY}", "Spendlight") is None
        and not trial.wine.read_key(UNINSTALL)
        and trial.on_path() == Value(REG_EXPAND_SZ, LONG_PATH),
    )


def try_purge(trial: Trial) -> None:
    """Remove the user's data too, leaving no folder."""
    for name in ("mine.txt", "_internal\\mine\\my notes.txt"):
        trial.path(f"{PROGRAM}\\{name}").unlink()
    others = trial.path(f"{LOCAL}\\spendlight-of-others\\file")
    others.parent.mkdir()
    others.touch()
    trial.install()
    trial.wine.run(f"{PROGRAM}\\uninstall.exe", "/S", "/PURGE=1", STUB_NOTES=NOTES)
    trial.wait_for(lambda: not trial.path(PROGRAM).exists())
    trial.wine.wait()
    trial.check(
        "with /PURGE=1 the ledger goes, too, and nothing else of the user's",
        is_so=not trial.path(LEDGER).parent.exists() and others.exists(),
    )
    trial.check("then no folder is left", is_so=not trial.path(PROGRAM).exists())


def try_paths(trial: Trial) -> None:
    """Install with every kind of PATH, and remove."""
    cases = {
        "none": None,
        "a plain text": Value(REG_SZ, "C:\\one;C:\\two"),
        "one that ends with a semicolon": Value(REG_EXPAND_SZ, "%A%;"),
        "one with a longer name of the same beginning": Value(REG_SZ, f"{PROGRAM}-2;C:\\x"),
        "an empty one": Value(REG_EXPAND_SZ, ""),
    }
    for words, before in cases.items():
        trial.wine.delete_registry(ENVIRONMENT, "Path")
        if before is not None:
            trial.wine.write_registry(ENVIRONMENT, "Path", str(before.data), before.kind)
        text = "" if before is None else str(before.data)
        kind = REG_EXPAND_SZ if before is None else before.kind
        trial.install()
        with_it = trial.on_path()
        trial.uninstall()
        after = trial.on_path()
        parts = [part for part in text.split(";") if part]
        wanted = Value(kind, ";".join([*parts, PROGRAM]))
        left = Value(kind, ";".join(parts)) if parts else None
        trial.check(f"PATH: {words}", is_so=(with_it, after) == (wanted, left))


def try_long_folder(trial: Trial) -> None:
    """Install for a user whose folder has too long a path."""
    long = f"C:\\users\\{'long ' * 40}user\\AppData\\Local"
    for key in FOLDERS:
        trial.wine.write_registry(key, "Local AppData", long)
    code = trial.install()
    trial.check(
        f"a user's folder that is too long is refused (exit code {NOT_SUPPORTED})",
        is_so=code == NOT_SUPPORTED and not trial.path(f"{long}\\Programs\\Spendlight").exists(),
    )
    for key in FOLDERS:
        trial.wine.write_registry(key, "Local AppData", LOCAL)


def try_windows(trial: Trial) -> None:
    """Install by hand, start the removal and cancel it, in two languages."""
    for language, words in (("C.UTF-8", "English"), ("de_DE.UTF-8", "German")):
        trial.notes()
        trial.wine.on_screen(
            BY_HAND.read_text(encoding="utf-8"),
            LC_ALL=language,
            SETUP=trial.setups.newer,
            PROGRAM=PROGRAM,
            UNINSTALLER=f"/root/prefix/drive_c/{PROGRAM[3:]}/uninstall.exe".replace("\\", "/"),
            STUB_NOTES=NOTES,
        )
        pictures = [trial.wine.switch(f"{name}.png") for name in ("options", "finish", "remove")]
        for picture in pictures:
            picture.rename(trial.pictures / f"windows-setup-{words.lower()}-{picture.name}")
        trial.check(
            f"by hand in {words}: it installs, and starts the tray in the end",
            is_so=f"{__version__} tray started" in trial.notes(),
        )
        trial.check(
            "who cancels its removal keeps it whole",
            is_so=LIST.as_posix() in trial.files() and bool(trial.wine.read_key(UNINSTALL)),
        )
        trial.uninstall()
        trial.wine.wait()


def _prepare(wine: Wine, work: Path) -> Setups:
    """Create the user's folders and compile installers of two versions."""
    for key in FOLDERS:
        wine.write_registry(key, "Local AppData", LOCAL)
        wine.write_registry(key, "Programs", MENU)
    wine.path(LOCAL).mkdir(parents=True)
    wine.path(MENU).mkdir(parents=True)
    made = []
    deep = "_internal/tzdata/zoneinfo/America/Argentina/ComodRivadavia"
    both = {deep: "deep", "_internal/with blank/ümläut.txt": "names"}
    older_only = {"_internal/older only.txt": "", "_internal/gone/deep/only.txt": ""}
    for version, files in (
        (OLDER, both | older_only),
        (__version__, both | {"_internal/newer only.txt": ""}),
    ):
        stub, target = work / f"stub-{version}", work / f"setup-{version}.exe"
        make_stub(stub, version, files=files)
        build_installer(stub, target, version=version, is_fast=True)
        made.append(wine.take_in(target))
    return Setups(*made)


TRIALS: Final = (
    try_first_install,
    try_repeat,
    try_upgrade,
    try_in_use,
    try_locked,
    try_downgrade,
    try_uninstall,
    try_purge,
    try_paths,
    try_long_folder,
    try_windows,
)


def main() -> None:
    """Run all tests, report the result of each step, and fail if one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT / "build" / "wine-root")
    parser.add_argument("--pictures", type=Path, default=ROOT / "build" / "package-check")
    arguments = parser.parse_args()
    if os.name == "nt":  # where the real installer can be tested
        try_installer(ROOT / "dist" / f"Spendlight-{__version__}-setup.exe")
        return
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spendlight-") as work, wine_in(arguments.root) as wine:
        trial = Trial(wine, _prepare(wine, Path(work)), arguments.pictures)
        for step in TRIALS:
            step(trial)
    if trial.failed:
        sys.exit(f"{len(trial.failed)} of the installer's checks failed")


if __name__ == "__main__":
    main()
