"""A fake AppKit with what the icon in the menu bar uses."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Self


class NSObject:
    @classmethod
    def alloc(cls) -> Self:
        return cls()

    def init(self) -> Self:
        return self


class Recorder(NSObject):
    """Keeps what is set: ``setTitle_(x)`` makes ``title`` x."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not (name.startswith("set") and name.endswith("_")):
            raise AttributeError(name)
        place = name[3].lower() + name[4:-1]

        def keep(value: object) -> None:
            self.__dict__[place] = value

        return keep


class MenuItem(Recorder):
    is_separator = False

    @classmethod
    def separatorItem(cls) -> Self:
        item = cls()
        item.is_separator = True
        return item

    def initWithTitle_action_keyEquivalent_(self, title: str, action: str, _key: str) -> Self:
        self.__dict__.update(title=title, action=action, enabled=True, hidden=False)
        return self


class Menu(Recorder):
    def __init__(self) -> None:
        self.items: list[Any] = []

    def addItem_(self, item: object) -> None:
        self.items.append(item)

    def titles(self) -> list[str]:
        """Return the visible titles, without separators."""
        return [item.title for item in self.items if not item.is_separator and not item.hidden]

    def item(self, title: str) -> Any:  # noqa: ANN401  # a fake
        return next(item for item in self.items if not item.is_separator and item.title == title)


class Button(Recorder):
    def __init__(self, item: StatusItem) -> None:
        self.of = item
        self.opened: list[Menu] = []

    def sendActionOn_(self, mask: int) -> None:
        self.__dict__["mask"] = mask

    def performClick_(self, _sender: object) -> None:
        self.opened.append(self.of.__dict__["menu"])


class StatusItem(Recorder):
    def __init__(self) -> None:
        self.the_button = Button(self)

    def button(self) -> Button:
        return self.the_button


class Image(Recorder):
    def initWithData_(self, content: bytes) -> Self:
        self.__dict__["content"] = content
        return self


class FakeAppKit:
    """The module."""

    NSObject = NSObject
    NSMenu = Menu
    NSMenuItem = MenuItem
    NSImage = Image
    NSUserNotification = Recorder
    NSData = SimpleNamespace(dataWithBytes_length_=lambda raw, _count: raw)

    def __init__(self, *, is_bundle: bool = True) -> None:
        self.items: list[StatusItem] = []
        self.delivered: list[Any] = []
        self.event: Any = None
        self.center: Any = Recorder()
        vars(self.center)["deliverNotification_"] = self.delivered.append
        bar = SimpleNamespace(
            statusItemWithLength_=self._make_item, removeStatusItem_=self.items_remove
        )
        self.NSStatusBar = SimpleNamespace(systemStatusBar=lambda: bar)
        application = SimpleNamespace(currentEvent=lambda: self.event)
        self.NSApplication = SimpleNamespace(sharedApplication=lambda: application)
        center = self.center if is_bundle else None
        self.NSUserNotificationCenter = SimpleNamespace(
            defaultUserNotificationCenter=lambda: center
        )

    def items_remove(self, item: StatusItem) -> None:
        self.items.remove(item)

    def _make_item(self, _length: float) -> StatusItem:
        self.items.append(StatusItem())
        return self.items[-1]
