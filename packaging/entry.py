"""What both frozen executables run: the program, as `spendlight` starts it anywhere else.

PyInstaller's own runtime hooks are left out of the bundle (`spendlight.spec`): that for Qt loads
Qt, that for `inspect` reads a whole archive, each time and for every verb. What of them is needed
is done here, when it is needed.
"""

from __future__ import annotations

import os
import sys

LIBRARY_PATH = "LD_LIBRARY_PATH"
BOOT_LOADER = "_PYI_"
"""How names of variables begin in which the boot loader tells a process what it has done."""


def _give_children_their_own_libraries() -> None:
    """Take back what the boot loader set for this process, before another one inherits it.

    A browser or a status line of the user's must not load the libraries of this bundle. One that
    is this program again must, so its boot loader may not take itself for the one of this process,
    which has seen to that already.
    """
    for name in [name for name in os.environ if name.startswith(BOOT_LOADER)]:
        del os.environ[name]
    if not sys.platform.startswith("linux"):
        return
    former = os.environ.pop(f"{LIBRARY_PATH}_ORIG", None)
    if former:
        os.environ[LIBRARY_PATH] = former
    else:
        os.environ.pop(LIBRARY_PATH, None)


def _run_as_process_of_multiprocessing() -> None:
    """Do what a process of `multiprocessing` is for, if this is one, and end."""
    if "--multiprocessing-fork" in sys.argv[1:2] or "-c" in sys.argv:
        import multiprocessing

        import pyi_rth_multiprocessing  # type: ignore[import-not-found]  # noqa: F401  # PyInstaller has it

        multiprocessing.freeze_support()  # PyInstaller has put its own in place just now


_give_children_their_own_libraries()
_run_as_process_of_multiprocessing()

from spendlight.__main__ import start  # noqa: E402

start()
