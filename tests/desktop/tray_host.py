"""The panel's side of the tray: accepts icons over D-Bus, as KDE's and XFCE's panels do."""

# dbus-fast reads the annotations: no postponed ones in this file

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Annotated, Any, NamedTuple, Self, TypeAlias

from dbus_fast import BusType, Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"

_STEP_S = 0.01

_GONE = frozenset(
    f"org.freedesktop.DBus.Error.{name}" for name in ("ServiceUnknown", "UnknownObject")
)
"""The errors for a program, or one of its paths, that is no longer on the bus."""


class IconGoneError(AssertionError):
    """The icon no longer exists."""


class _Watcher(ServiceInterface):
    """Keeps the icons that have registered and whose programs still run."""

    def __init__(self, bus: MessageBus) -> None:
        super().__init__(WATCHER)
        self.items: list[tuple[str, str]] = []
        self.has_new_tooltip = asyncio.Event()
        self._sender = ""
        bus.add_message_handler(self._note)

    def _note(self, message: Message) -> None:
        if message.member == "RegisterStatusNotifierItem":
            self._sender = str(message.sender)
        elif message.member == "NameOwnerChanged" and message.body[2] == "":
            self.items = [item for item in self.items if item[0] != message.body[0]]
        elif message.member == "NewToolTip":
            self.has_new_tooltip.set()

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr) -> None:
        if service.startswith("/"):
            self.items.append((self._sender, service))
        else:
            self.items.append((service, "/StatusNotifierItem"))

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr) -> None:
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> Annotated[list[str], DBusSignature("as")]:
        return ["".join(item) for item in self.items]

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:
        return 0


class MenuRow(NamedTuple):
    """A row of an icon's menu."""

    id: int
    label: str
    is_enabled: bool
    is_visible: bool


Icon: TypeAlias = tuple[str, str]
"""The name of its program on the bus, and its path."""


class TrayHost:
    """A panel that shows nothing, but returns what it would show."""

    def __init__(self, address: str, *, icon: Icon | None = None) -> None:
        """Do not connect yet.

        Args:
            address: Of the bus.
            icon: An icon of another panel to inspect; None means to be a panel.
        """
        self._address = address
        self._icon = icon
        self._bus: MessageBus
        self._watcher: _Watcher

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(self._address, BusType.SESSION).connect()
        self._watcher = _Watcher(self._bus)
        self._bus.export("/StatusNotifierWatcher", self._watcher)
        dbus = "org.freedesktop.DBus"
        for member in ("NameOwnerChanged", "NewToolTip"):
            rule = f"type='signal',member='{member}'"
            await self._call(dbus, "/org/freedesktop/DBus", dbus, "AddMatch", "s", rule)
        if self._icon is None:
            await self._bus.request_name(WATCHER)
        else:
            self._watcher.items = [self._icon]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    @property
    def icon(self) -> Icon:
        """The first icon."""
        return self._watcher.items[0]

    @property
    def count(self) -> int:
        """The number of icons."""
        return len(self._watcher.items)

    async def wait_for_item(self, seconds: float = 20) -> None:
        """Wait until there is an icon."""
        await self._wait(lambda: self.count > 0, "no icon has registered", seconds)

    async def tooltip(self) -> str:
        """Return the icon's tooltip."""
        return str((await self._property("ToolTip"))[2])

    async def pixmap_sizes(self) -> list[int]:
        """Return the widths in which the icon is painted."""
        return [pixmap[0] for pixmap in await self._property("IconPixmap")]

    async def wait_for_tooltip(self, words: str, seconds: float = 20) -> float:
        """Wait until the tooltip contains some words, and return the seconds that it took."""
        begun = time.monotonic()
        while words not in (tooltip := await self._tooltip_if_any()):
            if time.monotonic() - begun > seconds:
                message = f"{words!r} is not in the tooltip: {tooltip!r}"
                raise AssertionError(message)
            await asyncio.sleep(_STEP_S)
        return time.monotonic() - begun

    async def _tooltip_if_any(self) -> str:
        """Return the icon's tooltip, or "" between one icon and the next."""
        try:
            return await self.tooltip() if self.count else ""
        except IconGoneError:
            return ""

    async def next_tooltip(self, seconds: float = 20) -> None:
        """Wait until the icon announces a new tooltip, without asking it."""
        self._watcher.has_new_tooltip.clear()
        await asyncio.wait_for(self._watcher.has_new_tooltip.wait(), seconds)

    async def menu(self) -> list[MenuRow]:
        """Return the rows of the icon's menu, without separators."""
        owner, _ = self.icon
        path = await self._property("Menu")
        _, (_, _, children) = await self._call(owner, path, MENU, "GetLayout", "iias", 0, -1, [])
        rows = []
        for child in children:
            number, properties, _ = child.value
            values = {name: variant.value for name, variant in properties.items()}
            if values.get("type") != "separator":
                rows.append(
                    MenuRow(
                        number,
                        values.get("label", "").replace("_", ""),
                        values.get("enabled", True),
                        values.get("visible", True),
                    )
                )
        return rows

    async def click(self, label: str) -> None:
        """Click the row of the menu with a label."""
        row = next(row for row in await self.menu() if row.label == label)
        path = await self._property("Menu")
        event = (row.id, "clicked", Variant("s", ""), 0)
        await self._call(self.icon[0], path, MENU, "Event", "isvu", *event)

    async def activate(self) -> None:
        """Click the icon."""
        owner, path = self.icon
        await self._call(owner, path, ITEM, "Activate", "ii", 5, 5)

    async def _property(self, name: str) -> Any:  # noqa: ANN401  # whatever type it has
        owner, path = self.icon
        (value,) = await self._call(owner, path, PROPERTIES, "Get", "ss", ITEM, name)
        return value.value

    async def _call(  # the parts of a message
        self, owner: str, path: str, interface: str, member: str, signature: str, *body: object
    ) -> list[Any]:
        reply = await self._bus.call(
            Message(
                destination=owner,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=list(body),
            )
        )
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            message = f"{member}: {reply.error_name} {reply.body}"
            raise IconGoneError(message) if reply.error_name in _GONE else AssertionError(message)
        return list(reply.body)

    @staticmethod
    async def _wait(condition: Callable[[], bool], complaint: str, seconds: float) -> None:
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                raise AssertionError(complaint)
            await asyncio.sleep(_STEP_S)
