"""Synthetic Claude Code logs: for looking around without Claude Code, for tests and for benchmarks.

The lines look like real ones, with everything that makes real ones hard to count: an answer logged
up to four times as it streams, old lines copied into resumed sessions, subagents with their own
files whose usage is repeated in the parent, usage quoted in text, lines of hundreds of kilobytes.
The writer returns the true totals, to compare a count with.
"""

from spendlight.demo.shape import DEMO, DemoShape, DemoTokens, DemoWritten, corpus
from spendlight.demo.writing import append_exchange, write_logs

__all__ = [
    "DEMO",
    "DemoShape",
    "DemoTokens",
    "DemoWritten",
    "append_exchange",
    "corpus",
    "write_logs",
]
