"""Fetches LiteLLM's list from its server."""

from __future__ import annotations

from spendlight import online
from spendlight.online import FetchError, Response
from spendlight.pricelist.files import MAX_BYTES

__all__ = ["HOST", "PRICES_URL", "FetchError", "Response", "fetch"]

PRICES_URL = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
"""LiteLLM's list, which ccusage reads too; some 3 MB."""

HOST = PRICES_URL.split("/")[2]

DEADLINE_S = 40.0
"""10 Mbit/s needs 3."""


def fetch(etag: str, client: online.Client | None = None) -> Response:
    """Request the list, and return the response within `DEADLINE_S`.

    Args:
        etag: The server's tag of the known list; empty if there is none.
        client: The client; by default a new one.

    Raises:
        FetchError: If there is no response, or one that cannot be a list.
    """
    request = online.Request(PRICES_URL, HOST, "a price list", MAX_BYTES, DEADLINE_S)
    return online.fetch(request, etag, client)
