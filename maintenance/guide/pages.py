"""The generated pages of the guide, and their mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maintenance.guide import commands, messages, reports, settings

if TYPE_CHECKING:
    from pathlib import Path

NOTE = (
    "<!-- Made by `python -m maintenance.guide`; change the code or the schema, not this page. -->"
)


def pages(docs: Path) -> dict[str, str]:
    """Return the generated pages by name.

    Args:
        docs: The folder of the guide, with the schemas in it.
    """
    made = {
        "settings.md": settings.page(),
        "command-line.md": commands.page(),
        "messages.md": messages.page(),
        "json.md": reports.page(docs / "schemas"),
    }
    return {name: f"{NOTE}\n\n{text.rstrip()}\n" for name, text in made.items()}
