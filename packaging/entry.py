"""The entry point of both frozen executables, equivalent to `spendlight` elsewhere.

PyInstaller's own runtime hooks are left out of the bundle (`spendlight.spec`): the one for Qt loads
Qt, the one for `inspect` reads a whole archive, each time and for every verb. The necessary parts
of them are done here, when they are needed.
"""

from __future__ import annotations

import os
import sys

LIBRARY_PATH = "LD_LIBRARY_PATH"
BOOT_LOADER = "_PYI_"
"""The prefix of the variables in which the boot loader notes what it has done."""


def _give_children_their_own_libraries() -> None:
    """Undo what the boot loader set for this process, before another one inherits it.

    A browser or a user's status line must not load the libraries of this bundle. A child that is
    this program again must, so its boot loader must not believe that it has run already.
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


def _run_probe() -> None:
    """If `check_frozen.py` asks for it, call a function of a script, and end.

    There is no other way to look at what is in a bundle from within.
    """
    if sys.argv[1:2] == ["__probe"]:
        import runpy

        script, function, *values = sys.argv[2:]
        sys.exit(runpy.run_path(script)[function](*values))


_give_children_their_own_libraries()
_run_probe()

from spendlight.__main__ import start  # noqa: E402

start()
