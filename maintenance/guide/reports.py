"""The page of JSON output, generated from the JSON Schemas with which tests validate it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Schema = dict[str, Any]

INTRODUCTION = """\
# JSON

Each command below prints one JSON value on standard output, as UTF-8 with keys in alphabetical
order. Warnings go to stderr; the exit code says whether it worked. Each section follows from a JSON
Schema (draft 2020-12) in [schemas](schemas), and the tests hold the program to it. A field may be
added in a later version; none is renamed.

What holds everywhere:

- **Money** is in US dollars. An amount includes no web searches, which have fields of their own.
- **Times** such as `2026-03-01T12:00:00.050Z` are in UTC. Dates without a time are local days, in
  the zone of `--timezone`.
- **Tokens** are counts. `totalTokens` is the sum of input, output, cache writes and cache reads.
- **A model without a known price** adds nothing to an amount. `missingPricing` marks it, and
  `unpricedModels` (reports) or `unpriced_models` (`stats`) names it.

Names follow the programs that scripts were written for, so they are not uniform: reports have
[ccusage](https://github.com/ryoppippi/ccusage)'s (`totalCost`), `live` has claude-usage's and
`stats` toktrack's (`total_cost`). What looks odd and stays so for that reason:

- A day's cost is `totalCost`, a model's `cost`, a block's and a single answer's `costUSD`.
- A block has `cacheCreationInputTokens` in `tokenCounts`, every other report `cacheCreationTokens`.
- `costUSD` of a block is an integer where it is a whole number of dollars.
- `costUSD` of a single answer (`session --id`) is what the log recorded, 0 where it recorded
  nothing; `totalCost` beside it follows `--mode`.
- A report by project has `projects` in place of its rows, but an empty one keeps the empty list.
- `session --id` of a session that is not known prints `null`.
- `--no-cost` leaves out `cost`, `costUSD`, `totalCost` and `webSearchCost`, but not `costPerHour`.
- `--breakdown`, `--compact` and `--color` change the table, not the JSON. `--offline` changes no
  shape.
"""


def page(folder: Path) -> str:
    """Return the page.

    Args:
        folder: Where the schemas are.
    """
    return "\n".join(_lines(folder))


def _lines(folder: Path) -> Iterator[str]:
    yield INTRODUCTION
    schemas = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
    names = {schema["$id"].rpartition("/")[2] for schema in schemas}
    yield from (f"- [{schema['title']}](#{anchor(schema['title'])})" for schema in ordered(schemas))
    yield ""
    for schema in ordered(schemas):
        name = schema["$id"].rpartition("/")[2]
        yield f"## {schema['title']}\n"
        yield f"{schema['description']}\n"
        yield "```"
        yield from schema["x-commands"]
        yield "```\n"
        yield f"Schema: [{name}](schemas/{name})\n"
        yield from _object(schema, schema, "", frozenset())
    if not names:
        msg = f"there is no schema in {folder}"
        raise ValueError(msg)


def anchor(title: str) -> str:
    """Return GitHub's anchor of a heading."""
    kept = (letter for letter in title.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


def ordered(schemas: list[Schema]) -> list[Schema]:
    """Return the schemas in the order of the page."""
    return sorted(schemas, key=lambda schema: (schema["x-order"], schema["title"]))


def _object(schema: Schema, root: Schema, place: str, seen: frozenset[str]) -> Iterator[str]:
    yield "| field | type | meaning |\n|---|---|---|"
    yield from _rows(schema, root, place, seen)
    yield ""


def _rows(schema: Schema, root: Schema, place: str, seen: frozenset[str]) -> Iterator[str]:
    for variant in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found = _followed(variant, root)
        required = frozenset(found.get("required", ()))
        for name, said in found.get("properties", {}).items():
            part = _followed(said, root)
            told = place + name
            meaning = said.get("description") or part.get("description", "")
            optional = "" if name in required else " *May be absent.*"
            row = f"| `{told}` | {_type(part, root)} | {_cell(meaning)}{optional} |"
            yield row
            yield from _inside(part, root, told, seen)


def _inside(part: Schema, root: Schema, told: str, seen: frozenset[str]) -> Iterator[str]:
    if "items" in part:
        yield from _rows(_followed(part["items"], root), root, f"{told}[].", seen)
    elif isinstance(part.get("additionalProperties"), dict):
        inner = _followed(part["additionalProperties"], root)
        rest = inner.get("items", inner)
        mark = "[]." if "items" in inner else "."
        yield from _rows(_followed(rest, root), root, f"{told}.*{mark}", seen)
    else:
        yield from _rows(part, root, f"{told}.", seen)


def _followed(schema: Schema, root: Schema) -> Schema:
    """Return a schema, or the one it refers to."""
    if "$ref" not in schema:
        return schema
    found: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


def _type(part: Schema, root: Schema) -> str:
    if "enum" in part:
        return " or ".join(f"`{json.dumps(value)}`" for value in part["enum"])
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    several = part.get("oneOf") or part.get("anyOf")
    if several:
        return " or ".join(dict.fromkeys(_type(_followed(one, root), root) for one in several))
    kinds = part.get("type", "any value")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "items" in part and "array" in kinds:
        inner = _followed(part["items"], root)
        kinds = [f"array of {_type(inner, root)}" if k == "array" else k for k in kinds]
    return " or ".join(kinds)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
