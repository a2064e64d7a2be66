"""Shows alerts as notifications, and opens them when the user clicks on one."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, Signal

from spendlight.desktop.alert_words import alert_texts
from spendlight.desktop.notifications import TEST_KEY, Notifier
from spendlight.desktop.tray import Mute
from spendlight.metering.budgets import Alert, Severity
from spendlight.metering.project_names import project_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.desktop.words import Situation
    from spendlight.metering.budgets import AlertPolicy

REMEMBERED: Final = 50
"""The number of alerts that can still be clicked on."""


class AlertBell(QObject):
    """Passes alerts to the notifier.

    Signals:
        opened: The user wants to see what caused an alert; carries it, or None for the test.
        muted: The user wants no alerts for an hour.
    """

    opened = Signal(object)
    muted = Signal()

    def __init__(self, notifier: Notifier, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notifier = notifier
        self._told: OrderedDict[str, Alert] = OrderedDict()
        notifier.activated.connect(self._on_activated)
        notifier.muted.connect(lambda _: self.muted.emit())

    def tell(self, alerts: Iterable[Alert], situation: Situation) -> None:
        """Show alerts, without amounts if these are hidden."""
        for alert in alerts:
            names = project_names([alert.budget.project]) if alert.budget.project else {}
            texts = alert_texts(alert, situation.now, situation.zone, names)
            hidden = QCoreApplication.translate("alerts", "Amounts are hidden.")
            self._told[alert.key] = alert
            if len(self._told) > REMEMBERED:
                self._told.popitem(last=False)
            self._notifier.notify(
                alert.key,
                texts.title,
                hidden if situation.is_private else texts.body,
                is_critical=alert.severity is Severity.CRITICAL,
                replaces_key=alert.budget.name,
            )

    def _on_activated(self, key: str) -> None:
        alert = self._told.get(key)
        if alert is not None or key == TEST_KEY:
            self.opened.emit(alert)


def may_disturb(policy: AlertPolicy, muted_until: datetime | None, situation: Situation) -> bool:
    """Return whether other notifications may be shown now, given quiet hours and muting."""
    is_muted = muted_until is not None and situation.now < muted_until
    return not is_muted and not policy.is_quiet(situation.now, situation.zone)


def muted_until(mute: Mute, situation: Situation) -> datetime | None:
    """Return until when alerts are muted, or None if they are not."""
    now = situation.now
    match mute:
        case Mute.NOT:
            return None
        case Mute.HOUR:
            return now + timedelta(hours=1)
        case Mute.TOMORROW:
            tomorrow = now.astimezone(situation.zone) + timedelta(days=1)
            return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)
        case Mute.RESET:
            block = situation.snapshot.block if situation.snapshot else None
            is_active = block is not None and block.is_present(now)
            return block.end if block and is_active else now + timedelta(hours=1)
