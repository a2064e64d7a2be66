"""The page of data sources, and of where the figures are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QLocale, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QVBoxLayout

from spendlight.desktop.settings_dialog.agent_table import AgentTable
from spendlight.desktop.settings_dialog.hook_dialog import HookDialog
from spendlight.desktop.settings_dialog.parts import (
    BREAK,
    GROUP_PX,
    RELATED_PX,
    SettingsPage,
    paragraph,
)
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.plan import PlanWindow, Standing, standing
from spendlight.names import shown_lines
from spendlight.settings import Settings
from spendlight.tracker.plan_setup import HookState

if TYPE_CHECKING:
    from spendlight.tracker.health import HealthReport, RootHealth
    from spendlight.tracker.plan_setup import StatusLineHook

translate = QCoreApplication.translate

LINES: Final = 3
"""The number of visible lines of folders."""


class SourcesPage(SettingsPage):
    """Data folders, additional ones, plan limits, and the ledger.

    Signals:
        work_requested: A task for another thread; carries `ChangeTask`.
        sources_changed: What is shown may have changed.
    """

    work_requested = Signal(object)
    sources_changed = Signal()

    def __init__(self) -> None:
        super().__init__(translate("settings", "Data sources"))
        self._agents = AgentTable()
        self._agents.edited.connect(self.edited)
        self.column.addWidget(self._agents)
        self.add_group(translate("settings", "Folders of Claude Code"))
        self._roots = QVBoxLayout()
        self._roots.setSpacing(RELATED_PX // 4)
        self._roots.addWidget(paragraph(_looking()))
        self.column.addLayout(self._roots)
        self._unreadable = self.add_text()
        self._unreadable.hide()
        self._vms = self.add_check(translate("settings", "Read the logs of &virtual machines too"))
        self.add_group(translate("settings", "More folders"))
        self._hint = self.add_text(is_secondary=True)
        self._more = QPlainTextEdit()
        self._more.setAccessibleName(translate("settings", "More data folders, one per line"))
        self._more.setTabChangesFocus(True)
        self._more.setPlaceholderText("~/.claude-work")
        self._more.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        line = self._more.fontMetrics().lineSpacing()
        self._more.setFixedHeight(LINES * line + GROUP_PX)
        self._more.textChanged.connect(self.edited)
        self.column.addWidget(self._more)
        self._add = self.add_button(translate("settings", "A&dd folder…"))
        self._add.clicked.connect(self._add_folder)
        self.add_group(translate("settings", "Plan limits"))
        self._plan = self.add_text(_looking())
        self._set_up = self.add_button(translate("settings", "Set &up…"))
        self._set_up.setEnabled(False)
        self._set_up.clicked.connect(self._open_hook)
        self._hooks: tuple[StatusLineHook, ...] = ()
        self._hook_command = ""
        self.add_group(translate("settings", "Ledger"))
        self._ledger = self.add_text(_looking())
        self._extent = self.add_text(is_secondary=True)
        self._open = self.add_button(translate("settings", "Open &folder"))
        self._open.setEnabled(False)
        self._open.clicked.connect(self._open_folder)
        self._ledger_folder = ""
        self._show_listed(is_listed=False)
        self.finish()

    def show_sources(self, health: HealthReport, *, is_listed: bool) -> None:
        """Show what was found.

        Args:
            health: The folders, the logs in them, and the ledger.
            is_listed: Whether an environment variable lists the folders, so that there are no
                others.
        """
        self._show_listed(is_listed=is_listed)
        while (item := self._roots.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._agents.show_found(health)
        roots = [root for root in health.roots if root.agent == CLAUDE_CODE]
        for root in roots:
            self._roots.addWidget(paragraph(_breakable(root.folder)))
            found = paragraph(_root_words(root), is_secondary=True)
            found.setContentsMargins(0, 0, 0, RELATED_PX)
            self._roots.addWidget(found)
        if not roots:
            self._roots.addWidget(paragraph(translate("settings", "None")))
        count = len(health.unreadable)
        unreadable = translate("settings", "Files and folders that could not be read: {count}")
        self._unreadable.setText(unreadable.format(count=_number(count)))
        self._unreadable.setVisible(count > 0)
        self._plan.setText(plan_words(health))
        self._hooks, self._hook_command = health.hooks, health.hook_command
        self._set_up.setEnabled(bool(health.hooks))
        self._ledger.setText(_breakable(health.ledger_path))
        self._extent.setText(_extent_words(health))
        self._ledger_folder = str(Path(health.ledger_path).parent)
        self._open.setEnabled(True)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._agents.show_choices(settings.agents)
        self._vms.setChecked(settings.with_vms)
        self._more.setPlainText("\n".join(settings.config_dirs))

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        lines = (line.strip() for line in self._more.toPlainText().splitlines())
        folders = tuple(dict.fromkeys(line for line in lines if line))
        return replace(
            settings,
            agents=self._agents.choices,
            with_vms=self._vms.isChecked(),
            config_dirs=folders,
        )

    def _show_listed(self, *, is_listed: bool) -> None:
        listed = translate("settings", "CLAUDE_CONFIG_DIR is set, so these folders are not used.")
        plain = translate("settings", "One per line; each must contain a “projects” folder.")
        self._hint.setText(listed if is_listed else plain)
        self._more.setEnabled(not is_listed)
        self._add.setEnabled(not is_listed)

    def _add_folder(self) -> None:
        title = translate("settings", "Claude Code data folder")
        folder = QFileDialog.getExistingDirectory(self, title)
        if folder:
            lines = [line for line in self._more.toPlainText().splitlines() if line.strip()]
            self._more.setPlainText("\n".join([*lines, folder]))

    def _open_hook(self) -> None:
        dialog = HookDialog(self._hooks, self._hook_command, self)
        dialog.work_requested.connect(self.work_requested)
        dialog.changed.connect(self.sources_changed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._ledger_folder))


def _looking() -> str:
    return translate("settings", "Checking…")


def plan_words(health: HealthReport) -> str:
    """Return what is known about the plan limits, and whether they are received."""
    texts = {
        PlanWindow.FIVE_HOURS: translate("settings", "5-hour limit {percent} %"),
        PlanWindow.WEEK: translate("settings", "week {percent} %"),
    }
    running = [
        reading
        for reading in health.plan
        if health.at is not None
        and standing(reading, health.at) in {Standing.FRESH, Standing.STALE}
    ]
    heard = " · ".join(
        texts[reading.window].format(percent=int(reading.percent)) for reading in running
    )
    if heard:
        seen = f"{max(reading.seen_at for reading in running).astimezone():%Y-%m-%d %H:%M}"
        text = translate("settings", "{limits}, reported by Claude Code {time}.")
        heard = text.format(limits=heard, time=seen)
    return " ".join(part for part in (heard, _hook_words(health, is_heard=bool(heard))) if part)


def _hook_words(health: HealthReport, *, is_heard: bool) -> str:
    states = {HookState.MISSING if hook.gone else hook.state for hook in health.hooks}
    if HookState.OURS in states:
        heard = translate("settings", "Spendlight is Claude Code’s status line.")
        waiting = translate(
            "settings",
            "Spendlight is Claude Code’s status line; on Pro and Max plans, the limits arrive "
            "with the next answer.",
        )
        return heard if is_heard else waiting
    if HookState.OTHER in states:
        return translate(
            "settings",
            "Claude Code passes them to another status line; Spendlight can record them as well.",
        )
    if not states:
        return translate("settings", "Unknown, because Claude Code was not found.")
    return translate(
        "settings", "Claude Code passes them to its status line. Set up Spendlight as that line."
    )


def _root_words(root: RootHealth) -> str:
    if root.files == 1:
        parts = [translate("settings", "1 log")]
    elif root.files or root.exists:
        parts = [translate("settings", "{count} logs").format(count=_number(root.files))]
    else:
        parts = [translate("settings", "does not exist")]
    if root.gone:
        gone = translate("settings", "{count} deleted, still counted")
        parts.append(gone.format(count=_number(root.gone)))
    if root.machine:
        parts.append(translate("settings", "machine {name}").format(name=root.machine))
    return " · ".join(parts)


def _extent_words(health: HealthReport) -> str:
    count = health.answers
    answers = translate("settings", "{count} answers").format(count=_number(count))
    size = QLocale().toString(health.ledger_bytes / 1e6, "f", 1)
    parts = (
        translate("settings", "1 answer") if count == 1 else answers,
        translate("settings", "{size} MB").format(size=size),
    )
    return " · ".join(parts)


def _breakable(path: str) -> str:
    """Return a path that can wrap after its slashes."""
    path = shown_lines(path)
    return path.replace("/", f"/{BREAK}").replace("\\", f"\\{BREAK}")


def _number(count: int) -> str:
    return QLocale().toString(float(count), "f", 0)
