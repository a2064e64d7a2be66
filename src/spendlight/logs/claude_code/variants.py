"""Maps a log's model, speed and region to the variant that decides the price."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from spendlight.metering.entry import ModelVariant, Role

if TYPE_CHECKING:
    from spendlight.logs.claude_code.usual import ModelKey

_NEUTRAL_GEOS: Final = frozenset({"", "global", "not_available"})
"""Values of ``inference_geo`` that never change a price."""


@lru_cache(maxsize=256)
def variant_of(key: ModelKey) -> ModelVariant:
    """Return the variant of a logged model, speed, region and refusal."""
    model, speed, geo, is_refused = key
    role = Role.REFUSED if is_refused else Role.ANSWER
    return ModelVariant(model or "", speed == "fast", priced_geo(geo), role)


@lru_cache(maxsize=256)
def number_of(variant: ModelVariant) -> int:
    """Return a variant's number; cached, as it is slow to compute."""
    return variant.number


def priced_geo(logged: str | None) -> str:
    """Return the region of an answer, if it changes the price."""
    return "" if logged is None or logged in _NEUTRAL_GEOS else logged
