"""Checks the frozen program from within; `check_frozen.py` makes the program run it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def modules_that_are_missing(names: Iterable[str]) -> list[str]:
    """Return which modules cannot be imported, and why."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    return missing


def trusts_certificates() -> str | None:
    """Return why no certificate is trusted, if so."""
    import ssl

    import certifi
    import httpx

    context = ssl.create_default_context(cafile=certifi.where())
    httpx.Client(verify=context).close()
    return None if context.get_ca_certs() else "there are no certificates"


def knows_time_zones() -> str | None:
    """Return why no time zone is known if the system has none, if so."""
    import zoneinfo

    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    return None if zone.key == "Europe/Berlin" else "Berlin is not known"


def notifies() -> str | None:
    """Return why no notification can be sent by D-Bus, if so."""
    if sys.platform != "linux":
        return None
    from jeepney import DBusAddress, new_method_call

    address = DBusAddress("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
    call = new_method_call(address, "Notify", "su", ("Spendlight", 1))
    return None if call.serialise(serial=1) else "the message is empty"


def draws() -> str | None:
    """Return which parts of Qt are missing: images, translations, styles, platforms, charts."""
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
    from PySide6.QtGui import QIcon, QImageReader
    from PySide6.QtWidgets import QApplication, QStyleFactory

    from spendlight.assets import resource

    app = QApplication(["probe"])
    formats = {bytes(name.data()).decode() for name in QImageReader.supportedImageFormats()}
    if not {"png", "svg"} <= formats:
        return f"only pictures of the kinds {formats} are shown"
    icon = resource("icons", "spendlight.svg")
    if QIcon(str(icon)).pixmap(64, 64).toImage().allGray():
        return f"{icon} is not drawn"
    words = QTranslator()
    place = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if not words.load(QLocale("de_DE"), "qtbase", "_", place):
        return f"{place} holds no German words of Qt"
    if QStyleFactory.create("Fusion") is None:
        return "there is no Fusion style"
    import pyqtgraph

    chart = pyqtgraph.PlotWidget()
    chart.plot([1, 2, 3], [3, 1, 2])
    chart.resize(300, 200)
    if chart.grab().toImage().width() < 300:
        return "no chart is drawn"
    app.quit()
    return None


def finds_platforms() -> str | None:
    """Return which of the desktops' platforms is missing."""
    from PySide6.QtCore import QLibraryInfo

    place = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    wanted = {
        "linux": {"libqxcb", "libqwayland", "libqoffscreen"},
        "darwin": {"libqcocoa"},
        "win32": {"qwindows"},
    }
    missing = wanted.get(sys.platform, set()) - {path.stem for path in place.iterdir()}
    return f"{place} lacks {', '.join(sorted(missing))}" if missing else None


def look(*names: str) -> int:
    """Print what is wrong, and return the exit code.

    Args:
        names: Modules that should be there.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    wrong = modules_that_are_missing(names)
    for question in (trusts_certificates, knows_time_zones, notifies, finds_platforms, draws):
        try:
            found = question()
        except Exception as error:  # noqa: BLE001  # anything is reported
            found = f"{type(error).__name__}: {error}"
        if found:
            wrong.append(f"{question.__name__}: {found}")
    print("\n".join(wrong))
    return 1 if wrong else 0


def libraries_loaded() -> None:
    """Print the paths of libraries that most systems have, too."""
    import sqlite3  # noqa: F401  # loads one of them
    import ssl  # noqa: F401  # loads others

    names = ("libcrypto", "libsqlite3", "libssl")
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    paths = {line.split(maxsplit=5)[-1] for line in lines}
    print("\n".join(sorted(path for path in paths if Path(path).name.startswith(names))))


def start_at_login() -> None:
    """Do the same as the checkbox in the settings."""
    from spendlight.autostart import RunningProgram, login_command, login_item

    login_item(os.environ, login_command(RunningProgram())).enable()
