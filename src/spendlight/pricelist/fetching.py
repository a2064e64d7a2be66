"""The exchange with LiteLLM's server."""

from __future__ import annotations

from spendlight import online
from spendlight.online import Answer, FetchError
from spendlight.pricelist.files import MAX_BYTES

__all__ = ["HOST", "PRICES_URL", "Answer", "FetchError", "fetch"]

PRICES_URL = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
"""LiteLLM's list, which ccusage reads too; some 3 MB."""

HOST = PRICES_URL.split("/")[2]

DEADLINE_S = 40.0
"""10 Mbit/s needs 3."""


def fetch(etag: str, client: online.Client | None = None) -> Answer:
    """Ask for the list, and return what came within `DEADLINE_S`.

    Args:
        etag: What the server called the list that is known; empty where none is.
        client: How to ask; by default a client of its own.

    Raises:
        FetchError: There is no answer, or none that could be a list.
    """
    question = online.Question(PRICES_URL, HOST, "a price list", MAX_BYTES, DEADLINE_S)
    return online.fetch(question, etag, client)
