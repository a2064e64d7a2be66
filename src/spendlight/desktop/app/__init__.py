"""The desktop application: creates its parts and connects them."""

from __future__ import annotations

from spendlight.desktop.app.desktop import Desktop
from spendlight.desktop.app.looks import glyph_of
from spendlight.desktop.app.running import BACKGROUND_NICENESS, PARSE_THREADS, main

__all__ = ["BACKGROUND_NICENESS", "PARSE_THREADS", "Desktop", "glyph_of", "main"]
