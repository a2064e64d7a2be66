"""Updates the shipped steps of prices from LiteLLM's releases: dated snapshots of its list.

One release for each half of a month is looked at, as pip finds it with ``--uploaded-prior-to``. A
step is a change that the maker of a model has made, not a correction of the list:

- of the maker's own entry: its name has no seller, or the maker as the seller;
- of the price of input or output; where only others change, the list was completed or corrected;
- from a price to another that both were in two snapshots in a row at least.

It begins on the day of the first snapshot that has the new price; the earlier price is the one in
the last snapshot before. Anthropic's models are left out: it has not changed a price since there
has been Claude Code (2025-02-24), only the list has. Run by `make prices`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from spendlight.pricelist.files import Models
from spendlight.pricelist.selecting import select_models
from spendlight.pricelist.steps import base_prices, is_makers_own, only_prices

LIST_IN_WHEEL: Final = "litellm/model_prices_and_context_window_backup.json"

FIRST: Final = date(2023, 11, 1)
"""There is no list in earlier releases."""

_HALVES: Final = (1, 16)
_AT_LEAST: Final = 2
"""In how many snapshots in a row a price must be."""


class Snapshot(NamedTuple):
    """The list on a day.

    Attributes:
        day: The day, at whose beginning in UTC this was the newest release.
        version: The version of the release.
        models: The models of other makers than Anthropic.
    """

    day: date
    version: str
    models: Models


class _Run(NamedTuple):
    """A price that was in some snapshots in a row."""

    price: tuple[str, ...]
    listed: list[tuple[Snapshot, dict[str, object]]]


def days(first: date, last: date) -> Iterator[date]:
    """Yield the days on which to look at the list."""
    for year in range(first.year, last.year + 1):
        for month in range(1, 13):
            for day in _HALVES:
                if first <= (found := date(year, month, day)) <= last:
                    yield found


def steps_of(snapshots: Sequence[Snapshot]) -> dict[str, list[dict[str, object]]]:
    """Return the earlier prices of models, the oldest first, by name.

    Args:
        snapshots: By day, ascending.
    """
    names = sorted({name for snapshot in snapshots for name in snapshot.models})
    found = {name: _steps(name, snapshots) for name in names if is_makers_own(name)}
    return {name: steps for name, steps in found.items() if steps}


def _steps(name: str, snapshots: Sequence[Snapshot]) -> list[dict[str, object]]:
    listed = [(one, one.models[name]) for one in snapshots if name in one.models]
    runs = [
        _Run(price, list(run)) for price, run in groupby(listed, lambda each: base_prices(each[1]))
    ]
    lasting = [run for run in runs if len(run.listed) >= _AT_LEAST]
    joined = [list(same) for _, same in groupby(lasting, lambda run: run.price)]
    steps: list[dict[str, object]] = []
    for before, after in pairwise(joined):
        snapshot, entry = before[-1].listed[-1]
        steps.append(
            {
                "until": after[0].listed[0][0].day.isoformat(),
                "source": f"LiteLLM {snapshot.version}",
                "prices": only_prices(entry),
            }
        )
    return steps


def merged(
    known: dict[str, list[dict[str, Any]]], fresh: dict[str, list[dict[str, Any]]], first: date
) -> dict[str, list[dict[str, Any]]]:
    """Return known steps with those that were found in snapshots from a day on."""
    found = {name: [one for one in steps if one["until"] <= first.isoformat()]
             for name, steps in known.items()}  # fmt: skip
    for name, steps in fresh.items():
        found[name] = [*found.get(name, ()), *steps]
    return dict(sorted((name, steps) for name, steps in found.items() if steps))


def as_text(since: date, until: date, models: dict[str, list[dict[str, Any]]]) -> str:
    """Return the file's text, one line for each model."""
    lines = (
        f"{json.dumps(name)}:{json.dumps(steps, sort_keys=True, separators=(',', ':'))}"
        for name, steps in models.items()
    )
    head = f'{{"since":"{since}","until":"{until}","models":{{\n'
    return head + ",\n".join(lines) + "\n}}\n"


def read_wheel(wheel: Path, day: date) -> Snapshot:
    """Return the list in a release."""
    with zipfile.ZipFile(wheel) as archive:
        content = json.loads(archive.read(LIST_IN_WHEEL))
    return Snapshot(day, wheel.name.split("-")[1], select_models(content).others)


def download(pip: Path, day: date, folder: Path) -> Path:
    """Download the newest release on a day, without its dependencies, and return its path."""
    place = folder / day.isoformat()
    command = [str(pip), "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    prior = ["--uploaded-prior-to", f"{day}T00:00:00Z"]
    subprocess.run([*command, *prior, "--dest", str(place), "litellm"], check=True)
    return next(place.glob("litellm-*.whl"))


def newer_pip(folder: Path) -> Path:
    """Install a pip that knows ``--uploaded-prior-to`` in an environment of its own."""
    venv.create(folder, with_pip=True)
    pip = folder / ("Scripts/pip.exe" if sys.platform == "win32" else "bin/pip")
    python = pip.with_name("python.exe" if sys.platform == "win32" else "python")
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--upgrade", "pip>=26"], check=True
    )
    return pip


def update(path: Path) -> list[str]:
    """Add what has changed since the file was made; return a line for each new step.

    A price is known to last when the next snapshot has it, too; so the last two that were looked at
    before are looked at again.
    """
    content = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known: dict[str, list[dict[str, Any]]] = content.get("models", {})
    today = datetime.now(UTC).date()
    wanted = list(days(FIRST, today))
    if content:
        before = [day for day in wanted if day.isoformat() <= content["until"]]
        wanted = [*before[-2 * _AT_LEAST :], *wanted[len(before) :]]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pip = newer_pip(folder / "pip")
        snapshots = [read_wheel(download(pip, day, folder), day) for day in wanted]
    models = merged(known, steps_of(snapshots), wanted[0])
    path.write_text(as_text(FIRST, wanted[-1], models), encoding="utf-8", newline="\n")
    return [
        f"step     {name}: {steps[-1]['until']}"
        for name, steps in models.items()
        if len(steps) != len(known.get(name, ()))
    ]
