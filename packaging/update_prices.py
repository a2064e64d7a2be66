"""Renews the price list that ships, from the newest LiteLLM package. Run by `make prices`.

Models that LiteLLM has dropped keep their last price, or old logs would lose their cost.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from spendlight.pricelist import PRICES_NAME, Models, merge_models, select_models

PRICES = Path(__file__).resolve().parents[1] / "resources" / PRICES_NAME
LIST_IN_WHEEL = "litellm/model_prices_and_context_window_backup.json"


def download(folder: Path) -> Path:
    """Download the newest LiteLLM package, without what it depends on, and return its path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
    subprocess.run([*command, str(folder), "--only-binary=:all:", "litellm"], check=True)
    return next(folder.glob("litellm-*.whl"))


def read_wheel(wheel: Path) -> tuple[str, Models]:
    """Return the version of a LiteLLM package and the models in its price list."""
    with zipfile.ZipFile(wheel) as archive:
        models = select_models(json.loads(archive.read(LIST_IN_WHEEL)))
    return wheel.name.split("-")[1], models


def changes(before: Models, after: Models) -> Iterator[str]:
    """Yield one line for each model that came, went or changed its price."""
    for name in sorted(after):
        old, new = before.get(name), after[name]
        if old is None:
            yield f"new      {name}"
        elif old != new:
            keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            told = ", ".join(f"{key} {old.get(key)} -> {new.get(key)}" for key in keys)
            yield f"{'retired' if keys == ['retired'] else 'changed'}  {name}: {told}"


def as_text(source: str, dated: date, models: Models) -> str:
    """Return the price list as text, sorted, one line for each model."""
    lines = (
        f"{json.dumps(name)}:{json.dumps(models[name], sort_keys=True, separators=(',', ':'))}"
        for name in sorted(models)
    )
    head = f'{{"source":{json.dumps(source)},"dated":"{dated}","models":{{\n'
    return head + ",\n".join(lines) + "\n}}\n"


def update(prices: Path, wheel: Path, dated: date) -> list[str]:
    """Bring a price list up to the one in a LiteLLM package and return what changed.

    Args:
        prices: The list, which keeps every model it has.
        wheel: The package.
        dated: The day on which it is the newest; the files in it carry no date of their own.
    """
    before: Models = json.loads(prices.read_text(encoding="utf-8"))["models"]
    version, fresh = read_wheel(wheel)
    after = merge_models(before, fresh)
    prices.write_text(as_text(f"LiteLLM {version}", dated, after), encoding="utf-8", newline="\n")
    return list(changes(before, after))


def main() -> None:
    """Renew the list and print what changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, help="a LiteLLM package at hand, not the newest")
    wheel = parser.parse_args().wheel
    with tempfile.TemporaryDirectory() as folder:
        lines = update(PRICES, wheel or download(Path(folder)), datetime.now(UTC).date())
    print("\n".join(lines) or "No price has changed.")


if __name__ == "__main__":
    main()
