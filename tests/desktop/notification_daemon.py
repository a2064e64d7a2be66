"""A notification service on a private bus that records what it is asked to show."""

# dbus-fast reads the annotations: no postponed ones in this file

import asyncio
import threading
from types import TracebackType
from typing import Annotated, NamedTuple, Self

from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

SERVICE = "org.freedesktop.Notifications"


class Shown(NamedTuple):
    """A notification it was asked to show."""

    number: int
    replaces: int
    title: str
    body: str
    actions: list[str]
    urgency: int
    icon: str


class _Service(ServiceInterface):
    def __init__(self, capabilities: list[str]) -> None:
        super().__init__(SERVICE)
        self.capabilities = capabilities
        self.shown: list[Shown] = []
        self.closed: list[int] = []
        self.clicks_at_once = False
        self.answers = asyncio.Event()
        self.answers.set()

    @dbus_method()
    def GetCapabilities(self) -> Annotated[list[str], DBusSignature("as")]:
        return self.capabilities

    @dbus_method()
    def GetServerInformation(self) -> Annotated[tuple[str, str, str, str], DBusSignature("ssss")]:
        return ("fake", "us", "1.2", "1.2")

    @dbus_method()
    async def Notify(  # noqa: PLR0913, PLR0917  # required by the specification
        self,
        _app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],
        hints: DBusDict,
        _expires: DBusInt32,
    ) -> DBusUInt32:
        await self.answers.wait()
        number = replaces or len(self.shown) + 1
        urgency = hints["urgency"]
        assert urgency.signature == "y"
        shown = Shown(number, replaces, title, body, actions, urgency.value, icon)
        task = asyncio.current_task()
        assert task is not None
        # called after dbus-fast's own callback, which sends the reply
        task.add_done_callback(lambda _: self._on_replied(shown))
        return number

    def _on_replied(self, shown: Shown) -> None:
        self.shown.append(shown)
        if self.clicks_at_once:
            self.ActionInvoked(shown.number, shown.actions[0])

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32) -> None:
        self.closed.append(number)

    @dbus_signal()
    def ActionInvoked(
        self, number: int, action: str
    ) -> Annotated[list[object], DBusSignature("us")]:
        return [number, action]


class NotificationDaemon:
    """Runs the service on its own thread.

    Args:
        bus: The address of the bus.
        capabilities: What it claims to support.
    """

    def __init__(self, bus: str, capabilities: tuple[str, ...] = ("actions", "body")) -> None:
        self._address = bus
        self._service = _Service(list(capabilities))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    @property
    def shown(self) -> list[Shown]:
        """The notifications it was asked to show so far."""
        return self._service.shown

    @property
    def closed(self) -> list[int]:
        """The notifications it was asked to close so far."""
        return self._service.closed

    def click_at_once(self) -> None:
        """From now on, click each notification as soon as it is shown."""
        self._service.clicks_at_once = True

    def hang(self) -> None:
        """Stop answering."""
        self._loop.call_soon_threadsafe(self._service.answers.clear)

    def click(self, number: int, action: str) -> None:
        """Do what a click does."""
        asyncio.run_coroutine_threadsafe(self._click(number, action), self._loop).result(10)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._service.answers.set)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _click(self, number: int, action: str) -> None:
        self._service.ActionInvoked(number, action)

    async def _begin(self) -> None:
        self._bus = await MessageBus(self._address).connect()
        self._bus.export("/org/freedesktop/Notifications", self._service)
        await self._bus.request_name(SERVICE)

    async def _end(self) -> None:
        self._bus.disconnect()
