"""Makers of price lists, in files and in memory."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from spendlight import assets
from spendlight.metering.pricing import PricingTable
from spendlight.pricelist.loading import PRICES_NAME, load_prices

SHIPPED = json.loads(assets.resource(PRICES_NAME).read_bytes())
NOW = datetime.combine(date.fromisoformat(SHIPPED["dated"]), datetime.min.time(), UTC) + timedelta(
    days=30
)
OPUS = {"input_cost_per_token": 5e-6, "output_cost_per_token": 25e-6}
NEW_MODELS = {f"claude-nova-{number}": OPUS for number in range(1, 13)}


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_fetched(folder: Path, at: datetime, models: object, etag: str = '"1"') -> None:
    write(folder / PRICES_NAME, {"fetched_at": at.isoformat(), "etag": etag, "models": models})


def load(folder: Path) -> PricingTable:
    return load_prices(file=None, cache_dir=folder)


def input_price(table: PricingTable, model: str) -> float | None:
    price = table.find(model)
    return None if price is None else price.input
