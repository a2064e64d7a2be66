"""Sets up Claude Code's status line: asks where, and what to do with an existing one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from spendlight.desktop.change_dialog import ChangeDialog, Find
from spendlight.desktop.settings_dialog.parts import paragraph
from spendlight.tracker.plan_setup import HookState, StatusLineHook
from spendlight.tracker.settings_changes import install, statusline_undone

translate = QCoreApplication.translate


class HookDialog(ChangeDialog):
    """Makes Spendlight Claude Code's status line, besides the user's own one or replacing it."""

    def __init__(
        self, hooks: Sequence[StatusLineHook], command: str, parent: QWidget | None = None
    ) -> None:
        """Create the dialog.

        Args:
            hooks: The status line of each data folder; at least one.
            command: What it should run.
            parent: The parent window.
        """
        title = translate("settings", "Record plan limits")
        super().__init__(title, paragraph("", is_secondary=True), parent)
        self._hooks = hooks
        self._command = command
        self.applied = translate(
            "settings", "Done. It takes effect with Claude Code’s next answer."
        )
        self.undone = translate("settings", "Done. The previous status line is restored.")
        self._folder = QComboBox()
        self._folder.addItems([hook.folder for hook in hooks])
        self._folder.setAccessibleName(translate("settings", "Data folder"))
        self._folder.setVisible(len(hooks) > 1)
        self._keeps_own = QCheckBox(
            translate(
                "settings", "&Keep showing the current status line, and only record the limits"
            )
        )
        self._keeps_own.setChecked(True)
        about = paragraph(
            translate(
                "settings",
                "Claude Code passes the usage of your plan to its status line, the line below "
                "the prompt. If Spendlight provides that line, it can show your plan limits.",
            )
        )
        self.lay_out(about, self._folder, self._keeps_own)
        self._folder.currentIndexChanged.connect(self.look)
        self._keeps_own.toggled.connect(self.look)

    def wanted(self) -> Find:
        """Return the function that finds the change which makes Spendlight the status line."""
        hook, command = self._hook, self._command
        self._keeps_own.setVisible(hook.state is HookState.OTHER)
        is_chained = self._keeps_own.isChecked()
        folder = Path(hook.folder)
        return lambda: install(folder, command, is_chained=is_chained, is_replaced=not is_chained)

    def way_back(self) -> Find:
        """Return the function that finds the change which undoes the last one."""
        folder = Path(self._hook.folder)
        return lambda: statusline_undone(folder)

    @property
    def _hook(self) -> StatusLineHook:
        return self._hooks[max(0, self._folder.currentIndex())]
