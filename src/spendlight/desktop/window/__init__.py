"""The window: every figure, by page, as table and as picture.

How it hangs together::

    MainWindow         which page is shown, what led to it, what it asks; a RaisedWindow
      ├─ WindowFrame   around the pages: navigation, trail, range and filter (ScopeBar), notices
      ├─ Saver         writes tables and charts into files
      └─ PageBook      creates the pages, from the table of them (`pages`)
           └─ Page     asks its questions (`questions`), shows the answers (`show_answer`)
                ├─ Chart        legend, tooltip, keys, export and speech around a Surface
                │    └─ Surface    bars, areas and dots (pyqtgraph), shares, the calendar
                └─ ReportView   the table twin: a ReportModel above its pinned TotalModel

    a page's question ── Asking (numbers) ──▶ asked          ──▶ tracker.ask    ──▶ on_answer
    anything else     ── Work ──────────────▶ work_requested ──▶ another thread ──▶ the page

- A page asks questions of `tracker.questions` about the selected range and filter; a report is the
  same one that the terminal prints. A chart is computed from the rows of its table
  (`charts.data`), so the two cannot contradict each other.
- Only the last question of a page counts, and only the visible page asks.
- `Formats` writes every number, date and name: in the user's language, or "•••" in privacy mode.
- A model keeps its colour for ever: the order in which models were first seen is stored.
- Pages are created when they are first shown, pyqtgraph is imported on another thread, and a minute
  after the window was closed its pages are released.
"""

from __future__ import annotations

from spendlight.desktop.window.column_choices import ColumnChoices
from spendlight.desktop.window.main_window import MainWindow
from spendlight.desktop.window.page import Work

__all__ = ["ColumnChoices", "MainWindow", "Work"]
