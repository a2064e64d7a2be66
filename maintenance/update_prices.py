"""Updates the shipped price lists from the newest LiteLLM package, and the steps of prices.

Run by `make prices`; `price_steps` says which changes of a list are steps.

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

from spendlight.pricelist.files import Models, as_text
from spendlight.pricelist.loading import PRICES_NAME
from spendlight.pricelist.others import OTHERS_NAME
from spendlight.pricelist.selecting import Selection, merge_models, select_models
from spendlight.pricelist.steps import STEPS_NAME

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
LIST_IN_WHEEL = "litellm/model_prices_and_context_window_backup.json"


def download(folder: Path) -> Path:
    """Download the newest LiteLLM package, without its dependencies, and return its path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
    subprocess.run([*command, str(folder), "--only-binary=:all:", "litellm"], check=True)
    return next(folder.glob("litellm-*.whl"))


def read_wheel(wheel: Path) -> tuple[str, Selection]:
    """Return the version of a LiteLLM package and the relevant part of its price list."""
    with zipfile.ZipFile(wheel) as archive:
        selection = select_models(json.loads(archive.read(LIST_IN_WHEEL)))
    return wheel.name.split("-")[1], selection


def changes(before: Models, after: Models) -> Iterator[str]:
    """Yield one line for each model that was added, removed or changed its price."""
    for name in sorted(after):
        old, new = before.get(name), after[name]
        if old is None:
            yield f"new      {name}"
        elif old != new:
            keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            told = ", ".join(f"{key} {old.get(key)} -> {new.get(key)}" for key in keys)
            yield f"{'retired' if keys == ['retired'] else 'changed'}  {name}: {told}"


def update(folder: Path, wheel: Path, dated: date) -> list[str]:
    """Update the price lists to that in a LiteLLM package and return what changed.

    Args:
        folder: Where the lists are, which keep every model they have.
        wheel: The package.
        dated: The date of the list; the files in the package have none.
    """
    version, fresh = read_wheel(wheel)
    told: list[str] = []
    for name, models in ((PRICES_NAME, fresh.claude), (OTHERS_NAME, fresh.others)):
        path = folder / name
        before: Models = json.loads(path.read_text("utf-8"))["models"] if path.exists() else {}
        after = merge_models(before, models)
        text = as_text(f"LiteLLM {version}", dated.isoformat(), after)
        path.write_text(text, encoding="utf-8", newline="\n")
        told += changes(before, after)
    return told


def main() -> None:
    """Renew the lists and print what changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, help="a local LiteLLM package instead of the newest")
    parser.add_argument("--no-steps", action="store_true", help="leave the steps of prices alone")
    arguments = parser.parse_args()
    wheel = arguments.wheel
    with tempfile.TemporaryDirectory() as folder:
        lines = update(RESOURCES, wheel or download(Path(folder)), datetime.now(UTC).date())
    if not arguments.no_steps:
        from maintenance import price_steps  # downloads other releases

        lines += price_steps.update(RESOURCES / STEPS_NAME)
    print("\n".join(lines) or "No price has changed.")


if __name__ == "__main__":
    main()
