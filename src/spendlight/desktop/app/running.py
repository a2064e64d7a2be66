"""Runs the desktop until the user quits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from spendlight import autostart, paths
from spendlight.assets import resource
from spendlight.build import Channel, read_build
from spendlight.desktop import heap, translations, words
from spendlight.desktop.app.desktop import Desktop
from spendlight.desktop.app.succession import Succession, give_way, watched_program
from spendlight.desktop.display import platform_words
from spendlight.desktop.door import Door
from spendlight.desktop.leaving import ending_signals
from spendlight.desktop.quit_signals import QuitSignals
from spendlight.desktop.single_instance import (
    SingleInstance,
    instance_folder,
    instance_key,
    instance_name,
)
from spendlight.desktop.window_geometry import WindowGeometry
from spendlight.desktop.workers import PoolMap
from spendlight.errands import Errands
from spendlight.settings import Settings, SettingsFile
from spendlight.tracker.options import with_settings
from spendlight.tracker.tracker import TrackerOptions, UsageTracker
from spendlight.updates.lookout import FOLDER, LOOK, Lookout

PUBLISH_S: Final = 600
FETCH_S: Final = 120
"""How long another process may take to renew the price list: three times its own time limit."""

LOOK_S: Final = 60
"""How long a check for a newer version may take."""

WINDOW_ICON_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)


def main(
    options: TrackerOptions, *, is_demo: bool = False, feed: Callable[[], object] | None = None
) -> int:
    """Run the desktop until the user quits.

    The caller has made sure that there is a display.

    Args:
        options: How to count.
        is_demo: Whether the logs are made up; one demo may run beside the real tray.
        feed: Makes the demo log something new; called at intervals on its own thread.

    Returns:
        The exit code.

    Raises:
        SilentInstanceError: If another instance is running and does not answer.
        NoAddressError: If a second start could not reach this one.
    """
    heap.keep_few_heaps()
    signals = QuitSignals(ending_signals())  # from here on none may interrupt anything
    try:
        return _run(options, signals, is_demo=is_demo, feed=feed)
    finally:
        signals.shut_down()


def _run(
    options: TrackerOptions,
    signals: QuitSignals,
    *,
    is_demo: bool,
    feed: Callable[[], object] | None,
) -> int:
    _tell_windows_who_this_is()
    QApplication.setDesktopFileName("spendlight")
    app = QApplication([words.NAME, *platform_words(os.environ)])
    signals.listen()
    signals.quit_requested.connect(app.quit)
    app.setApplicationName("spendlight")
    app.setApplicationDisplayName(words.NAME)
    translations.install(app)
    app.setWindowIcon(_window_icon())
    app.setQuitOnLastWindowClosed(False)
    instance = SingleInstance(
        instance_folder(os.environ), instance_name(_instance_key(options, is_demo=is_demo)), app
    )
    if signals.has_come() or not instance.claim():
        return 0
    errands = Errands()

    prices, publish = command_for_prices(options), command_for_team(options)
    parse_map = PoolMap()
    in_background = options._replace(
        parse_map=parse_map,
        is_long_lived=True,
        renew_prices=lambda: errands.run(prices, FETCH_S),
        publish=lambda: errands.run(publish, PUBLISH_S),
    )
    path = paths.settings_path(options.environment, options.data_dir)
    file = None if is_demo else SettingsFile(path)

    def open_tracker() -> UsageTracker:
        settings = desktop.settings
        tracker = UsageTracker.open(with_settings(in_background, settings))
        tracker.use_budgets(settings.budgets, settings.alerts, settings.week_start)
        return tracker

    desktop = Desktop(
        app,
        Door(open_tracker, heap.give_back, heap.without_collecting),
        with_settings(options, Settings() if file is None else file.load().settings).time_zone,
        settings_file=file,
        geometry=None if is_demo else WindowGeometry(path.with_name("window.json")),
        current_desktop=os.environ.get("XDG_CURRENT_DESKTOP", ""),
        feed=feed,
        lookout=lookout_for(options, errands, is_demo=is_demo),
    )
    instance.raise_requested.connect(desktop.raise_window)
    instance.end_requested.connect(app.quit)
    app.aboutToQuit.connect(errands.end)
    app.aboutToQuit.connect(desktop.shut_down)  # Windows ends a session without returning from exec
    code, succession = 0, None
    try:
        if not signals.has_come():
            desktop.start()
            succession = None if is_demo else _succession(app)
            QTimer.singleShot(0, app, lambda: _quit_late(app, signals))
            code = app.exec()
    finally:
        errands.end()
        desktop.shut_down()
        parse_map.shut_down()
        instance.release()
    if succession is not None and succession.is_due and not signals.has_come():
        give_way(succession.program)
    return code


def command_for_prices(options: TrackerOptions) -> tuple[str, ...]:
    """Return the command that renews the price list which this program reads."""
    data_dir = () if options.data_dir is None else ("--data-dir", paths.absolute(options.data_dir))
    return (*autostart.login_command(autostart.RunningProgram()), "prices", *data_dir)


def command_for_team(options: TrackerOptions) -> tuple[str, ...]:
    """Return the command that publishes what is new in the ledger of this program."""
    data_dir = () if options.data_dir is None else ("--data-dir", paths.absolute(options.data_dir))
    return (*autostart.login_command(autostart.RunningProgram()), "team", "publish", *data_dir)


def lookout_for(options: TrackerOptions, errands: Errands, *, is_demo: bool) -> Lookout:
    """Return whether and how to check for newer versions.

    Args:
        options: Where the ledger is, and whether the network may be used.
        errands: Runs the process that checks.
        is_demo: Whether the logs are made up; a demo never checks.
    """
    folder = options.ledger_folder / FOLDER
    command = (
        *autostart.login_command(autostart.RunningProgram()),
        LOOK,
        paths.absolute(folder),
    )

    def look() -> None:
        errands.run(command, LOOK_S)

    is_usual = not read_build().is_updated_by_system
    return Lookout(folder, None if is_demo or options.is_offline else look, is_usual=is_usual)


def _tell_windows_who_this_is() -> None:
    """Use the id of the shortcut in the Start menu, for notifications and the taskbar.

    A package from Microsoft's Store has its own id, which must stay.
    """
    if sys.platform == "win32" and read_build().channel is not Channel.MSIX:
        import ctypes

        from spendlight.autostart.start_menu import APP_ID

        with suppress(AttributeError, OSError):  # cosmetic only
            ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)


def _succession(app: QApplication) -> Succession | None:
    """Quit when a newer version should take over."""
    program = watched_program(os.environ)
    if program is None:
        return None
    succession = Succession(program, app)
    succession.due.connect(app.quit)
    succession.start()
    return succession


def _quit_late(app: QApplication, signals: QuitSignals) -> None:
    """Quit if a signal came before there was an event loop."""
    if signals.has_come():
        app.quit()


def _window_icon() -> QIcon:
    """Return the program's icon as a bitmap; rendering SVG would load another 2 MB."""
    icon = QIcon()
    for size in WINDOW_ICON_SIZES:
        icon.addFile(str(resource("icons", "app", f"spendlight-{size}.png")), QSize(size, size))
    return icon


def _instance_key(options: TrackerOptions, *, is_demo: bool) -> str:
    """Return what distinguishes this instance from the user's others."""
    return instance_key(options.ledger_folder, is_demo=is_demo)
