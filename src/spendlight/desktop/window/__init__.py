"""The window: every figure, by page, as table and as picture.

How it hangs together::

    MainWindow         which page is shown, what led to it, what it asks; a RaisedWindow
      ├─ WindowFrame   what stands around: navigation, trail, range and filter (ScopeBar), notices
      ├─ Saver         writes tables and charts into files
      └─ PageBook      makes the pages, by the table of them (`pages`)
           └─ Page     says what it wants to know (`questions`), shows what comes (`show_answer`)
                ├─ Chart        legend, tooltip, keys, export and speech around a Surface
                │    └─ Surface    bars, areas and dots (pyqtgraph), shares, the calendar
                └─ ReportView   the table twin: a ReportModel above its pinned TotalModel

    a page's question ── Asking (numbers) ──▶ asked          ──▶ tracker.ask    ──▶ on_answer
    anything else     ── Work ──────────────▶ work_requested ──▶ another thread ──▶ the page

- A page asks the questions of `tracker.questions` about what range and filter choose; a report is
  the same that the terminal prints. A chart is worked out from the rows of its own table
  (`charts.data`), so the two cannot contradict each other.
- Only the last question of a page counts, and only the page in sight asks.
- `Formats` writes every number, date and name: in the user's language, or "•••" in privacy mode.
- A model keeps its colour for ever: the order in which models were first seen is remembered.
- Pages are made when they are first shown, pyqtgraph is imported beside the window, and a minute
  after the window was closed its pages are given back.
"""

from __future__ import annotations

from spendlight.desktop.window.main_window import MainWindow
from spendlight.desktop.window.page import Work

__all__ = ["MainWindow", "Work"]
