"""Shows desktop notifications, and reports what the user did with them."""

from __future__ import annotations

import logging
import os
import queue
import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCoreApplication, QObject, Signal

from spendlight.assets import resource

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

translate = QCoreApplication.translate
log = logging.getLogger(__name__)

SERVICE: Final = "org.freedesktop.Notifications"
OBJECT_PATH: Final = "/org/freedesktop/Notifications"

REPLY_S: Final = 3.0
"""How long the notification service may take to answer."""

END_S: Final = 1.0
"""How long the program waits for it when it ends."""

TEST_KEY: Final = "test"

_OPEN = "default"
_MUTE = "mute"
_NORMAL, _CRITICAL = 1, 2
_NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class _Wish:
    """A notification to show."""

    key: str
    title: str
    body: str
    is_critical: bool
    replaces_key: str
    button: str
    can_mute: bool


class NoServiceError(Exception):
    """There is no bus, no notification service on it, or no answer from it."""


class Notifier(QObject):
    """Shows notifications with the desktop's service if there is one, otherwise with a fallback.

    The service is called on its own thread, which starts with the first notification and sleeps
    whenever there is nothing to do. The same connection sends and listens, as the service answers
    only the sender.

    Signals:
        activated: The user wants to see what is behind a notification; carries its key.
        muted: The user wants no more of them for an hour; carries the key.
        delivery_changed: How notifications are shown; carries words for the settings.
    """

    activated = Signal(str)
    muted = Signal(str)
    delivery_changed = Signal(str)
    _undelivered = Signal(object)

    def __init__(
        self,
        show_message: Callable[[str, str, bool], None],
        parent: QObject | None = None,
        *,
        has_service: bool = sys.platform not in ("win32", "darwin"),
    ) -> None:
        """Create a notifier.

        Args:
            show_message: The fallback: takes a title, a text, and whether they are critical.
            parent: The owner.
            has_service: Whether this system may have such a service.
        """
        super().__init__(parent)
        self._show_message = show_message
        self._has_service = has_service
        self._shown_by_fallback = ""
        self._delivery = translate("notifications", "Notifications are shown by the tray icon.")
        self._thread: _ServiceThread | None = None
        self._undelivered.connect(self._fall_back)

    @property
    def delivery(self) -> str:
        """How notifications are shown, as far as known."""
        return self._delivery

    def notify(  # noqa: PLR0913  # a notification has this many properties
        self,
        key: str,
        title: str,
        body: str,
        *,
        is_critical: bool,
        replaces_key: str = "",
        button: str = "",
        can_mute: bool = True,
    ) -> None:
        """Show a notification.

        Args:
            key: Returned when the user does something with it.
            title: One line.
            body: The rest, as plain text.
            is_critical: Whether it stays until the user has seen it.
            replaces_key: Replaces the last one with the same value.
            button: The label of its button; by default that opens the window.
            can_mute: Whether there is a button to mute alerts.
        """
        wish = _Wish(
            key,
            title,
            body,
            is_critical,
            replaces_key,
            button or translate("notifications", "Open"),
            can_mute,
        )
        if not self._has_service:
            self._fall_back(wish)
            return
        if self._thread is None:
            self._thread = _ServiceThread(self)
            self._thread.start()
        self._thread.wish(wish)

    def send_test(self) -> None:
        """Show a test notification."""
        self.notify(
            TEST_KEY,
            translate("notifications", "Notifications work"),
            translate("notifications", "Alerts about your budgets will look like this."),
            is_critical=False,
            replaces_key=TEST_KEY,
            can_mute=False,
        )

    def message_clicked(self) -> None:
        """Handle a click on a message of the fallback."""
        if self._shown_by_fallback:
            self.activated.emit(self._shown_by_fallback)

    def shut_down(self) -> None:
        """Listen no more."""
        if self._thread is not None:
            self._thread.end()
            self._thread = None

    def on_delivery(self, words: str) -> None:
        """Set how notifications are shown; called on the thread."""
        if words != self._delivery:
            self._delivery = words
            self.delivery_changed.emit(words)

    def on_undelivered(self, wish: object) -> None:
        """Show with the fallback what could not be shown; called on the thread."""
        self._undelivered.emit(wish)

    def _fall_back(self, wish: _Wish) -> None:
        self._shown_by_fallback = wish.key
        self._show_message(wish.title, wish.body, wish.is_critical)


class _ServiceThread(threading.Thread):
    """Communicates with the service; sleeps on the socket and on a pipe that wakes it."""

    def __init__(self, notifier: Notifier) -> None:
        super().__init__(name="notifications")
        self._notifier = notifier
        self._wishes: queue.SimpleQueue[_Wish] = queue.SimpleQueue()
        self._wake_read, self._wake_write = os.pipe()
        self._ends = threading.Event()
        self._connection: DBusConnection | None = None
        self._capabilities: frozenset[str] = frozenset()
        self._keys: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._is_outdated = False

    def wish(self, wish: _Wish) -> None:
        """Request a notification; from any thread."""
        self._wishes.put(wish)
        os.write(self._wake_write, b".")

    def end(self) -> None:
        """End it; from any thread."""
        self._ends.set()
        os.write(self._wake_write, b".")
        self.join(END_S)

    def run(self) -> None:
        """Show requested notifications, and report the user's actions."""
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        try:
            while not self._ends.is_set():
                ready = {number for number, _ in poll.poll()}
                if self._wake_read in ready:
                    os.read(self._wake_read, 1024)
                before = self._socket()
                if before in ready:
                    self._listen()
                if self._is_outdated:
                    self._disconnect()
                while not self._ends.is_set() and not self._wishes.empty():
                    self._show(self._wishes.get())
                self._listen()  # what arrived together with an answer no longer wakes `poll`
                after = self._socket()
                if before != after:
                    if before is not None:
                        poll.unregister(before)
                    if after is not None:
                        poll.register(after, select.POLLIN)
        finally:
            self._disconnect()

    def _socket(self) -> int | None:
        return None if self._connection is None else int(self._connection.sock.fileno())

    def _show(self, wish: _Wish) -> None:
        try:
            try:
                number = self._notify(wish)
            except (ConnectionError, EOFError):  # the bus was restarted
                self._disconnect()
                number = self._notify(wish)
        except (NoServiceError, OSError, EOFError) as error:
            log.info("No notification service: %s", error)
            self._disconnect()
            self._notifier.on_delivery(
                translate(
                    "notifications",
                    "No notification service is running, so the tray icon shows them.",
                )
            )
            self._notifier.on_undelivered(wish)
            return
        self._keys[number] = wish.key
        if wish.replaces_key:
            self._numbers[wish.replaces_key] = number

    def _notify(self, wish: _Wish) -> int:
        """Make the service show a notification, and return its number."""
        from html import escape  # large

        if self._is_outdated:
            self._disconnect()
        if self._connection is None:
            self._connect()
        actions: list[str] = []
        if "actions" in self._capabilities:
            actions = [_OPEN, wish.button]
            if wish.can_mute:
                actions += [_MUTE, translate("notifications", "Mute for 1 hour")]
        has_markup = "body-markup" in self._capabilities
        answer = self._ask(
            "Notify",
            "susssasa{sv}i",
            (
                "Spendlight",
                self._numbers.get(wish.replaces_key, 0) if wish.replaces_key else 0,
                _icon(),
                wish.title,
                escape(wish.body, quote=False) if has_markup else wish.body,
                actions,
                {
                    "urgency": ("y", _CRITICAL if wish.is_critical else _NORMAL),
                    "desktop-entry": ("s", "spendlight"),
                },
                _NO_LIMIT,
            ),
        )
        return int(answer[0])

    def _connect(self) -> None:
        from jeepney import MatchRule, message_bus  # rarely needed
        from jeepney.io.blocking import open_dbus_connection

        try:
            self._connection = open_dbus_connection(bus="SESSION")
        except (OSError, KeyError, ValueError) as error:
            raise NoServiceError(str(error) or type(error).__name__) from error
        for rule in (
            MatchRule(type="signal", interface=SERVICE, path=OBJECT_PATH),
            MatchRule(type="signal", sender=message_bus.bus_name, member="NameOwnerChanged"),
        ):
            self._connection.send(message_bus.AddMatch(rule))
        self._capabilities = frozenset(self._ask("GetCapabilities")[0])
        name, _, version, _ = self._ask("GetServerInformation")
        words = translate("notifications", "Notifications are shown by {service}.")
        self._notifier.on_delivery(words.format(service=f"{name} {version}".strip()))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._is_outdated = False
        self._keys.clear()
        self._numbers.clear()

    def _ask(self, member: str, signature: str = "", body: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        """Return the service's answer; other messages are handled meanwhile.

        Raises:
            NoServiceError: If there is none, or it does not answer.
        """
        from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

        connection = self._connection
        if connection is None:
            raise NoServiceError
        address = DBusAddress(OBJECT_PATH, SERVICE, SERVICE)
        call = new_method_call(address, member, signature or None, body)
        serial = next(connection.outgoing_serial)
        connection.send(call, serial=serial)
        latest = time.monotonic() + REPLY_S
        while (left := latest - time.monotonic()) > 0 and not self._ends.is_set():
            try:
                message = connection.receive(timeout=min(left, END_S / 2))
            except TimeoutError:
                continue
            if message.header.fields.get(HeaderFields.reply_serial) != serial:
                self._on_message(message)
            elif message.header.message_type is MessageType.error:
                raise NoServiceError(message.header.fields.get(HeaderFields.error_name, ""))
            else:
                return tuple(message.body)
        reason = "it does not answer"
        raise NoServiceError(reason)

    def _listen(self) -> None:
        """Handle the messages that have arrived."""
        while self._connection is not None:
            try:
                message = self._connection.receive(timeout=0)
            except TimeoutError:
                return
            except (OSError, EOFError) as error:
                log.info("The session bus was lost: %s", error)
                self._disconnect()
                return
            self._on_message(message)

    def _close(self, number: int) -> None:
        """Close a notification that was answered, as some services leave it open."""
        from jeepney import DBusAddress, MessageFlag, new_method_call

        if self._connection is not None:
            address = DBusAddress(OBJECT_PATH, SERVICE, SERVICE)
            call = new_method_call(address, "CloseNotification", "u", (number,))
            call.header.flags |= MessageFlag.no_reply_expected
            with suppress(OSError):  # listening will notice that the bus is gone
                self._connection.send(call)

    def _on_message(self, message: Message) -> None:
        from jeepney import HeaderFields

        member = message.header.fields.get(HeaderFields.member)
        if member == "ActionInvoked":
            number, action = message.body
            key = self._keys.get(number)
            if key is None:
                return
            self._close(number)
            if action == _OPEN:
                self._notifier.activated.emit(key)
            elif action == _MUTE:
                self._notifier.muted.emit(key)
        elif member == "NotificationClosed":
            number = message.body[0]
            self._keys.pop(number, None)
            self._numbers = {key: one for key, one in self._numbers.items() if one != number}
        elif member == "NameOwnerChanged" and message.body[0] == SERVICE and message.body[1]:
            self._is_outdated = True  # a new service does not know earlier notifications


def _icon() -> str:
    """Return the URL of our icon, which the desktop's icon theme may not contain."""
    return Path(str(resource("icons", "app", "spendlight-48.png"))).as_uri()
