"""The icon in the menu bar of macOS, with a text beside it; Qt's own has none."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QBuffer, QByteArray, QSize
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu

log = logging.getLogger(__name__)

POINTS: Final = 16
PIXELS: Final = 32
"""Painted for high-density screens; others use half of it."""

_VARIABLE_LENGTH: Final = -1.0
_LEFT_UP, _RIGHT_UP = 2, 4
"""Event types; their masks are powers of two."""
_CONTROL_KEY: Final = 1 << 18
_IMAGE_LEFT: Final = 2


class StatusItem:
    """An AppKit status item: an icon with a text and a menu.

    A click is reported; with the right button, or with the control key, it opens the menu. The
    menu is created once, as a copy of Qt's, and updated in place.
    """

    def __init__(
        self,
        menu: QMenu,
        on_click: Callable[[], None],
        on_message_click: Callable[[], None],
        *,
        appkit: Any = None,  # noqa: ANN401  # a module
    ) -> None:
        """Create it.

        Args:
            menu: The menu.
            on_click: Called for a click.
            on_message_click: Called for a click on a message.
            appkit: The module ``AppKit``.

        Raises:
            ImportError: If this is not macOS, or the module is missing.
        """
        self._kit = appkit or importlib.import_module("AppKit")
        self._on_click = on_click
        self._target = _target_class(self._kit).alloc().init()
        self._target.on_click = self._clicked
        self._target.on_message_click = on_message_click
        self._target.rows = []
        self._menu = _Menu(self._kit, menu, self._target)
        bar = self._kit.NSStatusBar.systemStatusBar()
        self._bar = bar
        self._item = bar.statusItemWithLength_(_VARIABLE_LENGTH)
        button = self._item.button()
        button.setTarget_(self._target)
        button.setAction_("clicked:")
        button.sendActionOn_(1 << _LEFT_UP | 1 << _RIGHT_UP)
        button.setImagePosition_(_IMAGE_LEFT)

    def set_icon(self, icon: QIcon) -> None:
        """Show another glyph; the menu bar uses its shape with its own colour."""
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        icon.pixmap(QSize(PIXELS, PIXELS), 1.0).save(buffer, "PNG")
        raw = content.data()
        image = self._kit.NSImage.alloc().initWithData_(
            self._kit.NSData.dataWithBytes_length_(raw, len(raw))
        )
        image.setSize_((POINTS, POINTS))
        image.setTemplate_(True)
        self._item.button().setImage_(image)

    def set_tooltip(self, text: str) -> None:
        """Set the tooltip."""
        self._item.button().setToolTip_(text)

    def set_text(self, text: str) -> None:
        """Show a text beside the glyph."""
        self._item.button().setTitle_(f" {text}" if text else "")

    def show_message(self, title: str, text: str, *, is_critical: bool) -> None:
        """Show a message; macOS shows none for programs outside a bundle."""
        center = self._kit.NSUserNotificationCenter.defaultUserNotificationCenter()
        if center is None:
            log.warning("macOS only shows notifications from application bundles")
            return
        center.setDelegate_(self._target)
        message = self._kit.NSUserNotification.alloc().init()
        message.setTitle_(title)
        message.setInformativeText_(text)
        if is_critical:
            message.setSoundName_("NSUserNotificationDefaultSoundName")
        center.deliverNotification_(message)

    def remove(self) -> None:
        """Remove it from the menu bar."""
        self._menu.release()
        self._bar.removeStatusItem_(self._item)

    def _clicked(self) -> None:
        event = self._kit.NSApplication.sharedApplication().currentEvent()
        wants_menu = event is not None and (
            event.type() == _RIGHT_UP or event.modifierFlags() & _CONTROL_KEY
        )
        if not wants_menu:
            self._on_click()
            return
        self._item.setMenu_(self._menu.shown)  # as long as it has a menu, a click opens it
        self._item.button().performClick_(None)
        self._item.setMenu_(None)


class _Menu:
    """An AppKit menu that mirrors one of Qt's."""

    def __init__(self, kit: Any, menu: QMenu, target: Any) -> None:  # noqa: ANN401  # a module and one of its objects
        self._kit = kit
        self._target = target
        self.shown = kit.NSMenu.alloc().init()
        self.shown.setAutoenablesItems_(False)
        self._parts: list[_Menu] = []
        self._followed: list[tuple[QAction, Callable[[], None]]] = []
        for action in menu.actions():
            self._add(action)

    def release(self) -> None:
        """Stop mirroring."""
        for action, follow in self._followed:
            action.changed.disconnect(follow)
        self._followed.clear()
        for part in self._parts:
            part.release()

    def _add(self, action: QAction) -> None:
        if action.isSeparator():
            self.shown.addItem_(self._kit.NSMenuItem.separatorItem())
            return
        item = self._kit.NSMenuItem.alloc().initWithTitle_action_keyEquivalent_("", "chosen:", "")
        below = action.menu()
        if isinstance(below, QMenu):
            part = _Menu(self._kit, below, self._target)
            self._parts.append(part)
            item.setSubmenu_(part.shown)
        else:
            item.setTarget_(self._target)
            item.setTag_(len(self._target.rows))
            self._target.rows.append(action.trigger)

        def follow() -> None:
            item.setTitle_(_without_mnemonic(action.text()))
            item.setEnabled_(action.isEnabled())
            item.setHidden_(not action.isVisible())

        follow()
        action.changed.connect(follow)
        self._followed.append((action, follow))
        self.shown.addItem_(item)


def _without_mnemonic(text: str) -> str:
    """Return a text without its mnemonic: "&&" becomes an ampersand, "&" is removed."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))


@lru_cache(1)
def _target_class(kit: Any) -> Any:  # noqa: ANN401  # a module, a class of it
    """Return the class of the target that AppKit calls; its name can be defined only once."""

    class SpendlightTarget(kit.NSObject):  # type: ignore[misc]  # has a type only with AppKit
        on_click: Callable[[], None]
        on_message_click: Callable[[], None]
        rows: list[Callable[[], None]]

        def clicked_(self, _sender: object) -> None:
            self.on_click()

        def chosen_(self, sender: Any) -> None:  # noqa: ANN401  # an object of AppKit
            self.rows[sender.tag()]()

        def userNotificationCenter_didActivateNotification_(
            self, _center: object, _message: object
        ) -> None:
            self.on_message_click()

        def userNotificationCenter_shouldPresentNotification_(
            self, _center: object, _message: object
        ) -> bool:
            return True  # also in front of our own window

    return SpendlightTarget
