"""Sets Claude Code's status line up: shows what would be written, writes it, and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QFontDatabase, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.settings_dialog.parts import (
    EDGE_PX,
    GROUP_PX,
    RELATED_PX,
    dialog_buttons,
    paragraph,
)
from spendlight.errors import UsageError
from spendlight.tracker.plan_setup import (
    HookState,
    SettingsChange,
    StatusLineHook,
    apply_change,
    install,
    undo_statusline,
)

translate = QCoreApplication.translate


Result = TypeVar("Result")


class HookWork(NamedTuple, Generic[Result]):
    """Something to do on another thread.

    Attributes:
        run: Does it.
        done: Takes what came of it.
        failed: Takes why nothing did.
    """

    run: Callable[[], Result]
    done: Callable[[Result], object]
    failed: Callable[[Exception], object]


class HookDialog(QDialog):
    """Makes Spendlight Claude Code's status line, beside the user's own one or instead of it.

    Signals:
        work_requested: It wants something done on another thread; carries `HookWork`.
        changed: Claude Code's settings have been changed.
    """

    work_requested = Signal(object)
    changed = Signal()

    def __init__(
        self, hooks: Sequence[StatusLineHook], command: str, parent: QWidget | None = None
    ) -> None:
        """Make the dialog.

        Args:
            hooks: What the status line is in each data folder; one at least.
            command: What it should run.
            parent: The window below it.
        """
        super().__init__(parent)
        self._hooks = hooks
        self._command = command
        self._change: SettingsChange | None = None
        self.setWindowTitle(translate("settings", "Hear of the plan’s limits"))
        self._folder = QComboBox()
        self._folder.addItems([hook.folder for hook in hooks])
        self._folder.setAccessibleName(translate("settings", "Data folder"))
        self._folder.setVisible(len(hooks) > 1)
        self._keeps_own = QCheckBox(
            translate("settings", "&Go on showing the status line there is, and only listen")
        )
        self._keeps_own.setChecked(True)
        self._diff = QPlainTextEdit()
        self._diff.setReadOnly(True)
        self._diff.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._diff.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._diff.setAccessibleName(
            translate("settings", "What is changed in the settings of Claude Code")
        )
        self._said = paragraph("", is_secondary=True)
        self._write = QPushButton(translate("settings", "Change the &settings"))
        self._undo = QPushButton(translate("settings", "&Undo the last change"))
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._write, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._undo, QDialogButtonBox.ButtonRole.ResetRole)
        self._lay_out(buttons)
        self._folder.currentIndexChanged.connect(self._look)
        self._keeps_own.toggled.connect(self._look)
        self._write.clicked.connect(self._apply)
        self._undo.clicked.connect(self._take_back)
        buttons.rejected.connect(self.reject)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what would change as soon as somebody can see it."""
        super().showEvent(event)
        self._look()

    @property
    def _hook(self) -> StatusLineHook:
        return self._hooks[max(0, self._folder.currentIndex())]

    def _look(self) -> None:
        hook, command = self._hook, self._command
        self._keeps_own.setVisible(hook.state is HookState.OTHER)
        is_chained = self._keeps_own.isChecked()
        self._write.setEnabled(False)

        def find() -> SettingsChange:
            return install(
                Path(hook.folder), command, is_chained=is_chained, is_replaced=not is_chained
            )

        self.work_requested.emit(HookWork(find, self._on_change, self._on_failed))

    def _apply(self) -> None:
        folder, change = Path(self._hook.folder), self._change
        if change is not None:
            self.work_requested.emit(
                HookWork(
                    lambda: apply_change(folder, change, datetime.now(UTC)),
                    self._on_applied,
                    self._on_failed,
                )
            )

    def _take_back(self) -> None:
        folder = Path(self._hook.folder)
        self.work_requested.emit(
            HookWork(
                lambda: apply_change(folder, undo_statusline(folder), datetime.now(UTC)),
                self._on_taken_back,
                self._on_failed,
            )
        )

    def _on_change(self, change: SettingsChange) -> None:
        self._change = change
        self._write.setEnabled(not change.is_nothing)
        self._diff.setPlainText(
            change.diff() or translate("settings", "This is how it is already.")
        )
        if not self._said.text():
            kept = translate("settings", "A copy of {path} is kept beside it.")
            self._said.setText(kept.format(path=change.path))

    def _on_applied(self, _: object) -> None:
        self._tell(translate("settings", "Done. It holds from Claude Code’s next answer on."))

    def _on_taken_back(self, _: object) -> None:
        self._tell(translate("settings", "Done. The status line is as it was before."))

    def _tell(self, text: str) -> None:
        self._said.setText(text)
        self._look()
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        told = f"{error.title}. {error.advice}" if isinstance(error, UsageError) else str(error)
        self._said.setText(told)

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        column.setSpacing(RELATED_PX)
        column.addWidget(
            paragraph(
                translate(
                    "settings",
                    "Claude Code tells how much of your plan is used to its status line, the line"
                    " below its prompt. With Spendlight as that line it knows, too.",
                )
            )
        )
        column.addWidget(self._folder)
        column.addWidget(self._keeps_own)
        column.addWidget(self._diff, 1)
        column.addWidget(self._said)
        column.addWidget(buttons)
        self.resize(640, 420)
