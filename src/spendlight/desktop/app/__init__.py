"""The desktop application: creates its parts and connects them."""

from __future__ import annotations

from spendlight.desktop.app.desktop import Desktop
from spendlight.desktop.app.looks import glyph_of
from spendlight.desktop.app.running import main

__all__ = ["Desktop", "glyph_of", "main"]
