"""The table of coding agents: which are read, where, and what was found there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.settings_dialog.parts import (
    EDGE_PX,
    RELATED_PX,
    RIGHT,
    plain_button,
    ticked_table,
)
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.names import hint, shown
from spendlight.settings import AgentChoices
from spendlight.tracker.agents import in_order, known_agents, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.tracker.health import HealthReport, RootHealth

translate = QCoreApplication.translate

_FOLDER: Final = 1
_FOUND: Final = 2
"""Column numbers."""

ROWS: Final = 6
"""The number of visible agents; more are scrolled."""

_NAME: Final = Qt.ItemDataRole.UserRole


class AgentTable(QWidget):
    """All agents, with checkboxes, and buttons to change where one is looked for.

    Claude Code's folders have their own fields.

    Signals:
        edited: The user has changed something.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choices = AgentChoices()
        self._roots: dict[str, list[RootHealth]] = {}
        self._is_known = False
        self._table = ticked_table(
            translate("settings", "Coding agents"),
            [
                translate("settings", "Agent"),
                translate("settings", "Data folder"),
                translate("settings", "Logs"),
            ],
            stretched=_FOLDER,
            right=_FOUND,
        )
        self._table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.itemChanged.connect(self._on_ticked)
        self._table.itemSelectionChanged.connect(self._on_selected)
        self._choose = plain_button(translate("settings", "&Choose folder…"))
        self._usual = plain_button(translate("settings", "Use default fo&lder"))
        self._choose.clicked.connect(self._choose_folder)
        self._usual.clicked.connect(self._use_default)
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED_PX)
        for button in (self._choose, self._usual):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(RELATED_PX)
        column_.addWidget(self._table)
        column_.addLayout(buttons)
        self._show()

    @property
    def choices(self) -> AgentChoices:
        """Which agents are read, and where."""
        return self._choices

    def show_choices(self, choices: AgentChoices) -> None:
        """Show what was chosen."""
        self._choices = choices
        self._show()

    def show_found(self, health: HealthReport) -> None:
        """Show what was found of each agent."""
        self._is_known = True
        self._roots = {}
        for root in health.roots:
            self._roots.setdefault(root.agent, []).append(root)
        self._show()

    def _show(self) -> None:
        chosen = self._agent()
        off, named = set(self._choices.off), dict(self._choices.folders)
        agents = {*known_agents(), *off, *named}
        row_px = self.fontMetrics().height() + RELATED_PX
        self._table.blockSignals(True)  # noqa: FBT003  # as Qt has it
        self._table.clear()
        for agent in sorted(agents, key=self._in_order):
            folders = self._folders_of(agent)
            more = f" +{len(folders) - 1}" if len(folders) > 1 else ""
            folder = f"{shown(folders[0])}{more}" if folders else ""
            texts = [title_of(agent), folder, self._found_words(agent)]
            item = QTreeWidgetItem(texts)
            item.setData(0, _NAME, agent)
            item.setCheckState(
                0, Qt.CheckState.Unchecked if agent in off else Qt.CheckState.Checked
            )
            item.setTextAlignment(_FOUND, RIGHT)
            item.setToolTip(_FOLDER, hint("\n".join(map(shown, folders))))
            for column in (0, _FOUND):
                width = self.fontMetrics().horizontalAdvance(texts[column]) + EDGE_PX
                box = self._table.iconSize().width() + EDGE_PX if column == 0 else 0
                item.setSizeHint(column, QSize(width + box, row_px))
            self._table.addTopLevelItem(item)
            if agent == chosen:
                self._table.setCurrentItem(item)
        self._table.blockSignals(False)  # noqa: FBT003  # as Qt has it
        row = self._table.sizeHintForRow(0)
        header = self._table.header().sizeHint().height()
        rows = min(len(agents), ROWS)
        self._table.setFixedHeight(header + rows * row + 2 * self._table.frameWidth())
        self._on_selected()

    def _in_order(self, agent: str) -> tuple[bool, tuple[int, str]]:
        """Return what agents are sorted by: those that were found or changed are first."""
        is_chosen = agent in self._choices.off or agent in dict(self._choices.folders)
        return (not (is_chosen or self._folders_of(agent)), in_order(agent))

    def _folders_of(self, agent: str) -> Sequence[str]:
        named = dict(self._choices.folders).get(agent)
        return named or [root.folder for root in self._roots.get(agent, ()) if not root.machine]

    def _found_words(self, agent: str) -> str:
        if agent in self._choices.off:
            return translate("settings", "off")
        if not self._is_known:
            return ""
        roots = self._roots.get(agent, ())
        if not any(root.exists for root in roots):
            return translate("settings", "not found")
        return QLocale().toString(float(sum(root.files for root in roots)), "f", 0)

    def _agent(self) -> str:
        """Return the agent that is selected, or ""."""
        items = self._table.selectedItems()
        return str(items[0].data(0, _NAME)) if items else ""

    def _on_selected(self) -> None:
        agent = self._agent()
        is_other = bool(agent) and agent != CLAUDE_CODE
        self._choose.setEnabled(is_other)
        self._usual.setEnabled(is_other and agent in dict(self._choices.folders))

    def _on_ticked(self, item: QTreeWidgetItem, _: int) -> None:
        agent = str(item.data(0, _NAME))
        off = {*self._choices.off} - {agent}
        if item.checkState(0) is Qt.CheckState.Unchecked:
            off.add(agent)
        self._choices = replace(self._choices, off=tuple(sorted(off, key=in_order)))
        self._table.blockSignals(True)  # noqa: FBT003  # as Qt has it
        item.setText(_FOUND, self._found_words(agent))  # the rows stay where they are
        self._table.blockSignals(False)  # noqa: FBT003  # as Qt has it
        self.edited.emit()

    def _choose_folder(self) -> None:
        agent = self._agent()
        title = translate("settings", "Data folder of {agent}").format(agent=title_of(agent))
        folder = QFileDialog.getExistingDirectory(self, title)
        if folder:
            self._change(dict(self._choices.folders) | {agent: (folder,)})

    def _use_default(self) -> None:
        agent = self._agent()
        others = {name: of for name, of in self._choices.folders if name != agent}
        self._change(others)

    def _change(self, folders: dict[str, tuple[str, ...]]) -> None:
        self._choices = replace(self._choices, folders=tuple(folders.items()))
        self._show()
        self.edited.emit()
